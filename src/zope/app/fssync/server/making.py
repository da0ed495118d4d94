"""List the factories that a commit can use in a container."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any
from typing import NamedTuple

from zope.component import getUtilitiesFor
from zope.component import queryUtility
from zope.component.factory import Factory
from zope.component.interfaces import IFactory

from zope.app.fssync.server.protection import Protection
from zope.fssync.errors import Error
from zope.fssync.interfaces import IDirectoryGenerator
from zope.fssync.interfaces import IFileGenerator
from zope.fssync.registry import names
from zope.fssync.synchronizer import dottedname
from zope.fssync.task.base import isdirectory

__all__ = ["Makeable", "Offered", "made_of", "makeable", "offered"]


class Makeable(NamedTuple):
    """A factory: its name in entries, the kind of its objects, and its title.

    ``kind`` is ``file`` or ``directory``; ``title`` may be empty.
    """

    factory: str
    kind: str
    title: str


class Offered(Factory):
    """A class that an application offers to be made by commits."""


def offered() -> Iterator[tuple[str, str]]:
    """Yield the name and the title of each class that is `Offered`."""
    for name, factory in getUtilitiesFor(IFactory):
        if isinstance(factory, Offered):
            yield name, str(factory.title)


def makeable(host: Any, access: Any, obj: Any) -> Iterator[Makeable]:
    """Yield the factories that the caller may use in an object that they may read.

    Each factory is called for a test: do not commit the transaction.
    """
    directory = access(obj)
    if directory is None or not isdirectory(directory):
        return
    protect = Protection(access)
    titles: dict[str, str] = {}
    for factory, title in host.factories(obj):
        titles[factory] = titles.get(factory) or title
    for factory, title in sorted(titles.items()):
        try:
            make = names.factory(factory)
            protect(obj, "factory", names.offered(factory))
            made = make()
        except (Error, TypeError):
            # It is not for entries, not for the caller, or needs arguments.
            continue
        synchronizer = access(made, raise_error=False, context=obj)
        if synchronizer is not None and host.may_add(directory, obj, made):
            kind = "directory" if isdirectory(synchronizer) else "file"
            yield Makeable(factory, kind, title)


def made_of(host: Any, obj: Any, name: str, is_directory: bool) -> str | None:
    """Return the class of a new file or directory without a factory of its own.

    None if its content has to be a pickle, which names the class.
    """
    container = host.bare(obj)
    made = None
    if is_directory:
        directories = queryUtility(IDirectoryGenerator)
        if directories is not None:
            made = directories.create(container, name)
    else:
        files = queryUtility(IFileGenerator)
        if files is not None:
            suffix = os.path.splitext(name)[1] or "."
            made = files.create(container, name, suffix)
    return None if made is None else dottedname(host.bare(made).__class__)
