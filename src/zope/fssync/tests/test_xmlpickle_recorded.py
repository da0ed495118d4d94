"""What release 3.6.0 wrote is read, and read back after writing it anew."""

from __future__ import annotations

import importlib
import math
import posixpath
import string
from collections import OrderedDict
from collections import UserDict
from collections.abc import Iterator
from datetime import date
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult

import pytest
import pytz
from BTrees.OOBTree import OOBTree
from persistent import Persistent
from persistent.mapping import PersistentMapping
from zope.component import getGlobalSiteManager

from zope.fssync.errors import PickleRefused
from zope.fssync.interfaces import IAllowedGlobal
from zope.fssync.xmlpickle import canonical
from zope.fssync.xmlpickle import dumps
from zope.fssync.xmlpickle import loads

DATA = Path(__file__).parent / "data" / "xmlpickle"


class Page(Persistent):
    """Takes the place of zope.app.zptpage.zptpage.ZPTPage."""

    __name__: str
    _text: str
    related: dict[str, Any]


ALLOWED = (
    "posixpath.join",
    "string.Template",
    "urllib.parse.SplitResult",
    "zope.app.file.file.File",
    "zope.dublincore.annotatableadapter.ZDCAnnotationData",
    "zope.schema.interfaces.IIterableSource",
    "zope.site.site.LocalSiteManager",
    "zope.site.site.SiteManagementFolder",
    "zope.site.site._LocalAdapterRegistry",
)


@pytest.fixture(autouse=True)
def allowed() -> Iterator[None]:
    utilities = {
        "zope.app.zptpage.zptpage.ZPTPage": Page,
        f"{__name__}.Page": Page,
    }
    for dotted in ALLOWED:
        module, _, name = dotted.rpartition(".")
        utilities[dotted] = getattr(importlib.import_module(module), name)
    registry = getGlobalSiteManager()
    for dotted, utility in utilities.items():
        registry.registerUtility(utility, IAllowedGlobal, dotted)
    yield
    for dotted, utility in utilities.items():
        registry.unregisterUtility(utility, IAllowedGlobal, dotted)


def read(name: str) -> bytes:
    return (DATA / f"{name}.xml").read_bytes()


EXPECTED: dict[str, Any] = {
    "containers.dict": {
        None: 7,
        4: "four",
        "a": 1,
        "b": 2,
        "not ident": 3,
        ("t", 1): 6,
        "u": 5,
    },
    "containers.emptydict": {},
    "containers.emptylist": [],
    "containers.emptytuple": (),
    "containers.list": [1, 2, 3],
    "containers.long": list(range(50)),
    "containers.nested": ((1, 2), [3, {4: 5}]),
    "containers.reserved": {"9x": 3, "_x": 2, "id": 1, "x" * 41: 4, "x" * 42: 5},
    "containers.shared": [["shared", "list"]] * 2,
    "containers.sharedident": ["identifier"] * 2,
    "containers.sharedstr": ["not an identifier"] * 2,
    "containers.sharedtuple": [(1, 2)] * 2,
    "containers.sharedunicode": ["uä"] * 2,
    "containers.tuple1": (1,),
    "containers.tuple3": (1, "b", "c"),
    "fault-key-final-newline": {"ab\n": 1},
    "objects.complex": 1 + 2j,
    "objects.date": date(2009, 3, 11),
    "objects.datetime": datetime(2009, 3, 11, 20, 4, 22, 97912),
    "objects.decimal": Decimal("1.50"),
    "objects.delta": timedelta(1, 2, 3),
    "objects.frozenset": frozenset([1]),
    "objects.func": posixpath.join,
    "objects.named": SplitResult("scheme", "host", "/path", "", ""),
    "objects.oldstyle": UserDict({"a": 1}),
    "objects.ordered": OrderedDict([("b", 1), ("a", 2)]),
    "objects.pdict": PersistentMapping({"k": "v"}),
    "objects.set": {"a"},
    "objects.tz": datetime(2009, 3, 11, tzinfo=pytz.utc),
    "scalars.bigint": 1099511627776,
    "scalars.byte": 255,
    "scalars.false": False,
    "scalars.float": 1.5,
    "scalars.huge": 1e308,
    "scalars.inf": math.inf,
    "scalars.int": 1048576,
    "scalars.long": 10**30,
    "scalars.maxint": 2147483647,
    "scalars.minint": -2147483648,
    "scalars.negative": -1,
    "scalars.neglong": -(10**20),
    "scalars.none": None,
    "scalars.one": 1,
    "scalars.short": 65535,
    "scalars.smalllong": 5,
    "scalars.tenth": 0.1,
    "scalars.third": 1 / 3,
    "scalars.tiny": 5e-324,
    "scalars.true": True,
    "scalars.zero": 0,
    "strings.amp": "a&b",
    "strings.backslash": "a\\nb",
    "strings.cdata": "a]]>b",
    "strings.cr": "a\rb",
    "strings.crlf": "a\r\nb",
    "strings.empty": "",
    "strings.gt": "a>b",
    "strings.high": b"\xe4\xff",
    "strings.longbinary": bytes(100),
    "strings.lt": "a<b",
    "strings.ltcdata": "<a]]>b",
    "strings.ltcr": "a<b\r",
    "strings.newline": "a\nb",
    "strings.nul": b"a\0b",
    "strings.plain": "plain",
    "strings.quote": '"\'"',
    "strings.spaces": "  two  ",
    "strings.tab": "a\tb",
    "strings.trailing": "a\n",
    "unicodes.amp": "&ä",
    "unicodes.astral": "\U0001f600",
    "unicodes.backslash": "a\\u0041\\b",
    "unicodes.bom": "\ufeffx",
    "unicodes.cjk": "中",
    "unicodes.cr": "a\rb",
    "unicodes.empty": "",
    "unicodes.lt": "<ä>",
    "unicodes.newline": "a\nb",
    "unicodes.nonchar": "\ufffe",
    "unicodes.nul": "a\0b",
    "unicodes.plain": "plain",
    "unicodes.surrogate": "\ud800",
    "unicodes.umlaut": "äö",
}


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_recorded_value_is_read(name: str) -> None:
    value = loads(read(name))
    assert value == EXPECTED[name]
    assert type(value) is type(EXPECTED[name])


@pytest.mark.parametrize(
    "name",
    sorted(
        path.stem
        for path in DATA.glob("*.xml")
        # One is no data, the registries in the other need their real bases.
        if path.stem not in ("fault-entries-calls-mkdir", "site")
    ),
)
def test_canonical_form_of_a_recording_is_a_fixed_point(name: str) -> None:
    once = canonical(read(name))
    assert canonical(once) == once


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in sorted(EXPECTED)
        if name.startswith("scalars.") and "bigint" not in name and "small" not in name
    ]
    + ["containers.list", "containers.nested", "containers.tuple1"]
    + ["containers.emptydict", "containers.emptylist", "containers.emptytuple"]
    + ["containers.recdict", "containers.recursive"]
    + ["objects.date", "objects.datetime", "objects.delta", "objects.cls"]
    + [name for name in sorted(EXPECTED) if name.startswith("unicodes.")],
)
def test_pickles_without_changes_have_the_recorded_bytes(name: str) -> None:
    assert canonical(read(name)) == read(name)


def test_negative_zero_and_not_a_number_survive() -> None:
    assert math.copysign(1, loads(read("scalars.negzero"))) == -1
    assert math.isnan(loads(read("scalars.nan")))


def test_recursive_containers_are_read() -> None:
    value = loads(read("containers.recursive"))
    assert value[0] is value
    mapping = loads(read("containers.recdict"))
    assert mapping["self"] is mapping


def test_shared_containers_stay_shared() -> None:
    first, second = loads(read("containers.shared"))
    assert first is second


@pytest.mark.parametrize("name", ["fault-shared-object", "objects.shared"])
def test_lost_target_of_a_reference_is_recovered(name: str) -> None:
    first, second = loads(read(name))
    assert first is second
    assert isinstance(first, string.Template)
    assert first.template == "shared"


def test_new_and_old_style_instances_are_read() -> None:
    (template,) = loads(read("objects.newstyle"))
    assert template.substitute(x=1) == "1"


def test_btree_is_read() -> None:
    tree = loads(read("objects.btree"))
    assert type(tree) is OOBTree
    assert dict(tree) == {"a": 1, "b": 2}


def test_class_and_interface_are_read() -> None:
    from zope.app.file.file import File
    from zope.schema.interfaces import IIterableSource

    assert loads(read("objects.cls")) is File
    assert loads(read("objects.sharedcls")) == [File, File]
    assert loads(read("objects.iface")) is IIterableSource


def test_dublin_core_is_read_and_written() -> None:
    annotations = loads(read("dublincore-umlauts"))
    assert annotations["Title"] == ("Lies mich: äöüß 中文",)
    assert loads(dumps(annotations))["Title"] == annotations["Title"]


def test_references_to_other_objects_are_asked_for() -> None:
    asked = []

    def load(name: str) -> object:
        asked.append(name)
        return f"object {name}"

    page = loads(read("page"), load)
    assert asked == ["..", "/pickles/scalars", "..", "/"]
    assert page.related["other"] == "object /pickles/scalars"
    assert page.related["page"] is page
    assert page._text.endswith("Grüße ]]&gt;</p>\n")


def test_references_survive_the_canonical_form() -> None:
    text = canonical(read("page"))
    assert b"<persistent> <string>/pickles/scalars</string> </persistent>" in text
    assert text.count(b"<persistent>") == 4


def test_site_manager_is_read_under_its_new_name() -> None:
    from zope.component import getSiteManager
    from zope.site.site import LocalSiteManager

    components = getSiteManager()
    objects = {
        "..": None,
        "/++etc++site": components,
        "/++etc++site/adapters": components.adapters,
        "/++etc++site/utilities": components.utilities,
    }
    manager = loads(read("site"), objects.__getitem__)
    assert type(manager) is LocalSiteManager
    assert list(manager) == ["default"]
    assert manager["default"].__parent__ is manager
    assert manager.adapters.__parent__ is manager


def test_call_of_a_function_is_refused() -> None:
    with pytest.raises(PickleRefused, match=r"posix\.mkdir"):
        loads(read("fault-entries-calls-mkdir"))
