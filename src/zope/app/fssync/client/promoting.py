"""Promote: what changed on one site since the last time is merged into another.

Both have a common base: the state of the first site that was promoted the last time,
which the note of that transaction names on the second.  The way from there to the
present state is merged, three-way, into a working copy of the second site, and
committed in one transaction.  The working copy stays where it is in conflict, or
refused, and the same command goes on with it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from contextlib import ExitStack
from os.path import join
from typing import NamedTuple

from zope.app.fssync.client import dublincore
from zope.app.fssync.client.checkout import checkout
from zope.app.fssync.client.commit import commit
from zope.app.fssync.client.conflicts import conflicts
from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.hiddencopy import agree
from zope.app.fssync.client.hiddencopy import directory_for
from zope.app.fssync.client.hiddencopy import ignore_line
from zope.app.fssync.client.hiddencopy import make_place
from zope.app.fssync.client.hiddencopy import remove_place
from zope.app.fssync.client.log import Query
from zope.app.fssync.client.log import log
from zope.app.fssync.client.movedsince import in_order
from zope.app.fssync.client.movedsince import moved_by
from zope.app.fssync.client.movedsince import moved_since
from zope.app.fssync.client.moving import move
from zope.app.fssync.client.response import find
from zope.app.fssync.client.reversing import CopyMerge
from zope.app.fssync.client.revisiondiff import side_of
from zope.app.fssync.client.revisions import resolve
from zope.app.fssync.client.session import ChangingSession
from zope.app.fssync.client.session import HeldReport
from zope.app.fssync.client.session import changing
from zope.app.fssync.client.session import reading
from zope.app.fssync.client.update import update
from zope.app.fssync.client.url import RootURL
from zope.app.fssync.client.workingcopy import WorkingCopy
from zope.fssync import paths
from zope.fssync.errors import ConflictsRemain
from zope.fssync.errors import Error
from zope.fssync.errors import OutOfDate
from zope.fssync.files import SaveFile
from zope.fssync.files import open_regular
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import MERGE_ATTEMPTS
from zope.fssync.report import Change
from zope.fssync.reversemerge import ways
from zope.fssync.sides import ABSENT
from zope.fssync.sides import Side
from zope.fssync.terminal import escape

__all__ = ["Promotion", "Wanted", "abort", "promote"]

#: The end of the note of a promotion; servers may make one line of several.
_NOTE = re.compile(
    r"(?:^|\s)Promoted from (\S+) as of 0x([0-9a-f]{16})(?: \(([^()]*)\))?\s*$"
)


class Wanted(NamedTuple):
    """From where to where, and what: ``paths`` below both, and ``kinds`` of objects.

    Without paths it is everything, and so without kinds.  ``since`` is what both sites
    had in common, where nothing was promoted before.
    """

    source: str
    target: str
    paths: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    since: str | None = None
    note: str = "fssync_promote"

    def scope(self) -> str:
        """Return the filters as a note names them."""
        words = [*sorted(self.paths), *(f"kind {kind}" for kind in sorted(self.kinds))]
        return ", ".join(words)

    def is_of(self, other: Wanted) -> bool:
        """Is it the same promotion, as a person calls it again?"""
        return (self.paths, self.kinds) == (other.paths, other.kinds)


class Promotion(NamedTuple):
    """What became of it: the transaction, and the state that was promoted."""

    transaction: str | None
    until: str | None


def promote(
    source: Network,
    target: Network,
    wanted: Wanted,
    dry_run: bool,
    reporter: Callable[[str], object],
) -> Promotion:
    """Merge what changed on one site into another, in one transaction.

    Without anything to promote the state is None.
    """
    for network, url in ((source, wanted.source), (target, wanted.target)):
        network.hold_login(RootURL.parse(url))
    place = _Place(wanted)
    begun = place.begun()
    if begun is None:
        begun = _begin(source, target, wanted, place, reporter)
        if begun is None:
            return Promotion(None, None)
    elif not wanted.is_of(begun[0]):
        raise Error(
            f"another promotion to {_shown(wanted.target)} is not finished",
            path=place.copy,
            advice=f"{place.advice()} 'zsync promote --abort' gives it up.",
        )
    try:
        transaction = _finish(target, begun[0], begun[1], place, dry_run, reporter)
    finally:
        if dry_run and begun[2]:
            place.remove()
    if not dry_run:
        place.remove()
    return Promotion(transaction, begun[1])


def abort(source: str, target: str) -> bool:
    """Give up what is not finished; return whether there was anything."""
    place = _Place(Wanted(source, target))
    found = place.begun() is not None
    place.remove()
    return found


Begun = tuple[Wanted, str, bool]


class _Place:
    """The directory of a promotion: a working copy, and what it is for."""

    def __init__(self, wanted: Wanted) -> None:
        sites = f"{_shown(wanted.source)} {_shown(wanted.target)}"
        name = hashlib.sha256(sites.encode()).hexdigest()[:16]
        self.path = join(directory_for("promote"), name)
        self.copy = join(self.path, "copy")
        self._record = join(self.path, "promotion.json")

    def make(self) -> None:
        """Make it anew."""
        self.remove()
        make_place(self.path)

    def begun(self) -> Begun | None:
        """Return what was merged here and not committed yet."""
        try:
            with open_regular(self._record) as stream:
                found = json.loads(stream.read(DEFAULT.head_size))
        except FileNotFoundError:
            return None
        source, target = found["sites"]
        wanted = Wanted(
            source,
            target,
            tuple(found["paths"]),
            tuple(found["kinds"]),
            note=found["note"],
        )
        return wanted, found["until"], False

    def note(self, wanted: Wanted, until: str) -> None:
        """Remember what the working copy is for."""
        found = {
            "sites": [_shown(wanted.source), _shown(wanted.target)],
            "paths": wanted.paths,
            "kinds": wanted.kinds,
            "note": wanted.note,
            "until": until,
        }
        with SaveFile(self._record, 0o600) as stream:
            stream.write(json.dumps(found).encode())

    def remove(self) -> None:
        """Remove it, if it is there."""
        remove_place(self.path)

    def advice(self) -> str:
        """Return how to go on."""
        return (
            f"Resolve what is in conflict in {escape(self.copy)}, by 'zsync resolve' "
            "there, then run the same command again."
        )

    @property
    def top(self) -> str:
        """The object of the site in the working copy."""
        (top,) = reading(self.copy).registered(self.copy)
        return top


def _shown(url: str) -> str:
    """Return a URL as notes name it: whoever promotes, it is the same."""
    return str(RootURL.parse(url)._replace(user=None, password=None))


def _begin(
    source: Network,
    target: Network,
    wanted: Wanted,
    place: _Place,
    reporter: Callable[[str], object],
) -> Begun | None:
    """Merge what is to be promoted into a new working copy."""
    newest = next(log(source, wanted.source, Query(1)), None)
    if newest is None:
        raise Error(
            f"{_shown(wanted.source)} has no history that you may see",
            advice="What changed there is found out by its history.",
        )
    until = newest.id.removeprefix("0x")
    bases = {
        path: _base(source, target, wanted, path) for path in wanted.paths or ("",)
    }
    if all(base >= until for base in bases.values()):
        return None
    place.make()
    try:
        target.setrooturl(wanted.target)
        checkout(target, place.copy, ignore_line)
        _merge(source, wanted, until, bases, place, reporter)
        place.note(wanted, until)
    except BaseException:
        place.remove()
        raise
    return wanted, until, True


def _base(source: Network, target: Network, wanted: Wanted, path: str) -> str:
    """Return the last state of the source that was promoted, of a path."""
    words = f"Promoted from {_shown(wanted.source)} as of 0x"
    for logged in log(target, wanted.target, Query(None, text=words)):
        for url, base, scope in _NOTE.findall(logged.message):
            if url == _shown(wanted.source) and _covers(scope, path, wanted.kinds):
                return str(base)
    if wanted.since is not None:
        return resolve(source, wanted.source, wanted.since)
    raise Error(
        f"nothing was promoted to {_shown(wanted.target)} from there yet",
        advice="Name the state of the first site that both have in common: 'zsync "
        "promote --since REV', with the date of the copy or the id of a transaction.",
    )


def _covers(scope: str, path: str, kinds: Sequence[str]) -> bool:
    """Did a promotion bring all that is wanted of a path?"""
    words = scope.split(", ") if scope else []
    known = {word.removeprefix("kind ") for word in words if word.startswith("kind ")}
    if known and not (kinds and set(kinds) <= known):
        return False
    tops = [word for word in words if not word.startswith("kind ")]
    return not tops or any(f"{path}/".startswith(f"{top}/") for top in tops)


def _merge(
    source: Network,
    wanted: Wanted,
    until: str,
    bases: dict[str, str],
    place: _Place,
    reporter: Callable[[str], object],
) -> None:
    """Merge the way from the base to the present state into the working copy."""
    top = place.top
    start = join(place.copy, "")

    def tell(change: str) -> None:
        if isinstance(change, Change) and change.path.startswith(start):
            path = join(change.path, "") if change.is_directory else change.path
            shown = path.removeprefix(start)
            line = change.replace(change.path, shown)
            change = Change.of_line(line, change.action, shown, change.detail, "")
        reporter(change)

    with HeldReport(tell) as report:
        for path, base in bases.items():
            moved = moved_since(source, wanted.source, base, until)
            with ExitStack() as stack:
                where = (find(source, wanted.source), path)
                sides = [side_of(stack, source, where, at) for at in (base, until)]
                done: dict[str, str] = {}
                # A session does not see yet what it has moved itself.
                for moves in [*in_order(_within(path, moved)), {}]:
                    copy = WorkingCopy.find(place.copy)
                    with changing(copy, "promote", report.add) as session:
                        merge = _Filtered(session, _shown(wanted.source), wanted.kinds)
                        local = _local(session, top, path)
                        states = _States(session, merge, local, sides[0], sides[1])
                        done |= states.move(moves, done)
                        if not moves:
                            states.merge(done)


def _within(path: str, moved: dict[str, str]) -> dict[str, str]:
    """Return what was moved from and to places below a path, by those below it."""
    start = f"{path}/" if path else ""
    return {
        old.removeprefix(start): new.removeprefix(start)
        for old, new in moved.items()
        if old.startswith(start) and new.startswith(start)
    }


class _States:
    """Two states of the first site, of which the way is gone in ``local``.

    Moved is what is still where it was, and has a folder to go to.  All else is removed
    and made anew.
    """

    def __init__(
        self,
        session: ChangingSession,
        merge: _Filtered,
        local: str,
        base: Side,
        other: Side,
    ) -> None:
        self._session = session
        self._merge = merge
        self._local = local
        self._base, self._other = base, other

    def move(self, moves: dict[str, str], done: dict[str, str]) -> dict[str, str]:
        """Move what can be moved, and return it; others are ``done``."""
        return {o: n for o, n in moves.items() if self._move(o, n, done)}

    def merge(self, done: dict[str, str]) -> None:
        """Merge what has changed, of what was moved where it is now."""
        for old, new in {"": "", **done}.items():
            base = _below(self._base, old, done)
            other = _below(self._other, new, done.values())
            self._merge.merge(base, other, self._place(new), True)

    def _move(self, old: str, new: str, done: dict[str, str]) -> bool:
        sides = _below(self._base, old, ()), _below(self._other, new, ())
        now = moved_by(old, done)
        if not (
            self._merge.may_move(*sides) and self._has(now) and self._has(_above(new))
        ):
            return False
        target = self._place(new)
        if self._session.metadata.getentry(target) or self._session.files.exists(
            target
        ):
            return False
        move(self._session, [self._place(now)], target)
        return True

    def _has(self, path: str) -> bool:
        """Is an object here, with all that it is in?"""
        places = [path, *ways(path)] if path else [path]
        return all(self._merge.is_here(self._place(each)) for each in reversed(places))

    def _place(self, path: str) -> str:
        return _local(self._session, self._local, path)


def _above(path: str) -> str:
    return path.rpartition("/")[0]


def _below(side: Side, path: str, left_out: Iterable[str]) -> Side:
    """Return what is at a path, without some of what is in it."""
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
    """Return the place in the working copy of a path on the server."""
    local = top
    for key in filter(None, path.split("/")):
        name = session.metadata.getmanager(local).name_of(key)
        local = join(local, name or paths.portable_name(key))
    return local


class _Filtered(CopyMerge):
    """Merges objects of some kinds only; without kinds all."""

    def __init__(
        self, session: ChangingSession, label: str, kinds: Sequence[str]
    ) -> None:
        super().__init__(session, label)
        self._kinds = {kind.lower() for kind in kinds}

    def merge(self, base: Side, other: Side, path: str, deep: bool) -> None:
        """See `ReverseMerge`; what is in a folder of another kind is looked at."""
        if not self.is_here(path) and _is_alike(base, other):
            # It was removed there, and nothing happened to it on the first site.
            return
        if not self._kinds or self._is_wanted(base) or self._is_wanted(other):
            if self._kinds and "dir" in (base.kind, other.kind):
                deep = self._has_both(base, other)
            super().merge(base, other, path, deep)
        elif self.is_here(path) and "dir" in (base.kind, other.kind):
            self._children(base, other, path)

    def may_move(self, base: Side, other: Side) -> bool:
        """May what was one be moved to where it is the other?"""
        if base.kind is None or base.kind != other.kind:
            return False
        return not self._kinds or (base.kind == "file" and self._is_wanted(other))

    def merge_content(self, base: Side, other: Side, path: str) -> bool:
        """See `ReverseMerge`; that an object was saved again says nothing."""
        if _essence(base.content(), _SAVED) == _essence(other.content(), _SAVED):
            return False
        return super().merge_content(base, other, path)

    def _take_away(self, base: Side, path: str) -> None:
        """Remove what is as it was on the first site, whoever made it when."""
        if not self.is_here(path):
            return
        if _is_alike(base, self.here(path)):
            self.remove(path)
        else:
            self.conflict(path)

    def _has_both(self, base: Side, other: Side) -> bool:
        return base.kind == other.kind == "dir"

    def _is_wanted(self, side: Side) -> bool:
        if side.kind is None:
            return False
        name = side.entry.get("type", "").lower()
        words = {side.kind, name, name.rpartition(".")[2]}
        return not self._kinds.isdisjoint(words)


#: What a site notes of an object when it is saved, and when it is made.
_SAVED = frozenset(["Date.Modified"])
_MADE = frozenset([*_SAVED, "Date.Created", "Creator"])


def _essence(content: bytes, without: frozenset[str]) -> object:
    """Return the content of a file; of Dublin Core without some of its elements."""
    if not content.startswith(b"<?xml "):
        return content
    document = dublincore.loads(content)
    if document is None:
        return content
    return {key: value for key, value in document.data.items() if key not in without}


def _is_alike(first: Side, second: Side) -> bool:
    """Are two objects of two sites equal, with all that is in them?"""
    if first.kind != second.kind:
        return False
    if _essence(first.content(), _MADE) != _essence(second.content(), _MADE):
        return False
    pairs = [(first.children(), second.children())]
    for what in (paths.EXTRA, paths.ANNOTATIONS):
        pairs.append((first.special(what).children(), second.special(what).children()))
    return all(
        old.keys() == new.keys() and all(_is_alike(old[key], new[key]) for key in old)
        for old, new in pairs
    )


def _finish(
    target: Network,
    wanted: Wanted,
    until: str,
    place: _Place,
    dry_run: bool,
    reporter: Callable[[str], object],
) -> str | None:
    """Commit what was merged; return the transaction."""
    top = place.top
    _check_conflicts(place, top)
    scope = f" ({wanted.scope()})" if wanted.scope() else ""
    origin = f"Promoted from {_shown(wanted.source)} as of 0x{until}{scope}"
    note = f"{wanted.note}\n\n{origin}"
    for _ in range(MERGE_ATTEMPTS):
        try:
            with changing(WorkingCopy.find(top), "commit", ignore_line) as session:
                refusal = commit(session, target, [top], note, dry_run=dry_run)
            if refusal is None:
                return session.transaction
        except OutOfDate:
            with changing(WorkingCopy.find(top), "update", ignore_line) as session:
                update(session, target, top, agree)
            _check_conflicts(place, top)
        except Error as error:
            if not dry_run:
                error.advice = (
                    f"{error.advice or ''} The merged files are kept in "
                    f"{escape(place.copy)}: the same command goes on with them."
                ).strip()
            raise
    raise OutOfDate(
        f"{_shown(wanted.target)} is changed by others all the time",
        advice="Nothing was committed. Run the same command again when it is quiet.",
    )


def _check_conflicts(place: _Place, top: str) -> None:
    found = list(conflicts(reading(top), top))
    if found:
        what = "1 conflict is" if len(found) == 1 else f"{len(found)} conflicts are"
        first = os.path.relpath(found[0].path, place.copy)
        raise ConflictsRemain(
            f"{what} left, the first in {escape(first)}",
            path=found[0].path,
            advice=f"Nothing was committed. {place.advice()}",
        )
