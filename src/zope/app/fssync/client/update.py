"""Update: bring the changes of the server into a working copy."""

from __future__ import annotations

from collections.abc import Callable

from zope.app.fssync.client import compat36
from zope.app.fssync.client.absent import note
from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.merging import merge
from zope.app.fssync.client.pinned import check_not_pinned
from zope.app.fssync.client.response import everything
from zope.app.fssync.client.response import fetch
from zope.app.fssync.client.response import is_anonymous
from zope.app.fssync.client.response import left_out
from zope.app.fssync.client.response import locate
from zope.app.fssync.client.session import ChangingSession
from zope.app.fssync.client.workingcopy.serverstate import States
from zope.app.fssync.client.workingcopy.statcache import Unchanged
from zope.app.fssync.protocol.headers import transaction_of
from zope.fssync import fsutil
from zope.fssync.changeset import Scope
from zope.fssync.changesetmerger import Incomplete
from zope.fssync.errors import NotThere
from zope.fssync.merger import Blame
from zope.fssync.terminal import escape

__all__ = ["receive_all", "update"]


def update(
    session: ChangingSession,
    network: Network,
    target: str,
    accept: Callable[[str], bool],
    dry_run: bool = False,
) -> None:
    """Merge what changed on the server since ``target`` was last received.

    ``accept`` is asked before a great part of the files is deleted.
    """
    check_not_pinned(session, "update")
    try:
        _update_target(session, network, target, accept)
    except NotThere:
        if session.entry(target).get("flag") != "added":
            raise
        network.options.warn(
            f"hint: {escape(target)} is not on the server yet, the next commit sends it"
        )
    if dry_run:
        session.restart()


def _update_target(
    session: ChangingSession,
    network: Network,
    target: str,
    accept: Callable[[str], bool],
) -> None:
    path = locate(session, network, target)
    states = States(session.files, session.root)
    state = states.get(path)
    if (
        state is None
        or not _is_whole(session, target)
        or not states.fit(target)
        or not _update(session, network, path, target, accept, state)
    ):
        session.restart()
        receive_all(session, network, path, target, accept)


def receive_all(
    session: ChangingSession,
    network: Network,
    path: str,
    target: str,
    accept: Callable[[str], bool],
) -> None:
    """Merge all of the object at ``path`` on the server, whatever is here of it."""
    told = everything(States(session.files, session.root).told(path))
    _update(session, network, path, target, accept, told, whole=True)


def _is_whole(session: ChangingSession, target: str) -> bool:
    """Return True if changes are enough, False if all of the object is needed.

    What is lost here would not be among the changes.  One file costs little.
    """
    if not session.files.isdir(target):
        return False
    with Unchanged(session.files, session.metadata, session.root) as unchanged:
        return unchanged.is_whole(target)


def _update(
    session: ChangingSession,
    network: Network,
    path: str,
    target: str,
    accept: Callable[[str], bool],
    state: str,
    whole: bool = False,
) -> bool:
    """Merge what is newer than ``state``; return False if that does not fit."""
    head, tail = fsutil.split(target)

    def blame() -> Blame:
        # Imported late: most updates end without conflicts.
        from zope.app.fssync.client.blame import blamed

        return blamed(session, network, path, target)

    more = left_out(session.left_out.sparse(target)) if session.is_partial else ()
    with fetch(network, path, state, more) as response:
        if whole:
            compat36.check_anonymous(network, session.files, response.archive, target)
        try:
            merged = merge(
                session,
                network,
                response,
                head,
                tail,
                accept=accept,
                blame=blame,
            )
        except Incomplete:
            return False
        if Scope.of(response.archive) is None:
            note(session, target, response.closing, is_anonymous(network))
    _, _, state_now, seen, back, _ = response
    session.transaction = transaction_of(state_now)
    states = States(session.files, session.root)
    states.take(path, state_now, seen, merged.resend, back)
    session.has_received = True
    session.whole = target if whole and not merged.resend else None
    return True
