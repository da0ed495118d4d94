"""Checkout: writes a tree of objects to a repository."""

from __future__ import annotations

import logging
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Set
from operator import attrgetter
from typing import Any
from typing import NamedTuple

from zope.interface import implementer

from zope.fssync import paths
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import ICheckout
from zope.fssync.interfaces import IDirectorySynchronizer
from zope.fssync.interfaces import IFileSynchronizer
from zope.fssync.interfaces import IStreamedSerializer
from zope.fssync.interfaces import IStreamRepository
from zope.fssync.limits import STREAMED_BODY
from zope.fssync.messages import _
from zope.fssync.metadata import can_hold
from zope.fssync.metadata import dump_entries
from zope.fssync.picklecontext import using
from zope.fssync.sparse import Keys
from zope.fssync.sparse import Sparse
from zope.fssync.synchronizer import DefaultSynchronizer
from zope.fssync.synchronizer import dottedname
from zope.fssync.task.base import SyncTask
from zope.fssync.task.base import identifier
from zope.fssync.task.base import isdirectory
from zope.fssync.task.base import typeIdentifier
from zope.fssync.terminal import escape

__all__ = ["Checkout"]

log = logging.getLogger(__name__)


class Item(NamedTuple):
    """An object that is written, with its file, the name of that, and its key."""

    path: str
    name: str
    key: Any
    obj: Any
    synchronizer: Any


@implementer(ICheckout)
class Checkout(SyncTask):
    """Writes objects to a repository.

    The entries of a directory are written first, then the annotations and the extras
    of all its items, then the items, all sorted by name.  The entries at the top, of
    the one item there, follow its annotations and extras.

    ``withheld`` lists the paths of what the caller may not read; those in
    ``unnamed``, whose keys no metadata can hold; and those in ``failed``, whose
    synchronizers raised an error, which is logged.

    The path of an object that fails after its entry is written is in ``broken``: then
    the archive is of no use, and another checkout has to go ``without`` these paths.

    What ``sparse`` leaves out is not written, and is not withheld.
    """

    def __init__(
        self,
        *args: Any,
        without: Set[str] = frozenset(),
        hooks: Any = None,
        sparse: Sparse | None = None,
    ) -> None:
        super().__init__(*args, hooks=hooks)
        self.sparse = sparse
        #: The keys of what has another name in the archive, where that matters.
        self._keys: dict[str, str] = {}
        self._names: dict[type, str] = {}
        self.identity: Callable[[Any], Any] = self.hooks.identity
        self.fatal: tuple[type[BaseException], ...] = (
            MemoryError,
            *self.hooks.fatal_reading,
        )
        self.without = without
        self.withheld: list[str] = []
        self.unnamed: list[str] = []
        self.failed: list[str] = []
        self.broken: set[str] = set()
        self._sending = False
        self._streams = IStreamRepository.providedBy(self.repository)

    def perform(self, obj: Any, name: str, location: str = "") -> None:
        """See `ICheckout`."""
        for _step in self.steps(obj, name, location):
            pass

    def steps(self, obj: Any, name: str, location: str = "") -> Iterator[None]:
        """Do what `perform` does, object by object."""
        self.context = obj
        yield from self._dump_items([(name, obj)], location, None)

    def dump(self, synchronizer: Any, path: str, obj: Any) -> None:
        """Write one object, and all below it, to ``path``."""
        for _step in self._dump(synchronizer, path, obj):
            pass

    def _dump(self, synchronizer: Any, path: str, obj: Any) -> Iterator[None]:
        self.checkpoint()
        # What guards a synchronizer takes long to say what it provides.
        plain = self.bare(synchronizer)
        try:
            if IDirectorySynchronizer.providedBy(plain):
                yield from self._dump_items(self.items(synchronizer), path, obj)
            elif IFileSynchronizer.providedBy(plain):
                yield from self._dump_body(synchronizer, path)
            else:
                raise SynchronizationError(
                    _(
                        "the synchronizer of ${class} is neither for a file nor for a"
                        " directory",
                        mapping={"class": typeIdentifier(obj)},
                    ),
                    path=path,
                )
        except self.fatal:
            raise
        except Exception as error:
            self._break(path, error)
            yield

    def _break(self, path: str, error: Exception) -> None:
        """Note that the archive has an entry for a path, but not its content."""
        if self._sending and self.broken:
            raise error
        _log(path, error)
        self.broken.add(path)
        if self._sending:
            # Half of it is already sent.
            raise error

    def _fail(self, path: str) -> None:
        self.withheld.append(path)
        self.failed.append(path)

    def _dump_body(self, synchronizer: Any, path: str) -> Iterator[None]:
        size = self._size(synchronizer)
        if size is None:
            stream = self.repository.writeable(path)
            synchronizer.dump(stream)
        else:
            self._sending = True
            stream = self.repository.sized(path, size)
            for piece in self.bare(synchronizer.pieces()):
                stream.write(piece)
                yield
        stream.close()
        self._sending = False
        yield

    def _size(self, synchronizer: Any) -> int | None:
        """Return the size of a body that is sent while it is read, None for others."""
        plain = self.bare(synchronizer)
        if not self._streams or not IStreamedSerializer.providedBy(plain):
            return None
        # A permission for `dump` need not include this method.
        size = getattr(synchronizer, "size", None)
        found = size() if size is not None else None
        return found if found is not None and found >= STREAMED_BODY else None

    def _dump_items(
        self, children: Iterable[tuple[Any, Any]], path: str, owner: Any
    ) -> Iterator[None]:
        items = self._items(children, path, owner)
        entries = self._entries(items, self.identity)
        items = [item for item in items if item.name in entries]
        if path:
            self._dump_entries(path, entries)
        for what in (paths.ANNOTATIONS, paths.EXTRA):
            for item in items:
                if self._dump_special(item, path, what):
                    yield
        if not path:
            self._dump_entries(path, entries)
        for item in items:
            yield from self._dump(item.synchronizer, item.path, item.obj)

    def _dump_special(self, item: Item, path: str, what: str) -> bool:
        """Write the annotations or the extras of an item; return True if it has any."""
        self.pause()
        if self.without:
            target = self._special(item, path, what)
            if target in self.without:
                self._fail(target)
                return False
        try:
            if what == paths.EXTRA:
                mapping = item.synchronizer.extras()
            else:
                mapping = item.synchronizer.annotations()
            if mapping:
                target = self._special(item, path, what)
                with using(is_part=True, place=self.bare(item.obj)):
                    self._dump_mapping(mapping, target, item.obj)
            return bool(mapping)
        except self.fatal:
            raise
        except Exception as error:
            self._break(self._special(item, path, what), error)
            return True

    def _special(self, item: Item, path: str, what: str) -> str:
        """Return where the annotations or the extras of an item are written."""
        found: str = self.repository.join(path, paths.CONTROL, what, item.name)
        return found

    def _dump_mapping(self, mapping: Any, target: str, owner: Any) -> None:
        synchronizer = self.lookup(mapping, context=owner, raise_error=False)
        if synchronizer is None:
            self.withheld.append(target)
        elif IDirectorySynchronizer.providedBy(self.bare(synchronizer)):
            with self.in_parts(synchronizer):
                self._dump_parts(synchronizer, target, owner)
        else:
            self.dump(synchronizer, target, owner)

    def _dump_parts(self, synchronizer: Any, target: str, owner: Any) -> None:
        items = self._items(self.items(synchronizer), target, owner)
        # The parts of an object have no identity of their own.
        entries = self._entries(items, None)
        self._dump_entries(target, entries)
        items = [each for each in items if each.name in entries]
        for what in (paths.ANNOTATIONS, paths.EXTRA):
            for each in items:
                if not self._is_whole_pickle(each.synchronizer):
                    self._dump_special(each, target, what)
        for each in items:
            self.dump(each.synchronizer, each.path, owner)

    def _is_whole_pickle(self, synchronizer: Any) -> bool:
        """Return True for a part that has no extras and no annotations of its own."""
        kind = type(self.bare(synchronizer))
        return (
            issubclass(kind, DefaultSynchronizer)
            and kind.annotations is DefaultSynchronizer.annotations
            and kind.extras is DefaultSynchronizer.extras
        )

    def _items(
        self, children: Iterable[tuple[Any, Any]], path: str, owner: Any
    ) -> list[Item]:
        repository = self.repository
        items = []
        for key, value in children:
            self.pause()
            where = repository.join(path, str(key))
            synchronizer = self._found(value, owner, where)
            if synchronizer is None:
                continue
            if (
                self.sparse is not None
                and owner is not None
                and self._is_left_out(self.sparse, path, str(key), synchronizer)
            ):
                continue
            # Most keys are printable, which says it at once.
            if not str(key).isprintable() and not can_hold(str(key)):
                log.warning("%s has a name that no entry can hold", escape(where))
                self.withheld.append(where)
                self.unnamed.append(where)
                continue
            name = repository.disambiguate(path, str(key))
            target = where if name == key else repository.join(path, name)
            if self.sparse is not None and name != key:
                self._keys[target] = str(key)
            if target in self.without:
                self._fail(where)
            else:
                items.append(Item(target, name, key, value, synchronizer))
        items.sort(key=attrgetter("name"))
        if owner is not None:
            # All names of the directory are given; there are many directories.
            repository.forget_names(path)
        return items

    def _is_left_out(
        self, sparse: Sparse, path: str, key: str, synchronizer: Any
    ) -> bool:
        """Return True if the working copy leaves out an item of a directory."""
        if f"/{paths.CONTROL}/" in f"/{path}":
            return False
        is_directory = isdirectory(self.bare(synchronizer))
        return sparse.leaves_out((*self._way(path), key), is_directory)

    def _way(self, path: str) -> Keys:
        """Return the keys on the way to a path in the archive, from the top object."""
        names = path.split("/")
        return tuple(
            self._keys.get("/".join(names[: number + 1]), names[number])
            for number in range(1, len(names))
        )

    def _found(self, value: Any, owner: Any, path: str) -> Any:
        """Return the synchronizer of an item, None where it is left out."""
        try:
            synchronizer = self.lookup(value, context=owner, raise_error=False)
        except self.fatal:
            raise
        except Exception as error:
            _log(path, error)
            self._fail(path)
            return None
        if synchronizer is None:
            self.withheld.append(path)
        return synchronizer

    def _entries(self, items: list[Item], identity: Any) -> dict[str, dict[str, str]]:
        entries = {}
        for item in items:
            self.pause()
            try:
                entries[item.name] = self._entry(item, identity)
            except self.fatal:
                raise
            except Exception as error:
                _log(item.path, error)
                self._fail(item.path)
        return entries

    def _entry(self, item: Item, identity: Any) -> dict[str, str]:
        obj = self.bare(item.obj)
        entry = {"type": self._name_of(self.class_of(obj))}
        for name, value in (item.synchronizer.metadata() or {}).items():
            if value and not isinstance(value, str):
                raise TypeError(f"the metadata {name!r} are no text: {value!r}")
            if value:
                entry[name] = value
        if identity is not None:
            found = identifier(identity(obj))
            if found:
                entry["id"] = found
        if item.key != item.name:
            entry["key"] = str(item.key)
        entry["keytype"] = _keytype(item.key)
        return entry

    def _name_of(self, klass: type) -> str:
        """Return the name of a class: a directory has many objects of few of them."""
        found = self._names.get(klass)
        if found is None:
            found = self._names[klass] = dottedname(klass)
        return found

    def _dump_entries(self, path: str, entries: Mapping[str, dict[str, str]]) -> None:
        data = dump_entries(entries)
        repository = self.repository
        stream = repository.writeable(
            repository.join(path, paths.CONTROL, paths.ENTRIES)
        )
        stream.write(data)
        stream.close()


def _log(path: str, error: Exception) -> None:
    log.error("%s cannot be read", escape(path), exc_info=error)


def _keytype(key: Any) -> str:
    # A subclass of str equals, as a key, the text that is read back.
    return "builtins.str" if isinstance(key, str) else dottedname(key.__class__)
