"""Whose change on the server is in conflict with one here."""

from __future__ import annotations

from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.log import last_changes
from zope.app.fssync.client.session import Session
from zope.app.fssync.client.workingcopy.serverstate import States
from zope.app.fssync.protocol.headers import transaction_of
from zope.fssync import fsutil
from zope.fssync.errors import AccessDenied
from zope.fssync.errors import ServerRefused
from zope.fssync.merger import Blame
from zope.fssync.report import LastChange
from zope.fssync.report import owner_and_part

__all__ = ["blamed"]


def blamed(session: Session, network: Network, path: str, target: str) -> Blame:
    """Return who changed what of ``target`` since it was last received.

    ``path`` is its path on the server.  Nobody is known where the caller may not see
    the log, or there is none.
    """
    since = transaction_of(States(session.files, session.root or "").told(path))
    if since is None or network.old_server:
        return _nobody
    try:
        found = last_changes(network, path, since.removeprefix("0x"))
    except (AccessDenied, ServerRefused):
        # The conflict is to be told all the same.
        return _nobody
    by_place = {place: each.last_change() for place, each in found.items()}

    def last_change(local: str) -> LastChange | None:
        owner, _ = owner_and_part(local)
        return by_place.get(_place(session, owner, target))

    return last_change


def _nobody(local: str) -> None:
    return None


def _place(session: Session, path: str, target: str) -> str:
    """Return the path on the server of what is at or below ``target``, from there."""
    keys: list[str] = []
    top = fsutil.located(target)
    while fsutil.located(path) != top:
        parent, name = fsutil.split(path)
        keys.append(session.metadata.getentry(path).get("key", name))
        path = parent
    return "/".join(reversed(keys))
