"""What to do about a commit that the server refuses."""

from __future__ import annotations

import os
from contextlib import suppress
from os.path import join
from typing import TYPE_CHECKING

from zope.app.fssync.client import compat36
from zope.app.fssync.client.committargets import PendingCommit
from zope.app.fssync.client.response import fetch
from zope.app.fssync.client.session import Session
from zope.fssync import fsutil
from zope.fssync import paths
from zope.fssync.changeset import GONE
from zope.fssync.changeset import LIST
from zope.fssync.changeset import Scope
from zope.fssync.errors import AccessDenied
from zope.fssync.errors import Error
from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import OutOfDate
from zope.fssync.errors import PathRefused
from zope.fssync.errors import ProxyFailed
from zope.fssync.errors import ServerRefused
from zope.fssync.errors import ServerUnreachable
from zope.fssync.report import is_of_other_kind
from zope.fssync.report import owner_and_part
from zope.fssync.streams import same_content
from zope.fssync.terminal import escape

if TYPE_CHECKING:
    from zope.fssync.fileinterfaces import IMergeSource

__all__ = ["FORGOTTEN", "advise", "misleads"]

_unknown = (
    "It is not known whether the commit was done. Run 'zsync update': what was done "
    "is up to date then, and what was not can be committed again."
)

FORGOTTEN = (
    "Nothing was committed. Nobody has changed this since the last update: what is "
    "here is older, put back from a copy or by version control. Run 'zsync update', "
    "which compares all of it."
)

_once_more = (
    "Nothing was committed. It is in conflict, and others have changed it once more: "
    "run 'zsync update' first."
)


def advise(this: PendingCommit, error: Error) -> None:
    """Have an error say which files it is about, and what to do."""
    if isinstance(error, AccessDenied):
        refused = _refusal_advice(this.session, this.target, error.message)
        error.advice = refused or error.advice
    elif isinstance(error, ProxyFailed | ServerUnreachable):
        error.advice = error.advice or _unknown
    elif isinstance(error, ServerRefused):
        refused = _refusal_advice(this.session, this.target, error.message)
        error.msg = _shown_here(this, error)
        error.advice = (
            (compat36.rehearsal_advice(error) if this.rehearsal else None)
            or refused
            or error.advice
            or compat36.commit_advice(
                this.network, this.session.metadata, this.session.files, this.target
            )
        )
    elif isinstance(error, OutOfDate):
        error.msg = _shown_here(this, error)
        error.advice = (
            compat36.site_advice(this.network, error.paths)
            or _local_advice(this, error.paths)
            or error.advice
        )


def misleads(this: PendingCommit, state: str, error: OutOfDate) -> bool:
    """Return whether objects were refused that nobody has changed since the state.

    Then files and originals here are older than it: somebody has put them back.
    """
    with fetch(this.network, this.path, state) as response:
        changed = Scope.of(response.archive)
    return changed is not None and not all(
        _tells(changed, _object_path(path)) for path in error.paths
    )


def _tells(changed: Scope, path: str) -> bool:
    """Return whether anything is said of an object, its items or its folders."""
    if changed.touches(path) or changed.covers(path):
        return True
    while path := os.path.dirname(path):
        if changed.has(GONE, path) or changed.has(LIST, path):
            return True
    return False


def _object_path(path: str) -> str:
    """Return the path in an archive of the object that a path is a part of."""
    owner = fsutil.getowner(os.path.dirname(path))
    return path if owner is None else owner


def _shown_here(this: PendingCommit, error: Error) -> str:
    """Return what an error says, with the files to edit for parts of objects.

    Each file is named once, and none whose object is named for the same reason.
    """
    lines = error.msg.splitlines()
    found: dict[str, None] = {}
    for line in lines:
        path, separator, reason = line.partition(": ")
        local = _registered_at(this.session, this.target, path)
        shown = local and this.session.files.shown(local)
        if not shown or shown == local:
            found[line] = None
        elif f"{owner_and_part(path)[0]}{separator}{reason}" not in lines:
            found[f"{shown}{separator}{reason}"] = None
    return "\n".join(found)


def _refusal_advice(session: Session, target: str, message: str) -> str | None:
    """Return what to do where the server refuses the change of an object by name."""
    for line in message.splitlines():
        local = _registered_at(session, target, line.partition(": ")[0])
        if local is not None:
            return (
                "Nothing was committed. Change what the server refuses, or take it "
                f"back: 'zsync revert {escape(session.files.shown(local))}'."
            )
    return None


def _registered_at(session: Session, target: str, path: str) -> str | None:
    """Return the local path of a registered object that an archive calls ``path``."""
    with suppress(PathRefused, LimitExceeded):
        parts = paths.split_archive_path(path)
        local = join(os.path.dirname(target), *parts)
        if parts and session.metadata.getentry(local):
            return local
    return None


def _local_advice(this: PendingCommit, found: list[str]) -> str | None:
    """Return what to do where the refused paths need more than an update."""
    session, directory = this.session, os.path.dirname(this.target)
    for path in found:
        with suppress(PathRefused, LimitExceeded):
            local = join(directory, *paths.split_archive_path(path))
            entry = session.metadata.getentry(local)
            shown = escape(session.files.shown(local))
            if is_of_other_kind(entry):
                # Imported late: hardly any commit is refused.
                from zope.app.fssync.client.conflicts import kind_advice

                return f"Nothing was committed. {kind_advice(local)}"
            is_lost = bool(entry) and not session.files.exists(local)
            if is_lost and fsutil.ispart(local):
                return (
                    "Nothing was committed. A part of an object is lost; "
                    f"'zsync revert {shown}' brings it back."
                )
            if "conflict" in entry:
                if _is_newer_there(this, local, path):
                    return _once_more
                return (
                    "Nothing was committed. Look at the conflict, then "
                    f"'zsync resolve {shown}', or 'zsync revert {shown}'."
                )
    return None


def _is_newer_there(this: PendingCommit, local: str, path: str) -> bool:
    """Return whether others have changed a conflict once more since the update."""
    state = this.states.get(this.path)
    if state is None:
        return False
    files, original = this.session.files, fsutil.getoriginal(local)
    owner = fsutil.getowner(os.path.dirname(local)) or local
    moved_from = this.session.other_place(local)
    if moved_from is not None:
        above = os.path.dirname(fsutil.located(this.target))
        path = os.path.relpath(moved_from, above)
    elif this.session.entry(owner).get("flag") == "added":
        return False
    # Imported late: hardly any commit is refused.
    from zope.fssync.mergesource import ArchiveSource

    with fetch(this.network, this.path, state) as response:
        there: IMergeSource = ArchiveSource(response.archive)
        kind = there.kind(path)
        if kind == "file" and files.isfile(original):
            with files.open(original) as old, there.open(path) as new:
                return not same_content(old, new)
        if kind is None:
            changed = Scope.of(response.archive)
            is_known = changed is None or _tells(changed, _object_path(path))
            if not is_known or response.missing.ask([path]):
                return False
        return kind == "file" or files.isfile(original)
