"""Reverse merge: the way from a state back to an earlier one, merged into another.

What changed since is kept, as far as it does not concern the same; then it is a
conflict.  What the state is that things are merged into, the files of a working copy or
an archive, subclasses know.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from os.path import basename

from zope.fssync import paths
from zope.fssync.limits import DEFAULT
from zope.fssync.sides import ABSENT
from zope.fssync.sides import Side
from zope.fssync.sides import is_same
from zope.fssync.textmerge import TextMerge

__all__ = ["KEPT", "ReverseMerge", "Step", "steps", "topmost"]

#: The places of an object after and before a transaction, None where it was not there,
#: and the place that the merge is for.
Step = tuple[str | None, str | None, str]

#: What an entry says of an object that is added once more, beside type and factory.
KEPT = ("keytype", "provides", "binary")


def topmost(found: Iterable[str]) -> list[str]:
    """Return the paths that are below no other one."""
    result: list[str] = []
    for path in sorted(found):
        if not any(path.startswith(f"{each}/") for each in result):
            result.append(path)
    return result


def steps(changes: Iterable[Sequence[str]]) -> Iterator[Step]:
    """Yield what takes the changes of a transaction back, once objects are moved back.

    A change is a letter of the log with a path, and for R the path before.  Things are
    brought back first, then changed, then removed; with an object that was added or
    removed goes what is in it.
    """
    found: dict[str, list[Sequence[str]]] = {}
    for letter, *places in changes:
        found.setdefault(letter, []).append(places)
    for path in topmost(path for path, *_ in found.get("D", ())):
        yield None, path, path
    for path, *origin in (*found.get("R", ()), *found.get("M", ())):
        old = origin[0] if origin else path
        yield path, old, old
    for path in topmost(path for path, *_ in found.get("A", ())):
        yield path, None, path


class ReverseMerge:
    """Merges the way from one state to another into a third.

    ``label`` names the other state where both are shown.
    """

    def __init__(self, label: str) -> None:
        self._label = label

    # The third state

    def is_here(self, path: str) -> bool:
        """Return whether an object, or a part of one, is at a path."""
        raise NotImplementedError

    def here(self, path: str) -> Side:
        """Return what is at a path."""
        raise NotImplementedError

    def content(self, path: str) -> bytes:
        """Return the bytes of a file, none of anything else."""
        raise NotImplementedError

    def below(self, path: str, key: str) -> str:
        """Return the path of an item."""
        raise NotImplementedError

    def part(self, path: str, what: str, name: str) -> str:
        """Return the path of an extra or an annotation of an object."""
        raise NotImplementedError

    def write(self, path: str, content: bytes) -> None:
        """Change the content of a file."""
        raise NotImplementedError

    def remove(self, path: str) -> None:
        """Remove an object or a part."""
        raise NotImplementedError

    def restore(self, other: Side, path: str) -> None:
        """Make an object as it was, with what belongs to it and is in it."""
        raise NotImplementedError

    def add_part(self, other: Side, path: str) -> bool:
        """Make a part; return whether it changed, and nothing is in conflict."""
        raise NotImplementedError

    def changed(self, path: str) -> None:
        """Note that an object was changed."""

    def conflict(self, path: str, detail: str | None = None) -> None:
        """Note that both states changed the same."""
        raise NotImplementedError

    # The merge

    def merge(self, base: Side, other: Side, path: str, deep: bool) -> None:
        """Let an object become as in ``other`` as far as it is as in ``base``."""
        if base.kind is None and other.kind is None:
            return
        if base.kind is None:
            self.restore(other, path)
        elif other.kind is None:
            self._take_away(base, path)
        elif not self.is_here(path) or base.kind != other.kind:
            self.conflict(path)
        else:
            self._change(base, other, path)
            if deep:
                self._children(base, other, path)

    def _children(self, base: Side, other: Side, path: str) -> None:
        old, new = base.children(), other.children()
        for key in sorted(old.keys() | new.keys()):
            sides = old.get(key, ABSENT), new.get(key, ABSENT)
            self.merge(*sides, self.below(path, key), True)

    def _take_away(self, base: Side, path: str) -> None:
        """Remove what is still as it was made."""
        if not self.is_here(path):
            return
        if is_same(base, self.here(path)):
            self.remove(path)
        else:
            self.conflict(path)

    def _change(self, base: Side, other: Side, path: str) -> None:
        changed = base.kind == "file" and self.merge_content(base, other, path)
        for what in (paths.EXTRA, paths.ANNOTATIONS):
            old = base.special(what).children()
            new = other.special(what).children()
            for name in sorted(old.keys() | new.keys()):
                part = self.part(path, what, name)
                sides = old.get(name, ABSENT), new.get(name, ABSENT)
                changed |= self._part(*sides, part)
        if changed:
            self.changed(path)

    def _part(self, base: Side, other: Side, part: str) -> bool:
        """Merge an extra or an annotation; return whether it changed."""
        if base.kind == other.kind == "file" and self.is_here(part):
            return self.merge_content(base, other, part)
        if base.kind is None and other.kind == "file":
            return self.add_part(other, part)
        if other.kind is None and self.is_here(part):
            if self.content(part) != base.content():
                self.conflict(part)
                return False
            self.remove(part)
            return True
        return False

    def merge_content(self, base: Side, other: Side, path: str) -> bool:
        """Merge a file; return whether it changed, and nothing is in conflict."""
        mine, old, new = self.content(path), base.content(), other.content()
        if old == new or mine == new:
            return False
        if mine == old:
            self.write(path, new)
            return True
        sizes = map(len, (mine, old, new))
        texts = (
            TextMerge.of(mine, old, new) if max(sizes) < DEFAULT.merge_size else None
        )
        if texts is None:
            self.conflict(path)
            return False
        name = basename(path)
        merged, conflicts = texts.merge(f"{name} (mine)", f"{name} ({self._label})")
        self.write(path, merged)
        if conflicts:
            self.conflict(path)
        return not conflicts
