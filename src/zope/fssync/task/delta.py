"""Checkout of changes: writes the objects that changed, and the way to them."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any

from zope.fssync import paths
from zope.fssync.changeset import GONE
from zope.fssync.changeset import LIST
from zope.fssync.changeset import NODE
from zope.fssync.changeset import SAME
from zope.fssync.changeset import TREE
from zope.fssync.changeset import Scope
from zope.fssync.changeset import sent_path
from zope.fssync.interfaces import IArchiveRepository
from zope.fssync.interfaces import IDefaultSynchronizer
from zope.fssync.limits import STREAMED_BODY
from zope.fssync.sparse import Keys
from zope.fssync.task.base import isdirectory
from zope.fssync.task.checkout import Checkout
from zope.fssync.task.checkout import Item
from zope.fssync.task.compare import equals
from zope.fssync.task.compare import isfile

__all__ = ["Changed", "CheckoutChanges"]


class Changed:
    """The changes of an object, as marks of `zope.fssync.changeset`.

    ``items`` are those of its items that changed, or that hold a change, by key.
    ``last`` is the last transaction that changed the object, None if it is not known;
    the host that finds the changes decides of which class it is.
    """

    def __init__(self, *marks: str) -> None:
        self.marks = set(marks)
        self.items: dict[Any, Changed] = {}
        self.last: Any = None

    def __bool__(self) -> bool:
        return bool(self.marks or self.items)

    def __len__(self) -> int:
        """Return how many objects changed."""
        return bool(self.marks) + sum(map(len, self.items.values()))

    def at(self, keys: Iterable[Any]) -> Changed:
        """Return the changes of the object that the keys lead to."""
        changed = self
        for key in keys:
            changed = changed.items.setdefault(key, Changed())
        return changed


class CheckoutChanges(Checkout):
    """Writes an archive of changes, see `zope.fssync.changeset`.

    An object that was removed or is withheld now is missing in the entries of its
    directory, which are then written as a whole.

    Large bodies that have the bytes of the same file in ``sent``, a repository,
    are left out.
    """

    def __init__(
        self, *args: Any, sent: IArchiveRepository | None = None, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.sent = sent

    def perform_changes(
        self, obj: Any, name: str, changed: Changed, gone: Iterable[str] = ()
    ) -> None:
        """Write what ``changed`` of ``obj``, which is to be called ``name``.

        ``gone`` are paths in the archive of objects that were removed.
        """
        self.context = obj
        self._prune(changed, ())
        self.scope = Scope((GONE, path) for path in gone)
        items = self._items([(name, obj)] if changed else [], "", None)
        self._write_items(items, {name: changed}, "", items)
        stream = self.repository.writeable(Scope.member)
        stream.write(self.scope.dumps())
        stream.close()

    def _prune(self, changed: Changed, keys: Keys) -> None:
        """Drop the changes of what the working copy leaves out, of whatever kind."""
        if self.sparse is None:
            return
        for key in list(changed.items):
            below = (*keys, str(key))
            if all(self.sparse.leaves_out(below, kind) for kind in (True, False)):
                del changed.items[key]
            else:
                self._prune(changed.items[key], below)

    def _write_items(
        self,
        items: list[Item],
        changes: dict[Any, Changed],
        path: str,
        entered: list[Item],
    ) -> None:
        if not entered and not path:
            return
        entries = self._entries(entered, self.identity)
        self._dump_entries(path, entries)
        for item in items:
            if item.name not in entries:
                continue
            changed = changes[item.key]
            if TREE in changed.marks or not isdirectory(item.synchronizer):
                self.scope.add(TREE, item.path)
                self._dump_specials(item, path)
                self.dump(item.synchronizer, item.path, item.obj)
            else:
                self._write_directory(item, changed, path)

    def _write_directory(self, item: Item, changed: Changed, path: str) -> None:
        where = item.path
        if NODE in changed.marks:
            self.scope.add(NODE, where)
            self._dump_specials(item, path)
        wanted = changed.items
        if LIST not in changed.marks:
            if not wanted:
                # An empty list of entries shows that it is still a directory.
                self._dump_entries(where, {})
                return
            items = self._some_items(item, where, wanted)
            if items is not None and len(items) == len(wanted):
                self._write_items(items, wanted, where, items)
                return
            self.repository.forget_names(where)
        every = self._items(self.items(item.synchronizer), where, item.obj)
        self.scope.add(LIST, where)
        items = [each for each in every if each.key in wanted]
        self._write_items(items, wanted, where, every)

    def _some_items(
        self, item: Item, path: str, wanted: dict[Any, Changed]
    ) -> list[Item] | None:
        """Return the wanted items that exist.

        None if the name of a file depends on the other items, which have to be listed.
        """
        children = list(self.items(item.synchronizer))
        if not self.repository.are_distinct(str(key) for key, _ in children):
            return None
        children = [each for each in children if each[0] in wanted]
        before = len(self.withheld)
        items = self._items(children, path, item.obj)
        # The same directory may be asked for its items once more.
        del self.withheld[before:]
        return items

    def _dump_body(self, synchronizer: Any, path: str) -> Iterator[None]:
        if self._is_as_sent(synchronizer, path):
            self.scope.add(SAME, path)
            yield
        else:
            yield from super()._dump_body(synchronizer, path)

    def _is_as_sent(self, synchronizer: Any, path: str) -> bool:
        if self.sent is None:
            return False
        path = sent_path(self.sent, path)
        return (
            isfile(self.sent, path)
            and self.sent.size(path) >= STREAMED_BODY
            # Equal pickles need not have equal bytes.
            and not IDefaultSynchronizer.providedBy(synchronizer)
            and equals(self.sent, path, synchronizer)
        )

    def _dump_specials(self, item: Item, path: str) -> None:
        for what in (paths.ANNOTATIONS, paths.EXTRA):
            self._dump_special(item, path, what)
