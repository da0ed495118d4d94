"""Documents that are no data are refused, and nothing but refused."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from zope.component import getGlobalSiteManager

from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import PickleRefused
from zope.fssync.errors import UnsafeData
from zope.fssync.interfaces import IAllowedGlobal
from zope.fssync.limits import Limits
from zope.fssync.xmlpickle import dumps
from zope.fssync.xmlpickle import loads


def document(body: str) -> bytes:
    return f'<?xml version="1.0" encoding="utf-8" ?>\n<pickle>{body}</pickle>'.encode()


def call(name: str, module: str, arguments: str, rest: str = "") -> str:
    return (
        f'<initialized_object><klass><global name="{name}" module="{module}"/></klass>'
        f"<arguments><tuple>{arguments}</tuple></arguments>{rest}</initialized_object>"
    )


class Guarded:
    """An allowed class with slots, beside one that nobody allowed."""

    __slots__ = ("_p_jar", "value")


class Unknown:
    pass


@pytest.fixture(autouse=True)
def allowed() -> Iterator[None]:
    registry = getGlobalSiteManager()
    name = f"{__name__}.Guarded"
    registry.registerUtility(Guarded, IAllowedGlobal, name)
    yield
    registry.unregisterUtility(Guarded, IAllowedGlobal, name)


@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("system", "os"),
        ("system", "posix"),
        ("Popen", "subprocess"),
        ("eval", "builtins"),
        ("eval", "__builtin__"),
        ("exec", "builtins"),
        ("getattr", "builtins"),
        ("type", "builtins"),
        ("file", "__builtin__"),
        ("import_module", "importlib"),
        ("Unknown", __name__),
        ("Guarded.__init__", __name__),
        ("_reconstructor.__globals__", "copyreg"),
        ("sys.modules", "decimal"),
        ("", ""),
    ],
)
def test_globals_that_nobody_allowed_are_refused(name: str, module: str) -> None:
    for body in (
        f'<global name="{name}" module="{module}"/>',
        call(name, module, "<string>true</string>"),
    ):
        with pytest.raises(PickleRefused, match="not allowed"):
            loads(document(body))


def test_nothing_is_imported_for_a_refused_name() -> None:
    sys.modules.pop("this", None)
    with pytest.raises(PickleRefused):
        loads(document('<global name="s" module="this"/>'))
    assert "this" not in sys.modules


INSTANCE = f'<global name="Unknown" module="{__name__}"/>'
SET = call("set", "builtins", "<list/>")
GUARDED = f'<global name="Guarded" module="{__name__}"/>'
STATE = "<state><dictionary/></state>"


@pytest.mark.parametrize(
    "body",
    [
        call("__newobj__", "copy_reg", INSTANCE),
        call("_reconstructor", "copy_reg", INSTANCE),
        f"<object><klass>{INSTANCE}</klass><attributes/></object>",
        "<object><klass><string>x</string></klass><attributes/></object>",
        f"<object><klass>{SET}</klass><attributes/></object>",
        # Constructors that would run long or allocate at will
        call("bytes", "builtins", "<int>99999999999</int>"),
        call("bytearray", "builtins", "<int>99999999999</int>"),
        call("list", "builtins", call("range", "builtins", "<int>99999999999</int>")),
        call("Fraction", "fractions", "<string>1e999999999</string>"),
        call("str", "builtins", "<list/>"),
        call("int", "builtins", "<list/>"),
        call(
            "__newobj__",
            "copyreg",
            '<global name="bytes" module="builtins"/><int>99999999999</int>',
        ),
        # Gadgets
        call("GAR", "zope.component.globalregistry", "<list/><string>sort</string>"),
        call(
            "GAR",
            "zope.component.globalregistry",
            '<global name="base" module="zope.component.globalregistry"/>'
            "<string>registerUtility</string>",
        ),
        call("defaultdict", "collections", "<global name='_p' module='pytz'/>"),
        # State for what is no new instance
        call(
            "GAR",
            "zope.component.globalregistry",
            '<global name="base" module="zope.component.globalregistry"/>'
            "<string>adapters</string>",
            STATE,
        ),
        call("_UTC", "pytz", "", "<state><dictionary/></state>"),
        # Attributes that make another object of it
        call(
            "__newobj__",
            "copyreg",
            GUARDED,
            '<state><tuple><none/><dictionary><item key="__class__">'
            '<global name="set" module="builtins"/></item></dictionary></tuple>'
            "</state>",
        ),
        call(
            "__newobj__",
            "copyreg",
            GUARDED,
            '<state><tuple><none/><dictionary><item key="_p_jar"><none/></item>'
            "</dictionary></tuple></state>",
        ),
        call("set", "builtins", "<list/>", "<listitems><int>1</int></listitems>"),
        call("set", "builtins", "<list/>", "<dictitems/>"),
        # Trees that would never end
        call(
            "OOBucket",
            "BTrees.OOBTree",
            "",
            "<state><tuple><tuple/><int>5</int></tuple></state>",
        ),
        call("OOBTree", "BTrees.OOBTree", "", "<state><int>1</int></state>"),
        call(
            "OOBTree",
            "BTrees.OOBTree",
            "",
            "<state><tuple><tuple><int>1</int></tuple><int>2</int></tuple></state>",
        ),
        # Malformed
        "",
        "<int/>",
        "<int>x</int>",
        "<int>1</int><int>2</int>",
        "<float>x</float>",
        "<list>text</list>",
        "<list><int>1</int>text</list>",
        "<none>text</none>",
        "<string>ä</string>",
        '<string encoding="zip">x</string>',
        '<string encoding="base64">x</string>',
        '<unicode encoding="base64">/w==</unicode>',
        "<string><int>1</int></string>",
        "<dictionary><int>1</int></dictionary>",
        "<dictionary><item><key><int>1</int></key></item></dictionary>",
        "<dictionary><item><key><list/></key><value><none/></value></item></dictionary>",
        "<list><item key='aa'><int>1</int></item></list>",
        "<key><int>1</int></key>",
        "<unknown/>",
        "<global/>",
        "<reference/>",
        '<reference id="o0"/>',
        '<reference id="ox"/>',
        '<list><list id="o0"/><list id="o0"/></list>',
        '<tuple id="o0"><list><reference id="o0"/></list></tuple>',
        "<persistent><int>1</int></persistent>",
        "<persistent><string>..</string></persistent>",
        "<initialized_object/>",
        "<initialized_object><klass/></initialized_object>",
        "<object><attributes/></object>",
        "<pickle/>",
        "<state><int>1</int></state>",
        "<int>&lt;</int>",
        "<string>&undefined;</string>",
        "<list>",
    ],
)
def test_invalid_data_is_refused(body: str) -> None:
    with pytest.raises(PickleRefused):
        loads(document(body))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"not xml",
        b"<int>1</int>",
        b'<?xml version="1.0" encoding="latin-1"?><pickle><none/></pickle>',
        b'<?xml version="1.0"?><!DOCTYPE pickle><pickle><none/></pickle>',
        b'<!DOCTYPE p [<!ENTITY a "b">]><pickle><string>&a;</string></pickle>',
        b'<!DOCTYPE p SYSTEM "file:///etc/passwd"><pickle><none/></pickle>',
        b"<pickle><none/></pickle><pickle><none/></pickle>",
    ],
)
def test_other_documents_are_refused(data: bytes) -> None:
    with pytest.raises(PickleRefused):
        loads(data)


def test_two_possible_targets_of_a_lost_reference_are_refused() -> None:
    one = (
        '<object><klass><global name="UserDict" module="collections"/></klass>'
        "<attributes/></object>"
    )
    with pytest.raises(PickleRefused, match="2 objects could be meant"):
        loads(document(f'<list>{one}{one}<reference id="o0"/></list>'))


def test_bucket_that_follows_itself_is_refused() -> None:
    body = (
        '<initialized_object id="o0"><klass><global name="OOBucket" '
        'module="BTrees.OOBTree"/></klass><arguments><tuple/></arguments><state>'
        '<tuple><tuple/><reference id="o0"/></tuple></state></initialized_object>'
    )
    with pytest.raises(PickleRefused, match="BTree"):
        loads(document(body))


def test_nesting_is_limited() -> None:
    body = "<list>" * 100_000 + "</list>" * 100_000
    with pytest.raises(LimitExceeded, match="nested"):
        loads(document(body))


def test_nesting_by_references_is_limited() -> None:
    parts = ['<tuple id="o0"><int>1</int></tuple>']
    for number in range(1, 100_000):
        parts.append(f'<tuple id="o{number}"><reference id="o{number - 1}"/></tuple>')
    with pytest.raises(LimitExceeded, match="nested"):
        loads(document(f"<list>{''.join(parts)}</list>"))


def test_doubling_by_references_is_limited() -> None:
    parts = ['<tuple id="o0"><int>1</int></tuple>']
    for number in range(1, 100):
        reference = f'<reference id="o{number - 1}"/>'
        parts.append(f'<tuple id="o{number}">{reference}{reference}</tuple>')
    with pytest.raises(LimitExceeded, match="repeats"):
        loads(document(f"<list>{''.join(parts)}</list>"))


@pytest.mark.parametrize(
    "use",
    [
        call("Message", "zope.i18nmessageid.message", "{}"),
        call("str", "builtins", "{}"),
        call("Provides", "zope.interface.declarations", "{}{}"),
        "<persistent>{}</persistent>",
        "<object><klass>{}</klass><attributes/></object>",
        "<initialized_object><klass>{}</klass><arguments><tuple/></arguments>"
        "</initialized_object>",
    ],
)
def test_doubling_lists_are_never_spelled_out(use: str) -> None:
    parts = ['<list id="o0"/>']
    for number in range(1, 100):
        reference = f'<reference id="o{number - 1}"/>'
        parts.append(f'<list id="o{number}">{reference}{reference}</list>')
    parts.append(use.replace("{}", '<reference id="o99"/>'))
    with pytest.raises(PickleRefused):
        loads(document(f"<list>{''.join(parts)}</list>"), lambda name: name)


def test_elements_and_size_are_limited() -> None:
    data = document("<list>" + "<none/>" * 1000 + "</list>")
    with pytest.raises(LimitExceeded, match="elements"):
        loads(data, limits=Limits(pickle_elements=1000))
    with pytest.raises(LimitExceeded, match="bytes"):
        loads(data, limits=Limits(pickle_size=1000))


def test_huge_number_is_refused() -> None:
    with pytest.raises(PickleRefused):
        loads(document(f"<int>{'9' * 100_000}</int>"))


def test_errors_of_a_loader_reach_the_caller() -> None:
    class Forbidden(Exception):
        pass

    def load(name: str) -> object:
        raise Forbidden(name)

    with pytest.raises(Forbidden):
        loads(document("<persistent><string>/a</string></persistent>"), load)


def test_refusal_names_the_global_and_how_to_allow_it() -> None:
    with pytest.raises(PickleRefused) as caught:
        loads(document('<global name="Folder" module="zope.app.folder.folder"/>'))
    assert "zope.app.folder.folder.Folder" in caught.value.message
    assert 'component="zope.site.folder.Folder"' in str(caught.value.advice)


scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters())
    | st.binary()
)
keys = st.recursive(scalars, lambda inner: st.tuples(inner, inner), max_leaves=4)
values = st.recursive(
    keys,
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(keys, inner)
        | st.sets(keys)
        | st.frozensets(keys)
    ),
    max_leaves=20,
)


@pytest.mark.slow
@given(values)
def test_plain_data_survives(value: object) -> None:
    written = dumps(value)
    again = loads(written)
    assert again == value
    assert dumps(again) == written


@given(st.data())
def test_damaged_documents_are_refused_or_read(data: st.DataObject) -> None:
    whole = dumps([{"ab": (1, "x"), "c": {1}}, b"xyz", 1.5, None, Guarded])
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + 30)))
    filling = data.draw(st.sampled_from([b"", b"<", b"</list>", b"<tuple>", b"\0"]))
    try:
        loads(whole[:start] + filling + whole[end:])
    except UnsafeData:
        pass
