"""What a commit is of, and which object it is sent to."""

from __future__ import annotations

import os
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import NamedTuple

from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.response import locate
from zope.app.fssync.client.session import ChangingSession
from zope.app.fssync.client.session import Session
from zope.app.fssync.client.session import reading
from zope.app.fssync.client.workingcopy.modified import changed
from zope.app.fssync.client.workingcopy.serverstate import States
from zope.app.fssync.client.workingcopy.workingcopy import WorkingCopy
from zope.fssync import fsutil
from zope.fssync.errors import Error
from zope.fssync.errors import WorkingCopyError
from zope.fssync.metadata import MOVED
from zope.fssync.report import Change
from zope.fssync.terminal import escape

__all__ = [
    "PendingCommit",
    "check_missing",
    "common_target",
    "on_server",
    "together",
    "transactions",
    "unsendable",
    "with_moves",
]


class PendingCommit(NamedTuple):
    """A commit of what was ``modified``, by way of ``target``.

    ``target`` is the object at ``path`` on the server: the only one that is wanted, or
    the nearest folder that all of them are in, or are to be added to.  ``moved`` are
    the paths of what was moved, and the ids that they have had until now.
    """

    session: ChangingSession
    network: Network
    modified: list[str]
    moved: dict[str, str]
    target: str
    path: str
    states: States
    view: str
    rehearsal: bool
    #: What is reported of it, once the server has it.
    sent: list[Change]
    record: bytes | None = None


def transactions(network: Network, paths: Iterable[str]) -> list[list[str]]:
    """Return registered paths by the transaction that can store their changes."""
    copies: dict[str, list[str]] = {}
    for path in paths:
        copies.setdefault(WorkingCopy.find(path).root, []).append(path)
    groups: list[list[str]] = []
    for targets in copies.values():
        groups += together(reading(targets[0]), network, targets)
    return groups


def together(
    session: Session, network: Network, targets: Sequence[str]
) -> list[list[str]]:
    """Return ``targets``, which are of one working copy, by transaction.

    A server of 3.6.0 takes all of an object or nothing.  What was checked out from
    several places has several servers, or nothing in common there.
    """
    assert session.root is not None
    groups: dict[str, list[str]] = {}
    for target in _outermost(targets):
        place = os.path.relpath(fsutil.located(target), session.root)
        groups.setdefault(place.partition(os.sep)[0], []).append(target)
    states = States(session.files, session.root)
    found: list[list[str]] = []
    for group in groups.values():
        if len(group) > 1:
            common = common_target([on_server(session, each) for each in group])
            if states.get(locate(session, network, common)) is None:
                found += [[each] for each in group]
                continue
        found.append(group)
    return found


def _outermost(targets: Sequence[str]) -> list[str]:
    """Return the targets that are within no other, each once."""
    places: dict[str, str] = {}
    for target in targets:
        places.setdefault(fsutil.located(target), target)
    return [
        target
        for place, target in places.items()
        if places.keys().isdisjoint(_above(place))
    ]


def _above(path: str) -> Iterator[str]:
    """Yield the directories that an absolute path is in."""
    while path != (path := os.path.dirname(path)):
        yield path


def common_target(targets: Sequence[str]) -> str:
    """Return the only one of ``targets``, or the nearest folder of all."""
    places = {fsutil.located(target) for target in targets}
    return targets[0] if len(places) == 1 else os.path.commonpath(places)


def on_server(session: Session, target: str) -> str:
    """Return the object that a commit of ``target`` is sent to.

    A new object is sent to its folder, which takes it in.
    """
    owner = fsutil.getowner(os.path.dirname(target))
    if owner is not None:
        raise Error(
            f"its path on the server is unknown: {target!r}",
            path=target,
            advice="It is a part of an object, which is committed as a whole: "
            f"'zsync commit {escape(owner)}'.",
        )
    if session.entry(target).get("flag") != "added":
        return target
    folder = os.path.dirname(fsutil.located(target))
    entry = session.entry(folder)
    if entry.get("flag") == "added" and MOVED not in entry:
        raise unsendable(target, folder)
    return folder


def with_moves(
    session: ChangingSession, wanted: list[str], target: str
) -> tuple[list[str], str]:
    """Return what changed in all of ``wanted``, and the object to send that to.

    What was moved is committed at both of its places, or not at all; the folder that it
    was moved into goes with it, if that was moved as well.
    """
    known = list(wanted)
    modified = [path for each in known for path in _changed(session, each)]
    waiting = [*modified, *wanted]
    while waiting:
        path = waiting.pop()
        above = os.path.dirname(path)
        while _is_in(above, target):
            if session.other_place(above) is not None and not _is_any_in(above, known):
                waiting.append(above)
            above = os.path.dirname(above)
        other = session.other_place(path)
        if other is None:
            continue
        for each in (path, other):
            if not _is_any_in(each, known):
                known.append(each)
                new = list(_changed(session, each))
                modified += new
                waiting += new
            while not _is_in(os.path.dirname(each), target):
                target = os.path.dirname(target)
                waiting.append(each)
    _check_folders(session, known, target)
    return list(dict.fromkeys(modified)), target


def _changed(session: ChangingSession, path: str) -> Iterator[str]:
    return changed(session.files, session.metadata, path)


def _check_folders(session: ChangingSession, known: list[str], target: str) -> None:
    """Raise an error where what is to be sent is in a new folder that is not."""
    for each in known:
        folder = os.path.dirname(each)
        while _is_in(folder, target):
            is_new = session.metadata.getentry(folder).get("flag") == "added"
            if is_new and not _is_any_in(folder, known):
                raise unsendable(each, folder)
            folder = os.path.dirname(folder)


def check_missing(session: ChangingSession, modified: list[str]) -> None:
    """Raise an error where something is gone that nobody has removed."""
    missing = [path for path in modified if _is_missing(session, path)]
    if not missing:
        return
    first = missing[0]
    shown = escape(first)
    more = f" and {len(missing) - 1} more" if missing[1:] else ""
    is_added = session.entry(first).get("flag") == "added"
    raise WorkingCopyError(
        f"'{shown}' is missing{more}",
        path=first,
        advice="Nothing was committed. "
        + (
            f"It is to be added; 'zsync revert {shown}' forgets it."
            if is_added
            else "'zsync update' brings back what is missing, "
            f"'zsync remove {shown}' removes it on the server as well."
        ),
    )


def _is_missing(session: ChangingSession, path: str) -> bool:
    entry = session.entry(path)
    is_known = entry.get("flag") != "removed" and "conflict" not in entry
    return is_known and not session.files.exists(path)


def _is_any_in(path: str, directories: list[str]) -> bool:
    return any(_is_in(path, each) for each in directories)


def _is_in(path: str, directory: str) -> bool:
    return path == directory or path.startswith(directory + os.sep)


def unsendable(target: str, folder: str) -> Error:
    return Error(
        f"'{escape(target)}' cannot be committed without its folder",
        path=target,
        advice=f"Commit the folder: 'zsync commit {escape(folder)}'.",
    )
