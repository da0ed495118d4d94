"""Reverse merge: take back what was done on the server, as local changes.

What a transaction did to these objects is merged the other way round into the working
copy, three-way, to be looked at and committed.  The undo of the ZODB is not used: it
refuses where a record was changed again, and a record holds more than an object of
ours, so that it would refuse, or take back, what others did beside it.
"""

from __future__ import annotations

import re
from contextlib import ExitStack
from os.path import basename
from os.path import join

from zope.app.fssync.client import schedule
from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.history import fetch_old
from zope.app.fssync.client.log import Logged
from zope.app.fssync.client.log import Query
from zope.app.fssync.client.log import log
from zope.app.fssync.client.log import topmost
from zope.app.fssync.client.moving import move
from zope.app.fssync.client.response import find
from zope.app.fssync.client.response import only_name
from zope.app.fssync.client.revisiondiff import ABSENT
from zope.app.fssync.client.revisiondiff import Side
from zope.app.fssync.client.revisiondiff import old_side
from zope.app.fssync.client.revisions import before
from zope.app.fssync.client.revisions import resolve
from zope.app.fssync.client.session import ChangingSession
from zope.app.fssync.client.session import reading
from zope.app.fssync.client.status import status
from zope.fssync import fsutil
from zope.fssync import paths
from zope.fssync import report
from zope.fssync.errors import Error
from zope.fssync.errors import LimitExceeded
from zope.fssync.limits import DEFAULT
from zope.fssync.mergesource import ArchiveSource
from zope.fssync.mergesource import TreeSource
from zope.fssync.report import Change
from zope.fssync.terminal import escape
from zope.fssync.textmerge import TextMerge

__all__ = ["check_unchanged", "revert_to", "undo_transaction"]

_ID = re.compile(r"(?:0x)?[0-9a-f]{16}", re.IGNORECASE)

#: What a commit would send, or refuse.
_LOCAL = frozenset(
    (
        *(report.ADDED, report.MODIFIED, report.REMOVED, report.MOVED),
        *(report.CONFLICT, report.MISSING, report.OTHER),
    )
)

#: What an entry says of an object that is added once more.
_KEPT = ("keytype", "provides", "binary")


def undo_transaction(
    session: ChangingSession, network: Network, target: str, revision: str
) -> Logged:
    """Take back what a transaction did to ``target`` and what is below it.

    A ``revision`` that is no id stands for the last such transaction until then.
    Returns the transaction; conflicts are in ``session.conflicts``.
    """
    target = session.single(target)
    at = resolve(network, target, revision)
    since = at if _ID.fullmatch(revision) else None
    logged = next(log(network, target, Query(1, since=since, until=at)), None)
    if logged is None:
        raise Error(
            f"transaction '{escape(revision)}' changed nothing in '{escape(target)}' "
            "that you may see",
            path=target,
            advice="'zsync log' shows the transactions that did.",
        )
    if logged.count > len(logged.changes):
        raise LimitExceeded(
            f"transaction {logged.id} changed {logged.count} objects",
            advice="Take it back by parts: 'zsync undo PATH -r REV'.",
        )
    _Undo(session, network, target, logged)()
    session.conflicts.extend(session.fsmerger.conflicts)
    return logged


def revert_to(
    session: ChangingSession, network: Network, target: str, revision: str
) -> None:
    """Let ``target`` be as it was, as local changes.

    All that happened since, until what the working copy has received, is taken back.
    """
    target = session.single(target)
    with ExitStack() as stack:
        base = old_side(stack, network, target, "BASE")
        other = old_side(stack, network, target, revision)
        _Reverse(session, revision).merge(base, other, fsutil.located(target), True)
    session.conflicts.extend(session.fsmerger.conflicts)


def check_unchanged(target: str) -> None:
    """Refuse a target with local changes, which a commit would send as well."""
    changes: list[str] = []
    session = reading(target, changes.append)
    status(session, session.single(target), verbose=False)
    for change in changes:
        if isinstance(change, Change) and change.action in _LOCAL:
            raise Error(
                f"'{escape(change.path)}' has local changes, which would be committed "
                "as well",
                path=change.path,
                advice="Commit or revert them first, or leave out --server.",
            )


class _Undo:
    """Takes one transaction back."""

    def __init__(
        self, session: ChangingSession, network: Network, top: str, logged: Logged
    ) -> None:
        self._session = session
        self._network = network
        self._logged = logged
        self._top = fsutil.located(top)
        self._server_path = find(network, top)
        self._reverse = _Reverse(session, f"before {logged.id}")

    def __call__(self) -> None:
        """Move back first, then bring back, then change, then remove."""
        found: dict[str, list[tuple[str, ...]]] = {}
        for letter, *places in self._logged.changes:
            found.setdefault(letter, []).append(tuple(places))
        for path, origin in found.get("R", ()):
            move(self._session, [self._local(path)], self._local(origin))
        for path in topmost(path for path, *_ in found.get("D", ())):
            self._merge(None, path, path)
        for path, *origin in (*found.get("R", ()), *found.get("M", ())):
            old = origin[0] if origin else path
            self._merge(path, old, old)
        for path in topmost(path for path, *_ in found.get("A", ())):
            self._merge(path, None, path)

    def _merge(self, after: str | None, earlier: str | None, path: str) -> None:
        """Merge the states of an object after and before into what is at a path.

        What is in it comes with an object that was added or removed.
        """
        deep = after is None or earlier is None
        times = (self._logged.id, before(self._logged.id))
        with ExitStack() as stack:
            sides = [
                ABSENT if place is None else self._side(stack, place, at, deep)
                for place, at in zip((after, earlier), times, strict=True)
            ]
            self._reverse.merge(sides[0], sides[1], self._local(path), deep)

    def _side(self, stack: ExitStack, path: str, at: str, deep: bool) -> Side:
        place = (self._server_path, path)
        fetched = fetch_old(self._network, place, at, shallow=not deep)
        archive = stack.enter_context(fetched).archive
        return Side(ArchiveSource(archive), only_name(archive, basename(path)))

    def _local(self, path: str) -> str:
        """Return the path here of what is called so on the server."""
        local = self._top
        for key in filter(None, path.split("/")):
            manager = self._session.metadata.getmanager(local)
            name = manager.name_of(key) or paths.portable_name(key)
            local = join(local, name)
        return local


class _Reverse:
    """Merges the way from one state to another into what is here."""

    def __init__(self, session: ChangingSession, label: str) -> None:
        self._session = session
        self._files = session.files
        self._metadata = session.metadata
        self._label = label

    def merge(self, base: Side, other: Side, local: str, deep: bool) -> None:
        """Let an object become as in ``other`` as far as it is as in ``base``."""
        if base.kind is None and other.kind is None:
            return
        if base.kind is None:
            self._restore(other, local)
        elif other.kind is None:
            self._take_away(base, local)
        elif not self._is_here(local) or base.kind != other.kind:
            self._conflict(local)
        else:
            self._change(base, other, local)
            if deep:
                self._children(base, other, local)

    def _is_here(self, local: str) -> bool:
        entry = self._metadata.getentry(local)
        return bool(entry) and entry.get("flag") != "removed"

    def _children(self, base: Side, other: Side, local: str) -> None:
        old, new = base.children(), other.children()
        manager = self._metadata.getmanager(local)
        for key in sorted(old.keys() | new.keys()):
            name = manager.name_of(key) or paths.portable_name(key)
            sides = old.get(key, ABSENT), new.get(key, ABSENT)
            self.merge(*sides, join(local, name), True)

    # What is on both sides

    def _change(self, base: Side, other: Side, local: str) -> None:
        changed = base.kind == "file" and self._content(base, other, local)
        for what in (paths.EXTRA, paths.ANNOTATIONS):
            old = base.special(what).children()
            new = other.special(what).children()
            for name in sorted(old.keys() | new.keys()):
                part = join(fsutil.getspecial(local, what), name)
                sides = old.get(name, ABSENT), new.get(name, ABSENT)
                changed |= self._part(*sides, part)
        if changed:
            self._session.reporter(Change(report.MODIFIED, local, "M"))

    def _part(self, base: Side, other: Side, part: str) -> bool:
        """Merge an extra or an annotation; return whether it changed."""
        if base.kind == other.kind == "file" and self._is_here(part):
            return self._content(base, other, part)
        if base.kind is None and other.kind == "file":
            return self._add_part(other, part)
        if other.kind is None and self._is_here(part):
            if self._here(part) != base.content():
                self._conflict(part)
                return False
            schedule.remove(self._session, part, force=True)
            return True
        return False

    def _add_part(self, other: Side, part: str) -> bool:
        entry = self._metadata.getentry(part)
        if entry.get("flag") == "removed":
            del entry["flag"]
        elif entry or self._files.exists(part):
            return self._content(ABSENT, other, part)
        self._files.mkdir(fsutil.split(part)[0])
        self._files.write(part, [other.content()])
        if not entry:
            said = other.entry
            factory = said.get("factory")
            schedule.basicadd(self._session, part, said.get("type"), factory)
        return True

    def _content(self, base: Side, other: Side, local: str) -> bool:
        """Merge a file; return whether it changed, and nothing is in conflict."""
        mine, old, new = self._here(local), base.content(), other.content()
        if old == new or mine == new:
            return False
        if mine == old:
            self._files.write(local, [new])
            return True
        sizes = map(len, (mine, old, new))
        texts = (
            TextMerge.of(mine, old, new) if max(sizes) < DEFAULT.merge_size else None
        )
        if texts is None:
            self._conflict(local)
            return False
        name = basename(local)
        merged, conflicts = texts.merge(f"{name} (mine)", f"{name} ({self._label})")
        self._files.write(local, [merged])
        if conflicts:
            self._conflict(local)
        return not conflicts

    def _here(self, local: str) -> bytes:
        if not self._files.isfile(local):
            return b""
        with self._files.open(local) as stream:
            found: bytes = stream.read()
        return found

    # What is on one side only

    def _take_away(self, base: Side, local: str) -> None:
        """Remove what is still as it was made."""
        if not self._is_here(local):
            return
        source = TreeSource(self._metadata, self._files)
        if _is_same(base, Side(source, local, False)):
            schedule.remove(self._session, local, force=True)
        else:
            self._conflict(local)

    def _restore(self, other: Side, local: str) -> None:
        """Register a removed object once more, with all that belongs to it."""
        entry = self._metadata.getentry(local)
        if entry.get("flag") == "removed":
            schedule.revert(self._session, local)
            return
        if entry or self._files.exists(local):
            if entry and _is_same(
                other, Side(TreeSource(self._metadata, self._files), local, False)
            ):
                return
            self._conflict(local, report.IN_THE_WAY)
            return
        self._bring_back(other, local)

    def _bring_back(self, other: Side, local: str) -> None:
        said = other.entry
        if other.kind == "dir":
            self._files.mkdir(local)
        else:
            self._files.write(local, [other.content()])
        schedule.add(self._session, local, said.get("type"), said.get("factory"))
        entry = self._metadata.getentry(local)
        entry.update({name: said[name] for name in _KEPT if name in said})
        key = said.get("key", basename(other.path or local))
        if key != basename(local):
            entry["key"] = key
        for what in (paths.EXTRA, paths.ANNOTATIONS):
            for name, part in sorted(other.special(what).children().items()):
                self._add_part(part, join(fsutil.getspecial(local, what), name))
        for name, child in sorted(other.children().items()):
            self._bring_back(child, join(local, paths.portable_name(name)))

    def _conflict(self, local: str, detail: str | None = None) -> None:
        entry = self._metadata.getentry(local)
        if entry:
            entry["conflict"] = "yes"
        self._session.fsmerger.report.conflict(local, detail)


def _is_same(first: Side, second: Side) -> bool:
    """Return True if two objects are equal, with all that is in them."""
    if first.kind != second.kind or first.content() != second.content():
        return False
    pairs = [(first.children(), second.children())]
    for what in (paths.EXTRA, paths.ANNOTATIONS):
        pairs.append((first.special(what).children(), second.special(what).children()))
    return all(
        old.keys() == new.keys() and all(_is_same(old[key], new[key]) for key in old)
        for old, new in pairs
    )
