"""An object in a tree, with all that belongs to it, to be compared with another."""

from __future__ import annotations

from collections.abc import Mapping
from os.path import join
from typing import TYPE_CHECKING
from typing import NamedTuple

from zope.fssync import fsutil
from zope.fssync import paths

if TYPE_CHECKING:
    from zope.fssync.fileinterfaces import IMergeSource

__all__ = ["ABSENT", "Side", "is_same", "special"]


class Side(NamedTuple):
    """A tree to compare, and the path of an object in it; no object has no path.

    ``left_out`` are the keys, with slashes, of what is in it and not compared.
    """

    source: IMergeSource | None
    path: str | None
    is_archive: bool = True
    left_out: frozenset[str] = frozenset()

    @property
    def kind(self) -> str | None:
        """The kind of what is registered there."""
        if self.source is None or self.path is None:
            return None
        if self.entry.get("flag") == "removed":
            return None
        found: str | None = self.source.kind(self.path)
        return found

    @property
    def entry(self) -> Mapping[str, str]:
        """What is known of it."""
        if self.source is None or self.path is None:
            return {}
        found: Mapping[str, str] = self.source.getentry(self.path)
        return found

    def children(self) -> dict[str, Side]:
        """What is in it, by key."""
        if self.kind != "dir":
            return {}
        assert self.source is not None
        assert self.path is not None
        put = paths.join_archive_path if self.is_archive else join
        found = {}
        for name in self.source.getnames(self.path):
            path = put(self.path, name)
            entry = self.source.getentry(path)
            key = paths.nfc(entry.get("key", name))
            is_there = "withheld" not in entry and entry.get("flag") != "removed"
            if is_there and key not in self.left_out:
                found[key] = self._replace(path=path, left_out=self._below(key))
        return found

    def _below(self, key: str) -> frozenset[str]:
        start = f"{key}/"
        return frozenset(
            each[len(start) :] for each in self.left_out if each.startswith(start)
        )

    def special(self, what: str) -> Side:
        """The directory of its extras or annotations."""
        if self.source is None or self.kind is None:
            return self._replace(path=None)
        assert self.path is not None
        path = special(self.path, what, self.is_archive)
        is_there = self.source.kind(path) == "dir"
        return self._replace(path=path if is_there else None)

    def content(self) -> bytes:
        """The bytes of a file, none of anything else."""
        if self.kind != "file":
            return b""
        assert self.source is not None
        with self.source.open(self.path) as stream:
            found: bytes = stream.read()
        return found


#: The side on which there is nothing.
ABSENT = Side(None, None)


def special(path: str, what: str, is_archive: bool) -> str:
    """Return where the extras or annotations of an object are."""
    if not is_archive:
        return fsutil.getspecial(path, what)
    head, _, tail = path.rpartition("/")
    return paths.join_archive_path(head, paths.CONTROL, what, tail)


def is_same(first: Side, second: Side) -> bool:
    """Return True if two objects are equal, with all that is in them.

    The annotations of one that something was moved out of have its date at least: they
    are not compared.
    """
    if first.kind != second.kind or first.content() != second.content():
        return False
    pairs = [(first.children(), second.children())]
    specials = [paths.EXTRA] if first.left_out else [paths.EXTRA, paths.ANNOTATIONS]
    for what in specials:
        pairs.append((first.special(what).children(), second.special(what).children()))
    return all(
        old.keys() == new.keys() and all(is_same(old[key], new[key]) for key in old)
        for old, new in pairs
    )
