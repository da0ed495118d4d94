"""Merge what one site has moved and changed since the merge base into another.

The merge is made in a working copy of the second site.  Objects that this site has
moved are merged at their new places.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from collections.abc import Iterable
from contextlib import ExitStack
from os.path import join

from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.mergebase import MergeBase
from zope.app.fssync.client.movedsince import in_order
from zope.app.fssync.client.movedsince import moved_by
from zope.app.fssync.client.movedsince import moved_since
from zope.app.fssync.client.moving import move
from zope.app.fssync.client.promotion import Wanted
from zope.app.fssync.client.promotion import without_login
from zope.app.fssync.client.promotioncopy import PromotionCopy
from zope.app.fssync.client.promotionfilter import FilteredMerge
from zope.app.fssync.client.promotionfilter import is_alike
from zope.app.fssync.client.response import find
from zope.app.fssync.client.revisiondiff import side_of
from zope.app.fssync.client.session import ChangingSession
from zope.app.fssync.client.session import HeldReport
from zope.app.fssync.client.session import changing
from zope.app.fssync.client.workingcopy.workingcopy import WorkingCopy
from zope.fssync import paths
from zope.fssync.errors import Error
from zope.fssync.report import Change
from zope.fssync.reversemerge import ways
from zope.fssync.sides import ABSENT
from zope.fssync.sides import Side
from zope.fssync.terminal import escape

__all__ = ["merge_sites"]

#: A transaction that is newer than all.
_NOW = "7" + "f" * 15


def merge_sites(
    source: Network,
    target: Network,
    wanted: Wanted,
    until: str,
    bases: dict[str, MergeBase],
    copy: PromotionCopy,
    reporter: Callable[[str], object],
) -> None:
    """Merge the changes since the bases, by their paths, into the working copy."""
    with HeldReport(_relative_to(copy, reporter)) as report:
        for path, base in bases.items():
            _merge_path(source, target, wanted, until, path, base, copy, report.add)


def _relative_to(
    copy: PromotionCopy, reporter: Callable[[str], object]
) -> Callable[[str], object]:
    """Return a reporter of changes whose paths begin at the top of the copy."""
    start = join(copy.root, "")

    def report(change: str) -> None:
        if isinstance(change, Change) and change.path.startswith(start):
            path = join(change.path, "") if change.is_directory else change.path
            shown = path.removeprefix(start)
            line = change.replace(change.path, shown)
            change = Change.of_line(line, change.action, shown, change.detail, "")
        reporter(change)

    return report


def _merge_path(
    source: Network,
    target: Network,
    wanted: Wanted,
    until: str,
    path: str,
    base: MergeBase,
    copy: PromotionCopy,
    reporter: Callable[[str], object],
) -> None:
    moved = _within(path, moved_since(source, wanted.source, base.state, until))
    here = _within(path, moved_since(target, wanted.target, base.there, _NOW))
    label, top = without_login(wanted.source), copy.top
    with ExitStack() as stack:
        where = (find(source, wanted.source), path)
        before = side_of(stack, source, where, base.state)
        after = side_of(stack, source, where, until)
        done: dict[str, str] = {}
        # A session does not see its own moves: use a new one for each step.
        for moves in [*in_order(moved), {}]:
            opened = WorkingCopy.find(copy.root)
            with changing(opened, "promote", reporter) as session:
                merge = FilteredMerge(session, label, wanted.kinds)
                local = _local(session, top, path)
                if path and not merge.is_here(os.path.dirname(local)):
                    raise _no_container(wanted, path)
                sides = before, after
                states = _States(session, merge, local, sides, moved, here)
                done |= states.move(moves, done)
                if not moves:
                    states.merge(done)


def _no_container(wanted: Wanted, path: str) -> Error:
    above = path.rpartition("/")[0]
    return Error(
        f"{without_login(wanted.target)} has no '{escape(above)}' for '{escape(path)}'",
        path=path,
        advice=f"Nothing was promoted. Promote '{escape(above)}' with all in it.",
    )


def _within(path: str, moved: dict[str, str]) -> dict[str, str]:
    """Return the moves within a path, with paths relative to it."""
    start = f"{path}/" if path else ""
    return {
        old.removeprefix(start): new.removeprefix(start)
        for old, new in moved.items()
        if old.startswith(start) and new.startswith(start)
    }


class _States:
    """The changes between two states of the first site, to be merged into ``local``.

    ``sides`` are the two states.  ``moved`` are the objects that the first site has
    moved, ``here`` those that the second one has moved: the places now by those at the
    last promotion.  An object is moved if only the first site has moved it; new folders
    that it is moved into are created first.  One that both have moved to different
    places is in conflict.
    """

    def __init__(
        self,
        session: ChangingSession,
        merge: FilteredMerge,
        local: str,
        sides: tuple[Side, Side],
        moved: dict[str, str],
        here: dict[str, str],
    ) -> None:
        self._session = session
        self._merge = merge
        self._local = local
        self._base, self._other = sides
        self._moved = moved
        self._here = {
            old: new
            for old, new in here.items()
            if _below(self._base, old, ()).kind is not None
        }

    def move(self, moves: dict[str, str], done: dict[str, str]) -> dict[str, str]:
        """Do the possible moves and return them; ``done`` are earlier ones."""
        return {o: n for o, n in moves.items() if self._move(o, n, done)}

    def merge(self, done: dict[str, str]) -> None:
        """Merge the changes; those of moved objects at the places that these have."""
        roots = {"": ("", ""), **{old: (new, new) for old, new in done.items()}}
        for old, new in self._moved.items():
            if old not in done and not self._has(self._now(old, done)):
                roots[old] = (new, new)
        for old, new in self._here.items():
            now = moved_by(new, done)
            if self._has(now):
                roots[old] = (moved_by(old, self._moved), now)
        others = [other for other, _ in roots.values()]
        for old, (new, now) in roots.items():
            base = _below(self._base, old, roots)
            other = _below(self._other, new, others)
            if old in self._here and self._is_torn(old, now, other):
                self._merge.conflict(self._place(now))
            if not self._has(now) and not is_alike(base, other):
                self._make_way(now)
            if other.kind is not None:
                self._merge.merge(base, other, self._place(now), True)

    def _is_torn(self, old: str, now: str, other: Side) -> bool:
        """Return True if the sites contradict each other about a moved object.

        The first has removed what the second has moved, or both have moved it to
        different places.
        """
        return other.kind is None or self._moved.get(old, now) != now

    def _make_way(self, path: str) -> None:
        """Create the folders that a path is in, as far as they are missing."""
        for each in reversed([*ways(path)]):
            if not self._has(each):
                self._merge.create(_below(self._other, each, ()), self._place(each))

    def _now(self, old: str, done: dict[str, str]) -> str:
        """Return the path in the working copy of what is at a path of ``base``."""
        return moved_by(moved_by(old, self._here), done)

    def _move(self, old: str, new: str, done: dict[str, str]) -> bool:
        sides = _below(self._base, old, ()), _below(self._other, new, ())
        now = self._now(old, done)
        if old in self._here or not (self._merge.may_move(*sides) and self._has(now)):
            return False
        above, _, name = new.rpartition("/")
        new = "/".join(filter(None, [moved_by(above, self._here), name]))
        for each in reversed([*ways(new)]):
            if not self._has(each) and not self._create(each):
                return False
        target = self._place(new)
        if self._session.metadata.getentry(target) or self._session.files.exists(
            target
        ):
            return False
        move(self._session, [self._place(now)], target)
        return True

    def _create(self, path: str) -> bool:
        """Create a folder that is new on the first site, without what is in it."""
        place = self._place(path)
        if _below(self._base, path, ()).kind is None and not self._merge.is_here(place):
            self._merge.create(_below(self._other, path, ()), place)
        return self._merge.is_here(place)

    def _has(self, path: str) -> bool:
        """Return True if an object and its containers exist here."""
        places = [path, *ways(path)] if path else [path]
        return all(self._merge.is_here(self._place(each)) for each in reversed(places))

    def _place(self, path: str) -> str:
        return _local(self._session, self._local, path)


def _below(side: Side, path: str, left_out: Iterable[str]) -> Side:
    """Return the object at a path, without some of the objects below it."""
    start = f"{path}/" if path else ""
    for key in filter(None, path.split("/")):
        side = side.children().get(paths.nfc(key), ABSENT)
    return side._replace(
        left_out=frozenset(
            each.removeprefix(start)
            for each in left_out
            if each != path and each.startswith(start)
        )
    )


def _local(session: ChangingSession, top: str, path: str) -> str:
    """Return the path in the working copy for a path on the server."""
    local = top
    for key in filter(None, path.split("/")):
        name = session.metadata.getmanager(local).name_of(key)
        local = join(local, name or paths.portable_name(key))
    return local
