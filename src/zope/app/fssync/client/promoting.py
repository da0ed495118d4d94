"""Promote: merge the changes of one site since the last promotion into another.

The base is the state of the first site at the last promotion, which the note of that
transaction names on the second site.  The changes since then are merged into a working
copy of the second site, and committed in one transaction.  If they are in conflict, or
the commit is refused, the working copy is kept, and the same command goes on with it.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import ExitStack
from contextlib import contextmanager
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
from zope.app.fssync.client.hiddencopy import locked_place
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
from zope.app.fssync.client.workingcopy.workingcopy import WorkingCopy
from zope.app.fssync.protocol.views import PROMOTED
from zope.fssync import paths
from zope.fssync.errors import ConflictsRemain
from zope.fssync.errors import Error
from zope.fssync.errors import Locked
from zope.fssync.errors import OutOfDate
from zope.fssync.files import SaveFile
from zope.fssync.files import open_regular
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import MERGE_ATTEMPTS
from zope.fssync.metadata import MOVED
from zope.fssync.report import Change
from zope.fssync.reversemerge import ways
from zope.fssync.sides import ABSENT
from zope.fssync.sides import Side
from zope.fssync.terminal import escape

__all__ = ["Promotion", "Wanted", "abort", "promote"]

#: A transaction that is newer than all.
_NOW = "7" + "f" * 15

#: Matches the end of the note of a promotion; servers may join its lines.
_NOTE = re.compile(
    r"(?:^|\s)Promoted from (\S+) as of 0x([0-9a-f]{16})(?: \(([^()]*)\))?\s*$"
)


class Wanted(NamedTuple):
    """A requested promotion: two URLs, ``paths`` below both, and ``kinds`` of objects.

    Without paths or kinds all objects are promoted.  ``since`` names the common state
    for the first promotion.
    """

    source: str
    target: str
    paths: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    since: str | None = None
    note: str = "fssync_promote"

    def scope(self) -> str:
        """Return the filters in the form of a note."""
        words = [*sorted(self.paths), *(f"kind {kind}" for kind in sorted(self.kinds))]
        return ", ".join(words)

    def is_of(self, other: Wanted) -> bool:
        """Return True if another promotion has the same filters."""
        return (self.paths, self.kinds) == (other.paths, other.kinds)


class Promotion(NamedTuple):
    """The result of a promotion: the transaction, and the promoted state.

    ``notes`` are those of earlier promotions that it continued from.
    """

    transaction: str | None
    until: str | None
    notes: Sequence[Note] = ()


class Note(NamedTuple):
    """A note of an earlier promotion: everybody who may commit can write one.

    The server knows ``transaction`` and ``user``; the promoted ``state`` is what the
    note says.
    """

    transaction: str
    user: str
    state: str


def promote(
    source: Network,
    target: Network,
    wanted: Wanted,
    dry_run: bool,
    reporter: Callable[[str], object],
) -> Promotion:
    """Merge the changes of one site into another, in one transaction.

    The state in the result is None if there is nothing to promote.
    """
    for network, url in ((source, wanted.source), (target, wanted.target)):
        network.hold_login(RootURL.parse(url))
    place = _Place(wanted)
    with place.locked():
        return _promote(source, target, wanted, place, dry_run, reporter)


def _promote(
    source: Network,
    target: Network,
    wanted: Wanted,
    place: _Place,
    dry_run: bool,
    reporter: Callable[[str], object],
) -> Promotion:
    begun = place.begun()
    notes: tuple[Note, ...] = ()
    if begun is None:
        until = _newest(source, wanted)
        paths = wanted.paths or ("",)
        bases = {path: _base(source, target, wanted, path, until) for path in paths}
        notes = tuple({base.note: None for base in bases.values() if base.note})
        if all(base.state >= until for base in bases.values()):
            return Promotion(None, None, notes)
        begun = _begin(place, source, target, wanted, until, bases, reporter)
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
        if transaction is not None:
            _tell(source, begun[0], begun[1], transaction)
    return Promotion(transaction, begun[1], notes)


def _tell(source: Network, wanted: Wanted, until: str, transaction: str) -> None:
    """Have the first site log the promotion; a warning if it does not."""
    told = {
        "until": until,
        "to": _shown(wanted.target),
        "transaction": transaction.removeprefix("0x"),
    }
    body = io.BytesIO(json.dumps(told).encode("ascii"))
    kinds = "application/json", "text/plain"
    try:
        path = find(source, wanted.source)
        stream, _ = source.httpreq(path, PROMOTED, body, *kinds)
        stream.close()
    except Error as error:
        source.warn_once(
            f"warning: {_shown(wanted.source)} does not log the promotion: "
            f"{error.message}"
        )


def abort(source: str, target: str) -> bool:
    """Abort an unfinished promotion; return False if there is none."""
    place = _Place(Wanted(source, target))
    with place.locked():
        found = place.begun() is not None
        place.remove()
    return found


Begun = tuple[Wanted, str, bool]


class _Place:
    """The directory of a promotion: a working copy, and a record of the promotion."""

    def __init__(self, wanted: Wanted) -> None:
        sites = f"{_shown(wanted.source)} {_shown(wanted.target)}"
        name = hashlib.sha256(sites.encode()).hexdigest()[:16]
        self.path = join(directory_for("promote"), name)
        self.copy = join(self.path, "copy")
        self._record = join(self.path, "promotion.json")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lock the directory against other commands."""
        try:
            with locked_place(self.path, "promote"):
                yield
        except Locked as error:
            error.msg = error.msg.replace("working copy", "the promotion", 1)
            raise

    def make(self) -> None:
        """Make an empty directory."""
        self.remove()
        make_place(self.path)

    def begun(self) -> Begun | None:
        """Return the promotion that was merged here and not committed, or None."""
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
        """Record the promotion."""
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
        """Remove the directory, if it exists."""
        remove_place(self.path)

    def advice(self) -> str:
        """Return the advice how to continue."""
        return (
            f"Resolve what is in conflict in {escape(self.copy)}, by 'zsync resolve' "
            "there, then run the same command again."
        )

    @property
    def top(self) -> str:
        """The path of the promoted object in the working copy."""
        (top,) = reading(self.copy).registered(self.copy)
        return top


def _shown(url: str) -> str:
    """Return a URL in the form of notes: without user and password."""
    return str(RootURL.parse(url)._replace(user=None, password=None))


def _newest(source: Network, wanted: Wanted) -> str:
    """Return the newest state of the first site."""
    newest = next(log(source, wanted.source, Query(1)), None)
    if newest is None:
        raise Error(
            f"{_shown(wanted.source)} has no history that you may see",
            advice="What changed there is found out by its history.",
        )
    return newest.id.removeprefix("0x")


def _begin(
    place: _Place,
    source: Network,
    target: Network,
    wanted: Wanted,
    until: str,
    bases: dict[str, _Base],
    reporter: Callable[[str], object],
) -> Begun:
    """Merge the changes into a new working copy."""
    place.make()
    try:
        target.setrooturl(wanted.target)
        checkout(target, place.copy, ignore_line)
        _merge(source, target, wanted, until, bases, place, reporter)
        place.note(wanted, until)
    except BaseException:
        place.remove()
        raise
    return wanted, until, True


class _Base(NamedTuple):
    """The common state: that of the first site, and the transaction on the second."""

    state: str
    there: str
    note: Note | None = None


def _base(
    source: Network, target: Network, wanted: Wanted, path: str, until: str
) -> _Base:
    """Return the state at the last promotion of a path, up to that of ``until``.

    A note of a state that is still to come would end all promotions.
    """
    words = f"Promoted from {_shown(wanted.source)} as of 0x"
    for logged in log(target, wanted.target, Query(None, text=words)):
        for url, base, scope in _NOTE.findall(logged.message):
            is_of = url == _shown(wanted.source) and base <= until
            if is_of and _covers(scope, path, wanted.kinds):
                there = logged.id.removeprefix("0x")
                return _Base(base, there, Note(f"0x{there}", logged.user, f"0x{base}"))
    if wanted.since is not None:
        since = resolve(source, wanted.source, wanted.since)
        # The ids of transactions are times, of other databases as well.
        return _Base(since, since)
    raise Error(
        f"nothing was promoted to {_shown(wanted.target)} from there yet",
        advice="Name the state of the first site that both have in common: 'zsync "
        "promote --since REV', with the date of the copy or the id of a transaction.",
    )


def _covers(scope: str, path: str, kinds: Sequence[str]) -> bool:
    """Return True if a promotion with this scope included a path and the kinds."""
    words = scope.split(", ") if scope else []
    known = {word.removeprefix("kind ") for word in words if word.startswith("kind ")}
    if known and not (kinds and set(kinds) <= known):
        return False
    tops = [word for word in words if not word.startswith("kind ")]
    return not tops or any(f"{path}/".startswith(f"{top}/") for top in tops)


def _merge(
    source: Network,
    target: Network,
    wanted: Wanted,
    until: str,
    bases: dict[str, _Base],
    place: _Place,
    reporter: Callable[[str], object],
) -> None:
    """Merge the changes since the bases into the working copy."""
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
            moved = moved_since(source, wanted.source, base.state, until)
            moved = _within(path, moved)
            here = moved_since(target, wanted.target, base.there, _NOW)
            with ExitStack() as stack:
                where = (find(source, wanted.source), path)
                times = (base.state, until)
                sides = [side_of(stack, source, where, at) for at in times]
                done: dict[str, str] = {}
                # A session does not see its own moves: use a new one for each step.
                for moves in [*in_order(moved), {}]:
                    copy = WorkingCopy.find(place.copy)
                    with changing(copy, "promote", report.add) as session:
                        merge = _Filtered(session, _shown(wanted.source), wanted.kinds)
                        local = _local(session, top, path)
                        if path and not merge.is_here(os.path.dirname(local)):
                            raise _no_container(wanted, path)
                        states = _States(
                            session,
                            merge,
                            local,
                            (sides[0], sides[1]),
                            moved,
                            _within(path, here),
                        )
                        done |= states.move(moves, done)
                        if not moves:
                            states.merge(done)


def _no_container(wanted: Wanted, path: str) -> Error:
    above = path.rpartition("/")[0]
    return Error(
        f"{_shown(wanted.target)} has no '{escape(above)}' for '{escape(path)}'",
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
        merge: _Filtered,
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
            if not self._has(now) and not _is_alike(base, other):
                self._make_way(now)
            if other.kind is not None:
                self._merge.merge(base, other, self._place(now), True)

    def _is_torn(self, old: str, now: str, other: Side) -> bool:
        """Return True if the first site has removed what the second one has moved.

        Or if both have moved it, to different places.
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


class _Filtered(CopyMerge):
    """Merge only objects of some kinds; without kinds all."""

    def __init__(
        self, session: ChangingSession, label: str, kinds: Sequence[str]
    ) -> None:
        super().__init__(session, label)
        self._kinds = {kind.lower() for kind in kinds}

    def merge(self, base: Side, other: Side, path: str, deep: bool) -> None:
        """See `ReverseMerge`; folders of other kinds only hold wanted objects."""
        if not self.is_here(path) and _is_alike(base, other):
            # Removed on the second site, and not changed on the first.
            return
        if not self._kinds or self._is_wanted(base) or self._is_wanted(other):
            if self._kinds and "dir" in (base.kind, other.kind):
                deep = self._has_both(base, other)
            if base.kind is None or other.kind is None or self.is_here(path):
                super().merge(base, other, path, deep)
            else:
                self._bring(base, other, path, deep)
        elif "dir" in (base.kind, other.kind):
            if base.kind is None and not self.is_here(path) and self._holds(other):
                self.create(other, path)
            if self.is_here(path):
                self._children(base, other, path)

    def _bring(self, base: Side, other: Side, path: str, deep: bool) -> None:
        """Add what the first site changed and the second one removed, in conflict."""
        is_folder = deep and self._has_both(base, other)
        super().restore(_alone(other) if is_folder else other, path)
        self.conflict(path)
        if is_folder:
            self._children(base, other, path)

    def _holds(self, side: Side) -> bool:
        """Return True if an object of the wanted kinds is in a folder."""
        return any(
            self._is_wanted(each) or self._holds(each)
            for each in side.children().values()
        )

    def create(self, other: Side, path: str) -> None:
        """Create a folder without what is in it."""
        if other.kind == "dir":
            super().restore(_alone(other), path)

    def restore(self, other: Side, path: str) -> None:
        """See `ReverseMerge`; what another promotion has brought stays as it is.

        With kinds only objects of these are added.
        """
        if self._kinds and not self._metadata.getentry(path):
            self.create(other, path)
        if other.kind == "dir" and self._has_folder(other, path):
            self._children(ABSENT, other, path)
        elif not (self.is_here(path) and _is_alike(other, self.here(path))):
            super().restore(other, path)

    def _has_folder(self, other: Side, path: str) -> bool:
        """Return True if a folder was created before, or by another promotion."""
        entry = self._metadata.getentry(path)
        if entry.get("flag") == "added" and MOVED not in entry:
            return True
        here = self.here(path)
        return here.kind == "dir" and _is_alike(_alone(other), _alone(here))

    def may_move(self, base: Side, other: Side) -> bool:
        """Return True if ``base`` may have been moved and become ``other``."""
        if base.kind is None or base.kind != other.kind:
            return False
        return not self._kinds or (base.kind == "file" and self._is_wanted(other))

    def merge_content(self, base: Side, other: Side, path: str) -> bool:
        """See `ReverseMerge`; a new date of modification is not a change."""
        if _essence(base.content(), _SAVED) == _essence(other.content(), _SAVED):
            return False
        return super().merge_content(base, other, path)

    def _take_away(self, base: Side, path: str) -> None:
        """Remove an object that equals ``base``, except for its creation."""
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


#: The elements of the Dublin Core that a site sets when an object is saved, or created.
_SAVED = frozenset(["Date.Modified"])
_MADE = frozenset([*_SAVED, "Date.Created", "Creator"])


def _essence(content: bytes, without: frozenset[str]) -> object:
    """Return the content of a file; that of Dublin Core without some elements."""
    if not content.startswith(b"<?xml "):
        return content
    document = dublincore.loads(content)
    if document is None:
        return content
    return {key: value for key, value in document.data.items() if key not in without}


def _alone(side: Side) -> Side:
    """Return a folder without what is in it."""
    return side._replace(left_out=side.left_out.union(side.children()))


def _is_alike(first: Side, second: Side) -> bool:
    """Return True if objects of two sites are equal, with all below them."""
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
    """Commit the merged working copy; return the transaction."""
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
