"""Move objects in a working copy, so that a commit moves them on the server.

Until then a moved object is registered at both places: at the new one as added, with
``moved``, the old path below the root; at the old one as removed, with ``moved-to``.
Its entries and originals, and those of all in it, stay as the server has sent them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from collections.abc import Iterator
from itertools import pairwise
from os.path import basename
from os.path import dirname
from os.path import join

from zope.app.fssync.client.schedule import check_entries
from zope.app.fssync.client.schedule import check_free
from zope.app.fssync.client.schedule import check_kind
from zope.app.fssync.client.schedule import check_name
from zope.app.fssync.client.schedule import check_whole
from zope.app.fssync.client.schedule import make_new
from zope.app.fssync.client.session import ChangingSession
from zope.app.fssync.client.session import Session
from zope.app.fssync.client.workingcopy.naming import check_twin
from zope.app.fssync.client.workingcopy.place import ROOT_ADVICE
from zope.app.fssync.client.workingcopy.renaming import move_control
from zope.fssync import fsutil
from zope.fssync import paths
from zope.fssync.errors import Error
from zope.fssync.metadata import MOVED
from zope.fssync.metadata import MOVED_TO
from zope.fssync.report import Change
from zope.fssync.terminal import escape

__all__ = ["below", "cancel", "forsake", "forsake_all", "move", "settle"]

_SPECIALS = (paths.EXTRA, paths.ANNOTATIONS)


# Move


def move(
    session: ChangingSession, sources: Iterable[str], target: str, after: bool = False
) -> None:
    """Move files or directories to ``target``, or into it if it is a directory.

    With ``after`` only register moves that were made without zsync.
    """
    sources = list(sources)
    into = session.files.isdir(target) and not (
        after and len(sources) == 1 and _is_new(session, target)
    )
    if len(sources) > 1 and not into:
        raise Error(f"'{target}' is no directory", path=target)
    _check_apart(sources)
    for source in sources:
        name = fsutil.split(source)[1]
        _Move(session, source, join(target, name) if into else target, after)()


def _is_new(session: Session, target: str) -> bool:
    """Return True if nothing is registered at a path, or only the source of a move."""
    entry = session.metadata.getentry(target)
    return not entry or MOVED_TO in entry


def _check_apart(sources: list[str]) -> None:
    places = sorted(map(fsutil.located, sources))
    for first, second in pairwise(places):
        if second == first or second.startswith(first + os.sep):
            raise Error(f"'{second}' is moved with '{first}'", path=second)


class _Move:
    """One move; ``content`` is the path of the files until it is done."""

    def __init__(
        self, session: ChangingSession, old: str, new: str, after: bool
    ) -> None:
        self.session = session
        self.metadata = session.metadata
        self.files = session.files
        self.shown = old, new
        self.old, self.new = fsutil.located(old), fsutil.located(new)
        self.after = after
        self.content = self.new if after else self.old

    def __call__(self) -> None:
        self._check_source()
        back = self._is_back()
        if not back:
            self._check_target()
        self._check_files()
        if self.after:
            self.files.carry(self.old, self.new)
        _readdress(self.session, self.content, self.old, self.new)
        if back:
            _undo(self.session, self.old, self.new)
        else:
            _register(self.session, self.old, self.new)
        if not self.after:
            self.files.relocate(self.old, self.new)
        self.session.relocated.update((self.old, self.new))
        self.session.reporter(Change.moved(self.shown[1], self.shown[0]))

    def _is_back(self) -> bool:
        return self.session.other_place(self.old) == self.new and (
            MOVED in self.metadata.getentry(self.old)
        )

    def _refuse(self, what: str, advice: str | None = None) -> Error:
        return Error(
            f"can't move '{self.shown[0]}': {what}", path=self.shown[0], advice=advice
        )

    def _check_source(self) -> None:
        entry = self.metadata.getentry(self.old)
        if not entry or self.session.inside(self.old) is None:
            raise Error(f"nothing known about '{self.shown[0]}'", path=self.shown[0])
        if dirname(self.old) == self.session.root:
            raise self._refuse("it is what was checked out")
        to = entry.get(MOVED_TO)
        if to is not None:
            raise self._refuse(f"it was moved to '{escape(to)}'")
        if entry.get("flag") == "removed":
            raise self._refuse("it is registered for removal")
        check_kind(self.session, self.old, "move")
        check_whole(self.session, self.old, "move", named=self.shown[0])
        self._check_present()

    def _check_present(self) -> None:
        """Refuse an incomplete object: no update restores the rest at a new place."""
        for path in below(self.session, self.old):
            flag = self.metadata.getentry(path).get("flag")
            is_there = path in self.session.relocated or self.files.kind(path)
            if flag != "removed" and not is_there:
                lost = join(self.shown[0], os.path.relpath(path, self.old))
                raise self._refuse(
                    f"'{escape(lost)}' in it is missing",
                    "'zsync update' brings back what is missing, 'zsync remove "
                    f"{escape(lost)}' removes it on the server as well.",
                )

    def _check_target(self) -> None:
        inside, new = self.session.inside(self.new), self.shown[1]
        if inside is None:
            raise self._refuse(
                f"'{new}' is not in the same working copy",
                "Use 'zsync copy', then 'zsync remove'.",
            )
        if self.new.startswith(self.old + os.sep):
            raise self._refuse(f"'{new}' is in it")
        top = self.session.inside(self.old) or ""
        if inside.partition("/")[0] != top.partition("/")[0]:
            at_root = os.sep not in inside
            raise self._refuse(
                f"'{new}' is not in what was checked out"
                if at_root
                else f"'{new}' was checked out from another place",
                ROOT_ADVICE if at_root else None,
            )
        check_name(new, basename(self.new))
        check_free(self.session, self.new)
        check_twin(self.metadata, self.new)
        above = self.metadata.getentry(dirname(self.new))
        if not above or above.get("flag") == "removed":
            raise self._refuse(
                f"'{escape(dirname(new) or os.curdir)}' is not registered",
                "Make the directory with 'zsync mkdir' first.",
            )
        check_entries(self.session, dirname(self.new), f"can't move '{self.shown[0]}'")
        entry = self.metadata.getentry(self.new)
        if entry.get("flag") == "removed":
            raise self._refuse(
                f"the removal of '{new}' is not committed yet",
                f"Commit it first, or 'zsync revert {escape(new)}'.",
            )
        if entry:
            raise self._refuse(f"'{new}' already exists")

    def _check_files(self) -> None:
        old, new = self.shown
        gone = self.old if self.after else self.new
        if self.files.kind(gone) is not None:
            hint = "Without --after it is moved now." if self.after else None
            raise self._refuse(f"'{old if self.after else new}' already exists", hint)
        kind = self.files.kind(self.content)
        if kind is None:
            hint = f"If you moved it by hand: 'zsync move --after {escape(old)} NEW'."
            raise self._refuse("it is missing", None if self.after else hint)
        if kind == "other" or self._is_misplaced(kind):
            raise self._refuse("it is not what was sent, but of another kind")

    def _is_misplaced(self, kind: str) -> bool:
        entry = self.metadata.getentry(self.old)
        was_file = self.files.isfile(fsutil.getoriginal(self.old))
        is_new = entry.get("flag") == "added" and MOVED not in entry
        return not is_new and was_file != (kind == "file")


def _register(session: ChangingSession, old: str, new: str) -> None:
    """Register the objects at ``old`` again, at ``new``."""
    metadata = session.metadata
    before = metadata.getentry(old)
    entry = {key: value for key, value in before.items() if key != "key"}
    origin = session.other_place(old)
    if origin is not None:
        metadata.getentry(origin)[MOVED_TO] = _inside(session, new)
    elif entry.get("flag") != "added":
        entry[MOVED] = _inside(session, old)
    _take_control(session, old, new, keep=MOVED in entry and origin is None)
    if MOVED in entry and origin is None:
        before["flag"] = "removed"
        before[MOVED_TO] = _inside(session, new)
        before.pop("conflict", None)
        _restore_parts(session, old)
    else:
        before.clear()
    entry["flag"] = "added"
    metadata.getentry(new).update(entry)


def _take_control(session: ChangingSession, old: str, new: str, keep: bool) -> None:
    for find in (fsutil.getmine, fsutil.getbefore):
        # What is kept of a conflict.
        move_control(session.files, find(old), find(new))
    for what in (paths.ORIGINAL, *_SPECIALS):
        special = fsutil.getspecial(old, what)
        if what in _SPECIALS:
            session.metadata.release(special)
        move_control(session.files, special, fsutil.getspecial(new, what), keep)
        session.metadata.forget(special)


def _restore_parts(session: ChangingSession, path: str) -> None:
    """Restore the extras and annotations of a removed object as they were sent."""
    for what in _SPECIALS:
        special = fsutil.getspecial(path, what)
        for name in session.metadata.getnames(special):
            part = join(special, name)
            if session.metadata.getentry(part).get("flag") == "added":
                session.metadata.getentry(part).clear()
                session.files.remove(part)
            elif session.files.isfile(fsutil.getoriginal(part)):
                session.metadata.getentry(part).pop("flag", None)
                session.fsmerger.merger.restore_original(part)


def _undo(session: ChangingSession, new: str, old: str) -> None:
    """Register an object at ``old`` again that was moved to ``new``."""
    metadata = session.metadata
    entry = metadata.getentry(old)
    for mark in ("flag", MOVED_TO):
        entry.pop(mark, None)
    conflict = metadata.getentry(new).get("conflict")
    if conflict is not None:
        entry["conflict"] = conflict
    for what in _SPECIALS:
        # Edits at the new place are kept.
        session.fsmerger.removal.remove_special(old, what)
    session.fsmerger.merger.remove_original(old)
    _take_control(session, new, old, keep=False)
    metadata.getentry(new).clear()


def cancel(session: ChangingSession, new: str) -> str:
    """Move an object back that was moved to ``new``; return its old path."""
    old = session.other_place(new)
    assert old is not None
    if session.files.kind(old) is not None:
        raise Error(
            f"'{escape(old)}' is in the way of what was moved from there",
            path=old,
            advice="Give it another name, or move it away.",
        )
    _readdress(session, new, new, old)
    _undo(session, new, old)
    if session.files.kind(new) is not None:
        session.files.relocate(new, old)
    session.relocated.update((new, old))
    return old


# References


def _inside(session: Session, path: str) -> str:
    inside = session.inside(path)
    assert inside is not None
    return inside


def _readdress(session: ChangingSession, content: str, old: str, new: str) -> None:
    """Update the other places of objects that were moved into or out of a directory.

    ``content`` is the present path of the directory.
    """
    start, wanted = f"{_inside(session, old)}/", f"{_inside(session, new)}/"
    for path in below(session, content):
        entry = session.metadata.getentry(path)
        for mark, other in ((MOVED, MOVED_TO), (MOVED_TO, MOVED)):
            value = entry.get(mark)
            if value is None:
                continue
            if value.startswith(start):
                # Both places are in the directory.
                entry[mark] = wanted + value[len(start) :]
                continue
            parts = paths.split_archive_path(value)
            there = session.metadata.getentry(join(session.root, *parts))
            there[other] = wanted + os.path.relpath(path, content).replace(os.sep, "/")


def below(session: Session, path: str) -> Iterator[str]:
    """Yield the registered objects below a directory."""
    if not session.files.isdir(path):
        return
    for name in session.metadata.getnames(path):
        yield join(path, name)
        yield from below(session, join(path, name))


# After a commit or an update


def settle(session: ChangingSession, path: str, before: str) -> None:
    """Set the ids of the entries in a directory to those after a commit.

    ``before`` is the id that the directory had.  The entries still count as received.
    """
    after = session.metadata.getentry(path).get("id")
    if after is None or after == before:
        return
    for each in below(session, path):
        entry = session.metadata.getentry(each)
        if entry.get("id", "").startswith(f"{before}/"):
            received = session.metadata.is_received(each)
            entry["id"] = after + entry["id"][len(before) :]
            if received:
                session.metadata.received(each)


def forsake(session: ChangingSession, new: str) -> None:
    """Make a moved object a new one, since it cannot be moved on the server."""
    old = session.other_place(new)
    if old is not None:
        session.metadata.getentry(old).pop(MOVED_TO, None)
    _make_new(session, new)


def _make_new(session: ChangingSession, path: str) -> None:
    entry = session.metadata.getentry(path)
    entry.pop(MOVED, None)
    if not make_new(session, path):
        return
    entry.pop("key", None)
    above = session.metadata.getentry(dirname(path)).get("id", "")
    entry["id"] = f"{above.rstrip('/')}/{paths.nfc(basename(path))}"
    for what in _SPECIALS:
        special = fsutil.getspecial(path, what)
        for part in session.metadata.getnames(special):
            make_new(session, join(special, part))
    if not session.files.isdir(path):
        return
    for name in session.metadata.getnames(path):
        below = join(path, name)
        child = session.metadata.getentry(below)
        if MOVED in child:
            continue
        other = session.other_place(below)
        if other is not None:
            # What was moved away from here cannot be moved either.
            child.clear()
            session.metadata.getentry(other).pop(MOVED)
            _make_new(session, other)
        elif child.get("flag") == "removed":
            child.clear()
        else:
            _make_new(session, below)


def forsake_all(session: ChangingSession, target: str) -> list[str]:
    """Forsake all moves in ``target``; return the new places."""
    found = [
        path
        for path in (target, *below(session, target))
        if MOVED in session.metadata.getentry(path)
    ]
    for path in found:
        if MOVED in session.metadata.getentry(path):
            forsake(session, path)
    return found
