"""Reverse merge: the way from a state back to an earlier one, merged into another.

What changed since is kept, as far as it does not concern the same; then it is a
conflict.  What the state is that things are merged into, the files of a working copy or
an archive, subclasses know.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from os.path import basename
from typing import NamedTuple

from zope.fssync import paths
from zope.fssync.limits import DEFAULT
from zope.fssync.sides import ABSENT
from zope.fssync.sides import Side
from zope.fssync.sides import is_same
from zope.fssync.textmerge import TextMerge

__all__ = [
    "KEPT",
    "Back",
    "Later",
    "Moves",
    "ReverseMerge",
    "Step",
    "steps",
    "topmost",
    "ways",
]


class Step(NamedTuple):
    """The places of an object after and before a transaction, None for none.

    ``place`` is where it is once objects are moved back.  ``left_out`` are the keys of
    what is in it and came or went by a move: they have steps of their own.
    """

    after: str | None
    before: str | None
    place: str
    left_out: frozenset[str] = frozenset()


class Back(NamedTuple):
    """What was moved goes back: from ``after``, which is at ``now`` by then.

    ``leaves`` is the place that it leaves, as it is called at the end.
    """

    after: str
    now: str
    leaves: str
    place: str


#: What an entry says of an object that is added once more, beside type and factory.
KEPT = ("keytype", "provides", "binary")


def topmost(found: Iterable[str], apart: Collection[str] = ()) -> list[str]:
    """Return the paths that are below no other one.

    What is ``apart`` stands for itself, wherever it is.
    """
    result: dict[str, None] = {}
    for path in sorted(found):
        near = next(
            (each for each in ways(path) if each in result or each in apart), None
        )
        if near is None or near not in result:
            result[path] = None
    return list(result)


def ways(path: str) -> Iterator[str]:
    """Yield the paths of what a path is in, the nearest first."""
    while path:
        path = path.rpartition("/")[0]
        yield path


class Moves:
    """What a transaction moved: the places before by those after."""

    def __init__(self, changes: Iterable[Sequence[str]]) -> None:
        self._before = {path: old[0] for letter, path, *old in changes if letter == "R"}
        self._olds = frozenset(self._before.values())

    @property
    def after(self) -> Collection[str]:
        """The places of objects that were moved, or went with what they are in."""
        return self._before.keys()

    @property
    def before(self) -> Collection[str]:
        """The places that these had."""
        return self._olds

    def before_of(self, path: str) -> str:
        """Return the place that what is at a path had."""
        return self._before.get(path) or self.origin(path)

    def origin(self, path: str, done: Collection[str] | None = None) -> str:
        """Return where what is at a path is once objects are moved back.

        With ``done`` only these are.
        """
        for above in ways(path):
            if above in self._before and (done is None or above in done):
                return f"{self._before[above]}{path[len(above) :]}"
        return path

    def own(self) -> list[tuple[str, str]]:
        """Return the places of what did not just go with what it is in."""
        return [
            (path, before)
            for path, before in self._before.items()
            if self.origin(path) != before
        ]


def steps(changes: Sequence[Sequence[str]]) -> Iterator[Step | Back]:
    """Yield what takes the changes of a transaction back.

    A change is a letter of the log with a path, and for R the path before.  Things are
    brought and moved back first, containers before what is in them, then changed, then
    removed; with an object that was added or removed goes what is in it.
    """
    moves = Moves(changes)
    befores, afters = sorted(moves.before), sorted(moves.after)
    found: dict[str, list[str]] = {}
    for letter, path, *_ in changes:
        found.setdefault(letter, []).append(path)
    gone = topmost(found.get("D", ()), moves.before)
    waiting = [
        *((path, "") for path in gone),
        *((before, path) for path, before in moves.own()),
    ]
    done: set[str] = set()
    for before, after in sorted(waiting, key=lambda each: (each[0].count("/"), each)):
        if after:
            yield Back(after, moves.origin(after, done), moves.origin(after), before)
            done.add(after)
        else:
            yield Step(None, before, before, _below(before, befores))
    for path in (*found.get("R", ()), *found.get("M", ())):
        old = moves.before_of(path)
        yield Step(path, old, old)
    for path in topmost(found.get("A", ()), moves.after):
        yield Step(path, None, moves.origin(path), _below(path, afters))


class Later:
    """Which steps of an undo take a second commit.

    An object cannot come to a place that another one leaves in the same commit, and
    what something leaves cannot be removed in it.  ``backs`` are the moves to be done;
    ``gone`` are the places of what is removed, which are not free for moves, either.
    """

    def __init__(self, backs: Iterable[Back], gone: Iterable[str] = ()) -> None:
        self._left = {each.leaves for each in backs}
        self._above_left = {each for path in self._left for each in ways(path) if each}
        self._gone = set(gone)
        self._places: set[str] = set()
        self._after: set[str | None] = set()

    def __contains__(self, step: object) -> bool:
        """Return whether a step has to wait, of all in their order."""
        assert isinstance(step, Step | Back)
        if isinstance(step, Step) and step.after is not None:
            if any(each in self._after for each in ways(step.after)):
                return True
            if step.before is None:
                return step.place in self._above_left
            return step.after in self._after
        waits = (
            step.place in self._left
            or (isinstance(step, Back) and step.place in self._gone)
            or not self._places.isdisjoint((step.place, *ways(step.place)))
        )
        if waits:
            self._places.add(step.place)
            self._after.add(step.after)
        return waits


def _below(path: str, places: Sequence[str]) -> frozenset[str]:
    """Return which of some sorted places are below a path, and where there."""
    start = f"{path}/"
    number = bisect_left(places, start)
    found = set()
    while number < len(places) and places[number].startswith(start):
        found.add(places[number][len(start) :])
        number += 1
    return frozenset(found)


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
