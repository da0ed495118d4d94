"""Find who made the changes on the server that conflict with those here."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping

from zope.app.fssync.client.addresses import address
from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.log import LastChanges
from zope.app.fssync.client.log import Logged
from zope.app.fssync.client.log import last_changes
from zope.app.fssync.client.response import locate
from zope.app.fssync.client.session import ChangingSession
from zope.app.fssync.client.session import Session
from zope.app.fssync.client.workingcopy.serverstate import States
from zope.fssync import fsutil
from zope.fssync.errors import Error
from zope.fssync.merger import Blame
from zope.fssync.report import LastChange
from zope.fssync.report import owner_and_part

__all__ = ["blamed", "changes_since", "known_changes", "learn", "learn_earlier"]


def blamed(
    session: Session,
    target: str,
    brought: LastChanges | None,
    ask: Callable[[], LastChanges | None],
) -> Blame:
    """Return a function for the last change of a local path in ``target``.

    What the answer has not ``brought``, as of a removed object, ``ask`` may know.
    """

    def last_change(local: str) -> LastChange | None:
        owner, _ = owner_and_part(local)
        place = _place(session, owner, target)
        found = brought if brought is not None and place in brought else ask()
        logged = None if found is None else found.get(place)
        return None if logged is None else logged.last_change()

    return last_change


def changes_since(network: Network, path: str, since: str | None) -> LastChanges | None:
    """Return the last changes of an object on the server after a transaction.

    None if the caller may not see the log, or there is none.
    """
    if since is None or network.old_server:
        return None
    try:
        return last_changes(network, path, since.removeprefix("0x"))
    except Error:
        # Whatever it is wanted for goes on without, and its own requests tell what is
        # wrong with the connection.  A network of an add-on may raise this class alone.
        return None


def learn(session: ChangingSession, path: str, found: LastChanges | None) -> None:
    """Remember the last changes of received objects, from `changes_since`.

    ``path`` is that of an object on the server.
    """
    states = States(session.files, session.root)
    if found is None or not found.are_all:
        states.forget_changes(path)
    _learn(states, path, found or {})


def _learn(states: States, path: str, found: Mapping[str, Logged]) -> None:
    states.learn(
        {
            f"{path.rstrip('/')}/{place}".rstrip("/") or "/": each.last_change()
            for place, each in found.items()
        }
    )


def learn_earlier(session: ChangingSession, network: Network, target: str) -> None:
    """Ask for the last changes of the objects in ``target``, in recent transactions."""
    path = locate(session, network, target)
    states = States(session.files, session.root)
    known = states.transaction(path)
    found = changes_since(network, path, f"{0:016x}")
    if known is None or found is None:
        return
    here = {
        place: each
        for place, each in found.items()
        if each.id.removeprefix("0x") <= known
    }
    _learn(states, path, here)


def known_changes(session: Session) -> Callable[[str], LastChange | None]:
    """Return a function for the last change of a local path, if it is known."""
    if session.root is None:
        return _nobody
    root, network = session.root, Network()
    network.loadrooturl(root)
    url = network.location
    states = States(session.files, root)
    if url is None or not states.knows_changes():
        return _nobody

    def known(path: str) -> LastChange | None:
        try:
            there = address(session.metadata, session.files, root, url, path)
        except Error:
            # It has no place of its own.
            return None
        return states.last_change(there)

    return known


def _nobody(local: str) -> None:
    return None


def _place(session: Session, path: str, target: str) -> str:
    """Return the path on the server, relative to ``target``, of a local path."""
    keys: list[str] = []
    top = fsutil.located(target)
    while fsutil.located(path) != top:
        parent, name = fsutil.split(path)
        keys.append(session.metadata.getentry(path).get("key", name))
        path = parent
    return "/".join(reversed(keys))
