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
import zope.interface
from persistent import Persistent
from zope.container.contained import ContainedProxy
from zope.container.contained import DecoratorSpecificationDescriptor
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
def test_what_needs_no_guard_gets_none_or_one_that_forbids_all(make: Any) -> None:
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


class TestRemoval:
    """What the workarounds are for; where one fails, remove its workaround."""

    def test_zope_container_still_makes_specifications_anew(self) -> None:
        # If not: remove `share_specifications`, and `_get` with it.
        assert wrappers.loses_specifications()

    def test_zope_container_still_loses_names_of_attributes(self) -> None:
        # If not: read wrappers in the ordinary way, also in `host.toolkit`.
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
