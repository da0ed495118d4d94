"""Making the objects that a repository has and the tree of objects lacks."""

from __future__ import annotations

import os
from collections.abc import Callable
from copy import copy
from functools import partial
from typing import Any

from zope.component import queryUtility
from zope.lifecycleevent.interfaces import IModificationDescription

from zope.fssync import paths
from zope.fssync.aliases import spellings
from zope.fssync.errors import ArchiveDamaged
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import IDefaultSynchronizer
from zope.fssync.interfaces import IDirectoryGenerator
from zope.fssync.interfaces import IDirectorySynchronizer
from zope.fssync.interfaces import IFileGenerator
from zope.fssync.interfaces import IFileSynchronizer
from zope.fssync.interfaces import IObjectGenerator
from zope.fssync.interfaces import IUnpickler
from zope.fssync.messages import _
from zope.fssync.picklecontext import current
from zope.fssync.picklecontext import using
from zope.fssync.registry import names
from zope.fssync.task.base import SyncTask
from zope.fssync.task.compare import isfile
from zope.fssync.terminal import escape
from zope.fssync.xmlpickle.bytetext import ByteText

__all__ = ["Creator", "is_generated"]


class Creator:
    """Makes objects for entries, on behalf of a task.

    In this order: by the object generator or the factory that the entry names,
    by unpickling where it names a type only, by the general generators.
    """

    def __init__(
        self, task: SyncTask, add_callback: Callable[[str, Any], None]
    ) -> None:
        self.task = task
        self.hooks = task.hooks
        self.repository = task.repository
        self.add_callback = add_callback

    def calling(self, add_callback: Any) -> Creator:
        """Return a creator that calls ``add_callback`` with what `load` returns."""
        creator = copy(self)
        creator.add_callback = lambda path, callback: add_callback(callback)
        return creator

    def create(
        self, owner: Any, key: Any, entry: dict[str, str], path: str
    ) -> tuple[Any, bool]:
        """Return a new object, and whether it is in its container already."""
        factory = entry.get("factory")
        if factory:
            generator = _object_generator(factory)
            if generator is not None:
                self.hooks.protect(owner, "generator", generator)
                obj = generator.create(self.task.bare(owner), key)
                return self._loaded(obj, owner, path), True
            return self._made(factory, owner, path), False
        if entry.get("type"):
            return self.unpickled(owner, path), False
        if self.repository.isdir(path):
            return self._generated_directory(owner, key, path), False
        return self._generated_file(owner, key, path), False

    def unpickled(self, owner: Any, path: str) -> Any:
        """Return the object whose pickle the file ``path`` is."""
        stream = self._readable(path)
        admit = partial(self.hooks.protect, owner)
        text = current().text or ByteText()
        # Parts of an object are written by more people than whole objects.
        is_part = paths.CONTROL in path
        instances: list[Any] = []
        try:
            with (
                text.counting(path),
                using(admit=admit, declared_only=is_part, instances=instances),
            ):
                obj = IUnpickler(self.task.bare(owner)).load(stream)
        finally:
            stream.close()
        for each in instances:
            self.hooks.protect(owner, "instance", each)
        return obj

    def _readable(self, path: str) -> Any:
        if not isfile(self.repository, path):
            raise ArchiveDamaged(
                _(
                    "there is an entry but no file: ${path}",
                    mapping={"path": escape(path)},
                ),
                path=path,
            )
        return self.repository.readable(path)

    def load(self, loader: Any, path: str) -> list[Any]:
        """Let ``loader`` load the file ``path``, and return what describes the change.

        The callback that it returns is remembered.
        """
        stream = self._readable(path)
        try:
            found = loader(stream)
        finally:
            stream.close()
        descriptions = []
        for each in found if isinstance(found, list) else [found]:
            if IModificationDescription.providedBy(each):
                descriptions.append(each)
            else:
                self.add_callback(path, each)
        return descriptions

    def _made(self, factory: str, owner: Any, path: str) -> Any:
        make = names.factory(factory)
        offered = names.offered(factory)
        if offered is not None:
            self.hooks.protect(owner, "factory", offered)
        try:
            obj = make()
        except TypeError as error:
            raise SynchronizationError(
                _(
                    "${factory} cannot make an object without arguments: ${reason}",
                    mapping={"factory": factory, "reason": error},
                ),
                advice=_("Register an IObjectGenerator utility of that name."),
            ) from error
        self.hooks.adopt(owner, obj)
        return self._loaded(obj, owner, path)

    def _loaded(self, obj: Any, owner: Any, path: str) -> Any:
        synchronizer = self.task.required(obj, owner, path)
        if IDefaultSynchronizer.providedBy(synchronizer):
            return self.unpickled(owner, path)
        if IFileSynchronizer.providedBy(synchronizer):
            self.load(synchronizer.load, path)
        self._refuse_loss(synchronizer, path)
        return obj

    def _refuse_loss(self, synchronizer: Any, path: str) -> None:
        """Refuse to lose the content of a file: a directory has none."""
        is_directory = IDirectorySynchronizer.providedBy(synchronizer)
        if is_directory and isfile(self.repository, path):
            raise SynchronizationError(
                _("such an object is a directory, and this is a file"),
                path=path,
                advice=_("Make a directory, and add that with the same type."),
            )

    def _generated_directory(self, owner: Any, key: Any, path: str) -> Any:
        generator = queryUtility(IDirectoryGenerator)
        obj = None
        if generator is not None:
            obj = generator.create(self.task.bare(owner), key)
        if obj is None:
            raise _unknown(path)
        self.task.required(obj, owner, path)
        return obj

    def _generated_file(self, owner: Any, key: Any, path: str) -> Any:
        generator = queryUtility(IFileGenerator)
        if generator is None:
            raise _unknown(path)
        suffix = os.path.splitext(key)[1] or "."
        obj = generator.create(self.task.bare(owner), key, suffix)
        if obj is None:
            return self.unpickled(owner, path)
        self.hooks.adopt(owner, obj)
        synchronizer = self.task.required(obj, owner, path)
        self._refuse_loss(synchronizer, path)
        # A host may have wrapped it, to be loaded in its place.
        placed = self.task.bare(synchronizer.getObject())
        self.load(lambda stream: generator.load(placed, stream), path)
        return obj


def is_generated(entry: dict[str, str]) -> bool:
    """Return True if an `IObjectGenerator` makes the object and puts it in place."""
    factory = entry.get("factory")
    return False if not factory else _object_generator(factory) is not None


def _object_generator(factory: str) -> Any:
    for name in spellings(factory):
        generator = queryUtility(IObjectGenerator, name=name)
        if generator is not None:
            return generator
    return None


def _unknown(path: str) -> SynchronizationError:
    return SynchronizationError(
        _(
            "nothing is known that could make an object for ${path}",
            mapping={"path": escape(path)},
        ),
        path=path,
        advice=_("Name a type or a factory when adding it."),
    )
