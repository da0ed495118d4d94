"""Files and folders whose synchronizers are found in each of the ways there are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from typing import NamedTuple

from zope.app.file.file import File
from zope.app.file.interfaces import IFile
from zope.component import getGlobalSiteManager
from zope.component.factory import Factory
from zope.component.interfaces import IFactory
from zope.component.security import proxify
from zope.interface import implementedBy
from zope.security.checker import defineChecker
from zope.security.checker import getCheckerForInstancesOf
from zope.security.checker import undefineChecker
from zope.site.folder import Folder
from zope.site.interfaces import IFolder

from zope.app.fssync.testing.registrations import adapters_undone
from zope.fssync.interfaces import ISynchronizer
from zope.fssync.interfaces import ISynchronizerFactory
from zope.fssync.synchronizer import dottedname

__all__ = ["WAYS", "Kinds", "found_by"]

WAYS = ("class", "base", "interface", "name")

INTERFACES = {File: IFile, Folder: IFolder}


class Kinds(NamedTuple):
    """The classes of which objects are to be made."""

    folder: type
    file: type


class DerivedFile(File):
    """A file that nobody described."""


class DerivedFolder(Folder):
    """A folder that nobody described."""


@contextmanager
def found_by(way: str) -> Iterator[Kinds]:
    """Let files and folders be found in one of `WAYS`, with the same permissions."""
    if way == "base":
        for derived in (DerivedFolder, DerivedFile):
            defineChecker(derived, getCheckerForInstancesOf(derived.__base__))
        try:
            yield Kinds(DerivedFolder, DerivedFile)
        finally:
            undefineChecker(DerivedFolder)
            undefineChecker(DerivedFile)
    elif way == "class":
        yield Kinds(Folder, File)
    else:
        registry = getGlobalSiteManager()
        described = {kind: _take_away(registry, kind) for kind in INTERFACES}
        try:
            with adapters_undone():
                for kind, factory in described.items():
                    _put(registry, way, kind, factory)
                yield Kinds(Folder, File)
        finally:
            for kind, factory in described.items():
                name = dottedname(kind)
                for provided in (ISynchronizerFactory, IFactory):
                    registry.unregisterUtility(provided=provided, name=name)
                registry.registerAdapter(factory, [kind], ISynchronizer)


def _take_away(registry: Any, kind: type) -> Any:
    factory = registry.adapters.registered((implementedBy(kind),), ISynchronizer)
    assert registry.unregisterAdapter(factory, [kind], ISynchronizer)
    return factory


def _put(registry: Any, way: str, kind: type, described: Any) -> None:
    registered = described.registered
    if way == "interface":
        # Another object: it is not the one that comes back.
        again = type(described)(registered, True)
        registry.registerAdapter(again, [INTERFACES[kind]], ISynchronizer)
        # An interface makes nothing: the application offers to.
        registry.registerUtility(Factory(kind), IFactory, dottedname(kind))
        return
    named = proxify(
        registered.factory,
        provides=ISynchronizerFactory,
        permission=registered.permission,
    )
    registry.registerUtility(named, ISynchronizerFactory, dottedname(kind))
