"""Update: bring the changes of the server into a working copy."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING
from typing import NamedTuple
from typing import TypeAlias

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
from zope.app.fssync.protocol.views import LAST_CHANGES
from zope.fssync import fsutil
from zope.fssync import report
from zope.fssync.changeset import Incomplete
from zope.fssync.changeset import Scope
from zope.fssync.errors import NotThere
from zope.fssync.terminal import escape

if TYPE_CHECKING:
    from functools import _lru_cache_wrapper

    from zope.app.fssync.client.log import LastChanges
    from zope.fssync.merger import Blame
    from zope.fssync.repository import SnarfRepository

__all__ = ["receive_all", "update"]

#: Asks who changed what, at the first call.
_Changes: TypeAlias = "_lru_cache_wrapper[LastChanges | None]"


class _Received(NamedTuple):
    """The lines that report what was merged, and who changed what, if that was sent."""

    lines: list[str]
    brought: LastChanges | None = None


def update(
    session: ChangingSession,
    network: Network,
    target: str,
    accept: Callable[[str], bool],
    dry_run: bool = False,
    bring_back: bool = True,
) -> None:
    """Merge what changed on the server since ``target`` was last received.

    ``accept`` is asked before a great part of the files is deleted.  What is missing
    here comes again, unless not to ``bring_back`` is asked for.  A target that is left
    out here is fetched.
    """
    if session.is_partial:
        # Imported here: few working copies are partial.
        from zope.app.fssync.client.depths import bring
        from zope.app.fssync.client.depths import is_left_out

        if is_left_out(session, target):
            bring(session, network, target, dry_run=dry_run)
            return
    check_not_pinned(session, "update")
    path = locate(session, network, target)
    changes = _changes(session, network, path)
    try:
        received = _update_target(
            session, network, path, target, accept, changes, bring_back
        )
        brought = received.brought
        is_asked = changes.cache_info().currsize > 0
        if (received.lines or brought or is_asked) and not dry_run:
            # Imported late: most updates bring nothing.
            from zope.app.fssync.client.blame import learn

            learn(session, path, changes() if brought is None else brought)
    except NotThere:
        if session.entry(target).get("flag") != "added":
            raise
        network.options.warn(
            f"hint: {escape(target)} is not on the server yet, the next commit sends it"
        )
    if dry_run:
        session.restart()


def _changes(session: ChangingSession, network: Network, path: str) -> _Changes:
    """Return a function that asks once for the changes since ``path`` was received."""
    since = transaction_of(States(session.files, session.root).told(path))

    @cache
    def found() -> LastChanges | None:
        # Imported late: most updates bring nothing.
        from zope.app.fssync.client.blame import changes_since

        return changes_since(network, path, since)

    return found


def _update_target(
    session: ChangingSession,
    network: Network,
    path: str,
    target: str,
    accept: Callable[[str], bool],
    changes: _Changes,
    bring_back: bool,
) -> _Received:
    """Merge what is newer."""
    states = States(session.files, session.root)
    state = states.get(path)
    is_enough = not bring_back or _is_whole(session, target)
    if state is not None and is_enough and states.fit(target):
        received = _update(session, network, path, target, accept, state, changes)
        if received is not None:
            return received
    session.restart()
    return receive_all(session, network, path, target, accept, changes)


def receive_all(
    session: ChangingSession,
    network: Network,
    path: str,
    target: str,
    accept: Callable[[str], bool],
    changes: _Changes | None = None,
) -> _Received:
    """Merge all of the object at ``path`` on the server, whatever is here of it."""
    states = States(session.files, session.root)
    told = everything(states.told(path))
    changes = changes or _changes(session, network, path)
    received = _update(session, network, path, target, accept, told, changes, True)
    if received is None:
        return _Received([])
    if received.lines:
        States(session.files, session.root).forget_changes(path)
    return received


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
    changes: _Changes,
    whole: bool = False,
) -> _Received | None:
    """Merge what is newer than ``state``; return None if that does not fit."""
    head, tail = fsutil.split(target)
    more = left_out(session.left_out.sparse(target)) if session.is_partial else ()
    with fetch(network, path, state, more) as response:
        brought = _brought(response.archive, path)

        def blame() -> Blame:
            # Imported late: most updates end without conflicts.
            from zope.app.fssync.client.blame import blamed

            return blamed(session, target, brought, changes)

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
            return None
        if Scope.of(response.archive) is None:
            note(session, target, response.closing, is_anonymous(network))
    _, _, state_now, seen, back, _ = response
    session.transaction = transaction_of(state_now)
    states = States(session.files, session.root)
    states.take(path, state_now, seen, merged.resend, back)
    session.has_received = True
    session.whole = target if whole and not merged.resend else None
    return _Received(list(filter(_is_news, merged.lines)), brought)


def _brought(archive: SnarfRepository, path: str) -> LastChanges | None:
    """Return who made the changes in an archive, if it tells."""
    if not archive.isfile(LAST_CHANGES):
        return None
    # Imported late: most updates bring nothing.
    from zope.app.fssync.client.log import brought_changes

    return brought_changes(archive, path)


def _is_news(line: str) -> bool:
    action = getattr(line, "action", report.UPDATED)
    # Of conflicts it is known already.
    return action not in (report.UNCHANGED, report.KEPT, report.CONFLICT)
