"""Wrappers of contained objects lose no memory, whatever zope.container does."""

from __future__ import annotations

import gc
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import ZODB
import zope.interface
from persistent import Persistent
from zope.container.contained import ContainedProxy
from zope.container.contained import ContainedProxyBase
from zope.container.contained import DecoratorSpecificationDescriptor
from zope.container.contained import getProxiedObject
from zope.interface import Interface
from zope.interface import alsoProvides
from zope.interface import implementer
from zope.interface import providedBy
from zope.security.checker import NamesChecker
from zope.security.checker import ProxyFactory
from zope.security.checker import defineChecker
from zope.security.checker import undefineChecker
from zope.security.interfaces import ForbiddenAttribute
from zope.security.proxy import Proxy

import zope.app.fssync
from zope.app.fssync.hosts.toolkit import host as toolkit
from zope.app.fssync.hosts.toolkit import wrappers

REPORTS = (Path(*zope.app.fssync.__path__).parents[3] / "docs/upstream.rst").read_text()
PROGRAMS = re.findall(r"code-block:: python\n\n((?:    .*\n|\n)+)", REPORTS)

# The host is what applies the workaround.
assert toolkit.share_specifications is wrappers.share_specifications


class IFirst(Interface):
    """Of the class."""


class ISecond(Interface):
    """Of one object."""


@implementer(IFirst)
class Item(Persistent):
    pass


@implementer(IFirst)
class Plain:
    pass


def test_wrappers_of_like_objects_share_one_specification() -> None:
    assert providedBy(ContainedProxy(Item())) is providedBy(ContainedProxy(Item()))
    assert providedBy(ContainedProxy(Plain())) is providedBy(ContainedProxy(Plain()))


def test_the_specification_is_the_one_of_zope_container() -> None:
    marked = Item()
    alsoProvides(marked, ISecond)
    descriptor = DecoratorSpecificationDescriptor()
    for obj in (Item(), Plain(), marked):
        wrapper = ContainedProxy(obj)
        theirs = wrappers._original(descriptor, wrapper)
        assert list(providedBy(wrapper)) == list(theirs)
        assert list(providedBy(wrapper).__iro__) == list(theirs.__iro__)
    assert ISecond.providedBy(ContainedProxy(marked))
    assert not ISecond.providedBy(ContainedProxy(Item()))


def test_asking_wrappers_for_adapters_keeps_nothing() -> None:
    registry = zope.interface.adapter.AdapterRegistry()
    items = [ContainedProxy(Item()) for _ in range(200)]

    def ask() -> int:
        for each in items:
            registry.lookup1(providedBy(each), ISecond)
        gc.collect()
        return sys.getallocatedblocks()

    ask()
    before = ask()
    # A specification, and what an adapter registry keeps of it, are dozens each.
    assert ask() - before < 20 * len(items)


class Guarded(Plain):
    """What somebody else may read."""

    word = "read"
    other = "not read"


@pytest.fixture
def checker() -> Iterator[None]:
    defineChecker(Guarded, NamesChecker(("word",)))
    yield
    undefineChecker(Guarded)


@pytest.mark.usefixtures("checker")
@pytest.mark.parametrize("make", [wrappers.proxied, ProxyFactory])
def test_a_wrapper_is_guarded_as_its_object(make: Any) -> None:
    guarded = make(ContainedProxy(Guarded()))
    assert type(guarded) is Proxy
    assert guarded.word == "read"
    with pytest.raises(ForbiddenAttribute):
        _ = guarded.other
    with pytest.raises(ForbiddenAttribute):
        guarded.word = "written"


@pytest.mark.parametrize("make", [wrappers.proxied, ProxyFactory])
def test_plain_values_get_no_guard_or_one_that_forbids_all(make: Any) -> None:
    assert make(1) == 1
    assert type(make(1)) is int
    number = make(ContainedProxy(1))
    assert type(number) is Proxy
    with pytest.raises(ForbiddenAttribute):
        _ = number.real


@pytest.mark.usefixtures("checker")
def test_guarding_wrappers_keeps_nothing() -> None:
    wrapper = ContainedProxy(Guarded())
    before = sys.getallocatedblocks()
    for _ in range(1000):
        wrappers.proxied(wrapper)
    assert sys.getallocatedblocks() - before < 100


class Original(ContainedProxyBase):
    # A wrapper that reads and sets attributes in C.
    __slots__ = ()
    both = property(
        lambda self: "wrapper", lambda self, value: setattr(self, "it", value)
    )
    once = classmethod(lambda cls: "wrapper")
    word = "wrapper"


class Read(Original):
    # A wrapper that does so in Python.
    __slots__ = ()
    __getattribute__ = wrappers._get_attribute
    __setattr__ = wrappers._set_attribute
    __delattr__ = wrappers._delete_attribute


class Having(Persistent):
    """What has attributes of its own by all names that matter."""

    both = once = word = mine = "object"
    _p_other = "object"

    def __init__(self) -> None:
        self.__dict__.update(__parent__="object", __name__="object", gone="object")


NAMES = [
    *("both", "once", "word", "mine", "gone", "missing", "it", "_p_other", "_p_none"),
    *("__parent__", "__name__", "__class__", "__module__", "__dict__", "__doc__"),
    *("__reduce__", "__getstate__", "__getnewargs__", "__init__", "__provides__"),
    *("_p_jar", "_p_oid", "_p_changed", "_p_serial", "_p_mtime", "_p_state", "_p_"),
    *("", "_", "__", "p", "\xe4", "__conform__", "__providedBy__", "__eq__"),
]


def outcome(work: Any, *args: Any) -> Any:
    """Return what a call returns or raises, as text that names no wrapper's class."""
    try:
        found = work(*args)
    except Exception as error:
        found = type(error)
    return re.sub(r"0x\w+|Read|Original", "", repr(found))


@pytest.mark.parametrize("make", [Having, Item, Plain, dict])
@pytest.mark.parametrize("name", NAMES)
def test_attributes_are_those_that_zope_container_reads(make: Any, name: str) -> None:
    theirs, ours = Original(make()), Read(make())

    def check(work: Any, *args: Any) -> None:
        assert outcome(work, ours, name, *args) == outcome(work, theirs, name, *args)

    check(getattr)
    for value in ("new", None, b"12345678", Item):
        check(setattr, value)
        check(getattr)
    check(delattr)
    check(getattr)


def test_a_change_of_a_wrapper_is_stored() -> None:
    database = ZODB.DB(None)
    with database.transaction() as connection:
        connection.root.wrapper = ContainedProxy(Item())
        connection.root.wrapper.__name__ = "first"
    with database.transaction() as connection:
        wrapper = connection.root.wrapper
        wrapper._p_deactivate()
        assert wrapper._p_changed is None
        wrapper.__name__ = "second"
        assert wrapper._p_changed
        assert not getProxiedObject(wrapper)._p_changed
    with database.transaction() as connection:
        assert connection.root.wrapper.__name__ == "second"
        connection.root.wrapper._p_deactivate()
        connection.root.wrapper.title = "of the object"
        assert connection.root.wrapper._p_changed is None
    with database.transaction() as connection:
        assert connection.root.wrapper.title == "of the object"
        assert vars(getProxiedObject(connection.root.wrapper)) == {
            "title": "of the object"
        }
    database.close()


def test_reading_and_setting_attributes_of_wrappers_keeps_nothing() -> None:
    wrapper = ContainedProxy(Guarded())
    before = sys.getallocatedblocks()
    for _ in range(1000):
        wrapper._p_jar, wrapper.__parent__, wrapper.__class__, wrapper.word  # noqa: B018
        wrapper.__name__ = wrapper.word = wrapper._p_oid = None
        del wrapper.word
    assert sys.getallocatedblocks() - before < 100


class TestRemoval:
    """What the workarounds are for; where one fails, remove its workaround."""

    def test_zope_container_still_makes_specifications_anew(self) -> None:
        # If not: remove `share_specifications`, and `_get` with it.
        assert wrappers.loses_specifications()

    def test_zope_container_still_loses_names_of_attributes(self) -> None:
        # If not: remove `release_names`, and all that only it needs, and read wrappers
        # in the ordinary way, also in `location`.
        assert wrappers.loses_attribute_names()

    @pytest.mark.parametrize("number", range(len(PROGRAMS)))
    def test_the_reports_to_other_projects_still_hold(self, number: int) -> None:
        # If not: the report is done, and its workaround can go.
        found = subprocess.run(
            [sys.executable, "-c", dedent(PROGRAMS[number])],
            capture_output=True,
            text=True,
            check=True,
        )
        count, *words = found.stdout.split()
        assert words[1:3] == ["lost", "by"]
        assert f"\nPrints {count} with zope." in REPORTS
        assert count != "0"
