"""The written text: one rule, one test."""

from __future__ import annotations

import collections
import subprocess
import sys
import zoneinfo
from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest
import pytz
from BTrees.IIBTree import IITreeSet
from BTrees.Length import Length
from BTrees.OOBTree import OOBTree
from persistent import Persistent
from zope.component import getGlobalSiteManager
from zope.i18nmessageid import MessageFactory
from zope.interface import Interface
from zope.interface import directlyProvides
from zope.interface.interfaces import IInterface

from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import PickleRefused
from zope.fssync.interfaces import IAllowedGlobal
from zope.fssync.limits import Limits
from zope.fssync.xmlpickle import dumps
from zope.fssync.xmlpickle import loads

HEAD = '<?xml version="1.0" encoding="utf-8" ?>\n'


def text(obj: object) -> str:
    written = dumps(obj).decode()
    assert written.startswith(HEAD)
    return written[len(HEAD) :]


class Plain:
    def __init__(self, **attributes: Any) -> None:
        self.__dict__.update(attributes)


class Stored(Persistent):
    pass


class Slotted:
    __slots__ = ("a", "b")
    a: int


class Names(dict[str, Any]):
    pass


class Words(list[str]):
    pass


Pair = collections.namedtuple("Pair", "left right")


@pytest.fixture(autouse=True)
def allowed() -> Iterator[None]:
    registry = getGlobalSiteManager()
    classes = (Plain, Stored, Slotted, Names, Words, Pair)
    for cls in classes:
        name = f"{cls.__module__}.{cls.__name__}"
        registry.registerUtility(cls, IAllowedGlobal, name)
    yield
    for cls in classes:
        name = f"{cls.__module__}.{cls.__name__}"
        registry.unregisterUtility(cls, IAllowedGlobal, name)


@pytest.mark.parametrize(
    ("value", "element"),
    [
        (None, "<none/>"),
        (True, "<true/>"),
        (False, "<false/>"),
        (-1, "<int>-1</int>"),
        (2147483647, "<int>2147483647</int>"),
        (2147483648, "<long>2147483648</long>"),
        (-2147483649, "<long>-2147483649</long>"),
        (0.1, "<float>0.1</float>"),
        (float("-inf"), "<float>-inf</float>"),
        ("", "<unicode></unicode>"),
        ("Grüße 中 \U0001f600", "<unicode>Grüße 中 \U0001f600</unicode>"),
        ("a & b", "<unicode><![CDATA[a & b]]></unicode>"),
        ("<b>", "<unicode><![CDATA[<b>]]></unicode>"),
        ("a > b", "<unicode>a > b</unicode>"),
        ("a]]>b", "<unicode>a]]&gt;b</unicode>"),
        ("<a]]>&", "<unicode>&lt;a]]&gt;&amp;</unicode>"),
        ("a\r\nb", "<unicode>a&#x0d;\nb</unicode>"),
        ("a<\r", "<unicode>a&lt;&#x0d;</unicode>"),
        ("a\0b", '<unicode encoding="base64">YQBi</unicode>'),
        ("\ud800", '<unicode encoding="base64">7aCA</unicode>'),
        (" \t\n", "<unicode> \t\n</unicode>"),
        (b"", '<string encoding="base64"></string>'),
        (b"abc", '<string encoding="base64">YWJj</string>'),
    ],
)
def test_simple_values_are_one_line(value: object, element: str) -> None:
    assert text(value) == f"<pickle> {element} </pickle>\n"
    assert repr(loads(dumps(value))) == repr(value)


def test_long_bytes_are_lines_of_76() -> None:
    lines = text(bytes(range(256)) * 2).splitlines()
    assert {len(line) for line in lines[1:-1]} == {76}
    assert loads(dumps(bytes(1000))) == bytes(1000)


def test_huge_int_survives() -> None:
    value = -(7**20_000)
    assert loads(dumps(value)) == value


def test_dictionary_layout() -> None:
    assert text({"key": 1, "x": [], 2: {}}) == (
        "<pickle>\n"
        "  <dictionary>\n"
        "    <item>\n"
        "      <key> <int>2</int> </key>\n"
        "      <value>\n"
        "        <dictionary />\n"
        "      </value>\n"
        "    </item>\n"
        '    <item key="key">\n'
        "        <int>1</int>\n"
        "    </item>\n"
        "    <item>\n"
        "      <key> <unicode>x</unicode> </key>\n"
        "      <value>\n"
        "        <list />\n"
        "      </value>\n"
        "    </item>\n"
        "  </dictionary>\n"
        "</pickle>\n"
    )


@pytest.mark.parametrize(
    ("key", "attribute"),
    [
        ("ab", True),
        ("_1", True),
        ("x" * 41, True),
        ("x", False),
        ("x" * 42, False),
        ("ab\n", False),
        ("äb", False),
        ("a.b", False),
    ],
)
def test_identifiers_are_key_attributes(key: str, attribute: bool) -> None:
    assert (f'<item key="{key}">' in text({key: 1})) is attribute
    assert loads(dumps({key: 1})) == {key: 1}


def test_plain_object_has_the_short_form() -> None:
    assert text(Plain(b=1, aa=Plain)) == (
        "<pickle>\n"
        "  <object>\n"
        "    <klass>\n"
        f'      <global name="Plain" module="{__name__}"/>\n'
        "    </klass>\n"
        "    <attributes>\n"
        '      <attribute name="aa">\n'
        f'          <global name="Plain" module="{__name__}"/>\n'
        "      </attribute>\n"
        "      <attribute>\n"
        "        <name> <unicode>b</unicode> </name>\n"
        "        <value> <int>1</int> </value>\n"
        "      </attribute>\n"
        "    </attributes>\n"
        "  </object>\n"
        "</pickle>\n"
    )


def test_persistent_object_has_the_long_form() -> None:
    stored = Stored()
    stored.data = {}
    stored._v_volatile = 1
    assert text(stored) == (
        "<pickle>\n"
        "  <initialized_object>\n"
        "    <klass>\n"
        '      <global name="__newobj__" module="copyreg"/>\n'
        "    </klass>\n"
        "    <arguments>\n"
        "      <tuple>\n"
        f'        <global name="Stored" module="{__name__}"/>\n'
        "      </tuple>\n"
        "    </arguments>\n"
        "    <state>\n"
        "      <dictionary>\n"
        '        <item key="data">\n'
        "            <dictionary />\n"
        "        </item>\n"
        "      </dictionary>\n"
        "    </state>\n"
        "  </initialized_object>\n"
        "</pickle>\n"
    )
    assert loads(dumps(stored)).data == {}


def test_item_iterators_have_their_own_elements() -> None:
    assert text(collections.deque([1], 3)) == (
        "<pickle>\n"
        "  <initialized_object>\n"
        "    <klass>\n"
        '      <global name="deque" module="collections"/>\n'
        "    </klass>\n"
        "    <arguments>\n"
        "      <tuple>\n"
        "        <tuple />\n"
        "        <int>3</int>\n"
        "      </tuple>\n"
        "    </arguments>\n"
        "    <listitems>\n"
        "      <int>1</int>\n"
        "    </listitems>\n"
        "  </initialized_object>\n"
        "</pickle>\n"
    )
    assert (
        "    <dictitems>\n"
        '      <item key="aa">\n'
        "          <int>1</int>\n"
        "      </item>\n"
        "    </dictitems>\n"
    ) in text(collections.OrderedDict(aa=1))


_SLOTTED = Slotted()
_SLOTTED.a = 1


@pytest.mark.parametrize(
    "value",
    [
        {1, 2, "a"},
        frozenset([b"a"]),
        collections.OrderedDict([("b", 1), ("a", 2)]),
        collections.defaultdict(list, {"a": [1]}),
        collections.Counter("aab"),
        collections.deque([1, 2], 5),
        Names(a=1),
        Words(["a"]),
        Pair(1, 2),
        bytearray(b"\0a\xff"),
        1 + 2j,
        range(3),
        slice(1, 2),
        UUID(int=5),
        Fraction(1, 3),
        datetime(2020, 1, 2, tzinfo=UTC),
        datetime(2020, 1, 2, tzinfo=zoneinfo.ZoneInfo("UTC")),
        pytz.timezone("Europe/Berlin").localize(datetime(2020, 1, 2)),
        datetime(2020, 1, 2, tzinfo=pytz.FixedOffset(60)),
        MessageFactory("domain")("text", default="Text"),
        ...,
    ],
    ids=lambda value: type(value).__name__,
)
def test_values_of_many_classes_survive(value: Any) -> None:
    again = loads(dumps(value))
    assert again == value
    assert type(again) is type(value)
    assert dumps(again) == dumps(value)


def test_order_of_an_ordered_dictionary_survives() -> None:
    value = collections.OrderedDict([("b", 1), ("a", 2)])
    assert list(loads(dumps(value))) == ["b", "a"]


def test_slots_survive() -> None:
    assert loads(dumps(_SLOTTED)).a == 1


def test_shared_instance_has_an_id() -> None:
    plain = Plain(aa=1)
    written = text([plain, plain])
    assert '    <object id="o0">\n' in written
    first, second = loads(dumps([plain, plain]))
    assert first is second


def test_ids_count_in_the_order_of_references() -> None:
    first: list[object] = [1]
    second: list[object] = []
    assert text([first, second, second, first]) == (
        "<pickle>\n"
        "  <list>\n"
        '    <list id="o1">\n'
        "      <int>1</int>\n"
        "    </list>\n"
        '    <list id="o0" />\n'
        '    <reference id="o0"/>\n'
        '    <reference id="o1"/>\n'
        "  </list>\n"
        "</pickle>\n"
    )


def test_recursive_objects_survive() -> None:
    names = Names()
    plain = Plain(names=names)
    names["me"] = names
    names["plain"] = plain
    again = loads(dumps(names))
    assert again["me"] is again
    assert again["plain"].names is again


def test_tuple_that_contains_itself_survives() -> None:
    inner: list[object] = []
    outer = (inner,)
    inner.append(outer)
    # The list is what recurs; it carries the id.
    again = loads(dumps(outer))
    assert again[0][0][0] is again[0]


def test_sharing_of_equal_values_leaves_no_trace() -> None:
    one = ["a b", "a b", (1, 2), (1, 2), b"x", b"x", datetime(2020, 1, 1)] * 2
    other = loads(dumps(one))
    apart = [loads(dumps(item)) for item in one]
    assert dumps(one) == dumps(other) == dumps(apart)


def test_insertion_order_leaves_no_trace() -> None:
    keys = [None, 1, 2.5, "a", b"a", "b", ("t", 1), ("t", "u"), frozenset([1])]
    forward = dict.fromkeys(keys)
    backward = dict.fromkeys(reversed(keys))
    assert dumps(forward) == dumps(backward)
    assert dumps(set(forward)) == dumps(set(backward))


def test_history_of_a_btree_leaves_no_trace() -> None:
    numbers = list(range(500))
    one, other = OOBTree(), OOBTree()
    for number in numbers:
        one[number] = number
        other[499 - number] = 499 - number
    assert dumps(one) == dumps(other)
    again = loads(dumps(one))
    assert list(again.items()) == list(one.items())
    assert list(loads(dumps(IITreeSet(numbers)))) == numbers
    assert loads(dumps(Length(3)))() == 3
    assert len(loads(dumps(OOBTree()))) == 0


SCRIPT = """
import sys
from zope.fssync.xmlpickle import dumps
words = ["w%d" % n for n in range(100)]
value = [set(words), frozenset(words), {w: set(words[:5]) for w in words}]
sys.stdout.buffer.write(dumps(value))
"""


def test_hash_seed_leaves_no_trace() -> None:
    written = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(written) == 1


def test_persistent_ids_take_the_place_of_objects() -> None:
    plain = Plain()
    ids = {id(plain): "/a/ü"}
    written = dumps([plain, Plain], lambda obj: ids.get(id(obj)))
    assert loads(written, lambda name: name) == ["/a/ü", Plain]
    ids = {id(plain): ".."}
    written = dumps([plain], lambda obj: ids.get(id(obj)))
    assert b"    <persistent> <string>..</string> </persistent>\n" in written


class Outside:
    """Cannot be found by its name."""


Outside.__qualname__ = "Inside"


class Local:
    def __reduce__(self) -> Any:
        raise TypeError("not me")


@pytest.mark.parametrize(
    "value",
    [
        (number for number in "ab"),
        sys.stdout.buffer,
        sys,
        lambda: None,
        Local(),
        Local().__reduce__,
        Outside,
    ],
    ids=lambda value: type(value).__name__,
)
def test_invalid_data_is_refused(value: object) -> None:
    with pytest.raises(PickleRefused, match=r"cannot be written"):
        dumps({"a": value})


def test_security_proxy_is_refused() -> None:
    from zope.security.checker import ProxyFactory

    proxy = ProxyFactory(Plain())
    with pytest.raises(PickleRefused, match="proxy"):
        dumps([proxy])


def test_database_connection_is_refused() -> None:
    from ZODB.DB import DB

    database = DB(None)
    connection = database.open()
    try:
        with pytest.raises(PickleRefused, match="cannot be written"):
            dumps({"a": connection})
    finally:
        connection.close()
        database.close()


class IMarker(Interface):
    pass


def test_interfaces_of_an_object_survive() -> None:
    registry = getGlobalSiteManager()
    name = f"{__name__}.IMarker"
    registry.registerUtility(IMarker, IInterface, name)
    try:
        plain = Plain()
        directlyProvides(plain, IMarker)
        assert IMarker.providedBy(loads(dumps(plain)))
        assert loads(dumps([IMarker])) == [IMarker]
    finally:
        registry.unregisterUtility(IMarker, IInterface, name)


def test_same_bytes_before_and_after_the_database() -> None:
    from transaction import commit
    from ZODB.DB import DB

    stored = Stored()
    text = "a b"
    stored.texts = [text, text, ("a", text), ("a", text)]
    stored.tree = OOBTree(dict.fromkeys(range(100), text))
    stored.again = stored.tree
    before = dumps(stored)
    database = DB(None)
    connection = database.open()
    connection.root()["stored"] = stored
    commit()
    connection.close()
    connection = database.open()
    connection.cacheMinimize()
    assert dumps(connection.root()["stored"]) == before
    connection.close()
    database.close()


def test_nesting_is_limited() -> None:
    value: list[Any] = []
    for _ in range(10_000):
        value = [value]
    with pytest.raises(LimitExceeded, match="too deeply"):
        dumps(value)


def test_doubling_tuples_are_limited() -> None:
    value: tuple[Any, ...] = (1,)
    for _ in range(40):
        value = (value, value)
    with pytest.raises(LimitExceeded, match="too large"):
        dumps(value, limits=Limits(pickle_elements=10_000))


def test_the_generation_of_a_registry_is_no_state():
    from zope.component.persistentregistry import PersistentAdapterRegistry

    registry = PersistentAdapterRegistry()
    before = dumps(registry)
    registry.changed(registry)
    assert dumps(registry) == before
