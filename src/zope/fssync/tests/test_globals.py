"""A pickle gets the globals that are data or that were registered, no others."""

from __future__ import annotations

import importlib
import posixpath
from collections.abc import Iterator
from typing import Any

import pytest
from zope.component import getGlobalSiteManager
from zope.interface import Interface
from zope.interface import provider
from zope.interface.interfaces import IInterface

from zope.fssync.errors import PickleRefused
from zope.fssync.interfaces import IAllowedGlobal
from zope.fssync.interfaces import IExclusive
from zope.fssync.interfaces import ISynchronizerFactory
from zope.fssync.registry.globals import PLAIN
from zope.fssync.registry.globals import find_global


class Content:
    pass


class IMarker(Interface):
    pass


@provider(ISynchronizerFactory)
def synchronizer(obj: object) -> None:
    """Stand-in for a synchronizer factory."""


@pytest.fixture
def register() -> Iterator[Any]:
    registry = getGlobalSiteManager()
    registered = []

    def add(component: object, provided: Any, name: str) -> None:
        registry.registerUtility(component, provided, name)
        registered.append((component, provided, name))

    yield add
    for component, provided, name in registered:
        registry.unregisterUtility(component, provided, name)


@pytest.mark.parametrize("dotted", sorted(PLAIN))
def test_plain_data_is_found(dotted: str) -> None:
    module, _, name = dotted.rpartition(".")
    found = find_global(module, name)
    assert found is getattr(importlib.import_module(module), name)


def test_plain_data_is_found_by_old_names() -> None:
    assert find_global("__builtin__", "unicode") is str
    assert find_global("__builtin__", "set") is set


def test_unknown_names_are_refused() -> None:
    with pytest.raises(PickleRefused, match="Content"):
        find_global(__name__, "Content")


def test_registered_class_is_found(register: Any) -> None:
    register(Content, IAllowedGlobal, f"{__name__}.Content")
    assert find_global(__name__, "Content") is Content


def test_proxied_class_is_found_bare(register: Any) -> None:
    from zope.security.checker import NamesChecker
    from zope.security.proxy import Proxy

    proxied = Proxy(Content, NamesChecker())
    register(proxied, IAllowedGlobal, f"{__name__}.Content")
    assert find_global(__name__, "Content") is Content


def test_registered_function_is_found(register: Any) -> None:
    register(posixpath.join, IAllowedGlobal, "posixpath.join")
    assert find_global("posixpath", "join") is posixpath.join


def test_class_with_a_synchronizer_is_found(register: Any) -> None:
    register(synchronizer, ISynchronizerFactory, f"{__name__}.Content")
    assert find_global(__name__, "Content") is Content


def test_class_that_only_its_synchronizer_makes_is_refused(register: Any) -> None:
    @provider(IExclusive)
    def exclusive(obj: object) -> None:
        """Stand-in for the synchronizer factory of something that is executed."""

    register(exclusive, ISynchronizerFactory, f"{__name__}.Content")
    with pytest.raises(PickleRefused, match="Content"):
        find_global(__name__, "Content")
    register(Content, IAllowedGlobal, f"{__name__}.Content")
    assert find_global(__name__, "Content") is Content


def test_class_is_found_by_old_and_new_name(register: Any) -> None:
    from zope.site.folder import Folder

    register(synchronizer, ISynchronizerFactory, "zope.site.folder.Folder")
    assert find_global("zope.app.folder.folder", "Folder") is Folder


def test_class_registered_by_its_old_name_is_found(register: Any) -> None:
    from zope.site.folder import Folder

    register(synchronizer, ISynchronizerFactory, "zope.app.folder.folder.Folder")
    assert find_global("zope.site.folder", "Folder") is Folder


def test_function_with_a_synchronizer_is_refused(register: Any) -> None:
    register(synchronizer, ISynchronizerFactory, "posixpath.join")
    with pytest.raises(PickleRefused, match="not a class"):
        find_global("posixpath", "join")


def test_registered_interface_is_found(register: Any) -> None:
    register(IMarker, IInterface, f"{__name__}.IMarker")
    assert find_global(__name__, "IMarker") is IMarker


def test_class_that_is_gone_is_named(register: Any) -> None:
    register(synchronizer, ISynchronizerFactory, "gone.away.Content")
    with pytest.raises(PickleRefused, match=r"gone\.away\.Content is gone"):
        find_global("gone.away", "Content")
