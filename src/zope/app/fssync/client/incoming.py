"""The changes that an update would bring."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from os.path import curdir
from os.path import join
from os.path import relpath
from typing import NamedTuple

from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.info import info
from zope.app.fssync.client.log import Logged
from zope.app.fssync.client.log import last_changes
from zope.app.fssync.client.response import find
from zope.app.fssync.client.session import changing
from zope.app.fssync.client.update import update
from zope.app.fssync.client.workingcopy.workingcopy import WorkingCopy
from zope.fssync import report
from zope.fssync.errors import AccessDenied
from zope.fssync.errors import ServerRefused
from zope.fssync.fsutil import located
from zope.fssync.report import Change
from zope.fssync.report import owner_and_part

__all__ = ["CHANGED", "GONE", "NEW", "Incoming", "incoming"]

NEW, CHANGED, GONE = "new", "changed", "gone"

_BROUGHT = {
    report.CREATED: NEW,
    report.UPDATED: CHANGED,
    report.MERGED: CHANGED,
    report.SAME: CHANGED,
    report.CONFLICT: CHANGED,
    report.DELETED: GONE,
}


class Incoming(NamedTuple):
    """The change of an object on the server: `NEW`, `CHANGED` or `GONE`.

    ``logged`` is the last transaction that changed it, if the server sends it.
    """

    path: str
    state: str
    is_directory: bool
    logged: Logged | None = None


def incoming(
    network: Network, target: str, warn: Callable[[str], object]
) -> list[Incoming]:
    """Return the objects at and below ``target`` that an update would change.

    It rehearses an update, and changes nothing.
    """
    changes: list[str] = []
    with changing(WorkingCopy.find(target), "status", changes.append) as session:
        update(session, network, target, lambda question: True, dry_run=True)
        found = _objects(changes, session.files.isdir)
    if not found:
        return []
    found = [each._replace(path=_as_called(each.path, target)) for each in found]
    last = _last(network, target, warn)
    return [each._replace(logged=_of(each.path, target, last)) for each in found]


def _as_called(path: str, target: str) -> str:
    """Return a path in the form in which the user named ``target``."""
    below = relpath(located(path), located(target))
    return target if below == curdir else join(target, below)


def _objects(
    changes: Iterable[str], is_directory: Callable[[str], bool]
) -> list[Incoming]:
    """Return the change of each object, to which those of its parts belong."""
    found: dict[str, Incoming] = {}
    for change in changes:
        if not isinstance(change, Change) or change.action not in _BROUGHT:
            continue
        owner, part = owner_and_part(change.path)
        if not part:
            state = _BROUGHT[change.action]
            if (change.action, change.detail) in (
                (report.CONFLICT, report.REMOVED_THERE),
                (report.SAME, report.REMOVED),
            ):
                state = GONE
            found[owner] = Incoming(owner, state, change.is_directory)
        elif owner not in found:
            found[owner] = Incoming(owner, CHANGED, is_directory(owner))
    return list(found.values())


def _last(
    network: Network, target: str, warn: Callable[[str], object]
) -> dict[str, Logged]:
    """Return for each path below ``target`` the last transaction that changed it.

    The server is only asked for those that the working copy has not received.
    """
    since = info(None, target).get("transaction")
    if since is None:
        return {}
    try:
        return last_changes(network, find(network, target), since)
    except (AccessDenied, ServerRefused) as error:
        warn(f"who changed it is unknown: {error.message}")
        return {}


def _of(path: str, target: str, last: dict[str, Logged]) -> Logged | None:
    """Return the transaction of a local path, whose names are those of the server."""
    if path == target:
        return last.get("")
    return last.get(path.removeprefix(join(target, "")))
