"""Leave out parts of a working copy, and fetch them again."""

from __future__ import annotations

import os
from collections.abc import Callable
from collections.abc import Iterator
from os.path import join

from zope.app.fssync.client.addresses import check_address
from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.leftout import LeftOut
from zope.app.fssync.client.merging import merge
from zope.app.fssync.client.response import everything
from zope.app.fssync.client.response import fetch
from zope.app.fssync.client.response import left_out
from zope.app.fssync.client.response import locate
from zope.app.fssync.client.schedule import forget
from zope.app.fssync.client.session import ChangingSession
from zope.app.fssync.client.session import Session
from zope.app.fssync.client.session import reading
from zope.app.fssync.client.status import Status
from zope.app.fssync.client.update import receive_all
from zope.app.fssync.client.workingcopy.serverstate import States
from zope.app.fssync.protocol.headers import transaction_of
from zope.fssync import fsutil
from zope.fssync import paths
from zope.fssync import report
from zope.fssync.errors import Error
from zope.fssync.report import Change
from zope.fssync.sparse import EXCLUDE
from zope.fssync.sparse import INFINITY
from zope.fssync.sparse import Sparse
from zope.fssync.terminal import escape

__all__ = ["bring", "change_depth", "is_left_out", "leaves_out"]


#: Local changes that would be lost.
_UNSENT = frozenset(
    {
        report.ADDED,
        report.CONFLICT,
        report.MODIFIED,
        report.MOVED,
        report.OTHER,
        report.REMOVED,
    }
)


def is_left_out(session: Session, target: str) -> bool:
    """Return True if this working copy leaves out ``target``, or a directory above."""
    path = target
    while session.is_partial and not session.metadata.getentry(path):
        if session.left_out.leaves_out(path):
            return True
        path, name = fsutil.split(path)
        if not name or path == session.root:
            break
    return False


def leaves_out(target: str) -> bool:
    """Return True if the working copy of ``target`` leaves it out."""
    session = reading(target)
    return session.is_partial and is_left_out(session, target)


def bring(
    session: ChangingSession,
    network: Network,
    target: str,
    depth: str = INFINITY,
    dry_run: bool = False,
) -> None:
    """Receive an object that is left out here, to a depth."""
    head, name = fsutil.split(target)
    if not session.metadata.getentry(head):
        folder = os.path.dirname(target.rstrip(os.sep))
        raise Error(
            f"can't update '{target}': its folder is left out, too",
            path=target,
            advice=f"Bring the folder first: 'zsync update {escape(folder)}'.",
        )
    above = locate(session, network, head)
    path = check_address(f"{above.rstrip('/')}/{paths.nfc(name)}")
    top, *keys = session.left_out.keys(target)
    rules = session.left_out.tops[top]
    rules.set(keys, depth)
    states = States(session.files, session.root)
    more = left_out(session.left_out.sparse(target))
    with fetch(network, path, everything(states.told(path)), more) as response:
        merged = merge(session, network, response, head, name)
    session.left_out.save(session)
    states = States(session.files, session.root)
    states.take(path, response.state, response.seen, merged.resend, response.back)
    session.transaction = transaction_of(response.state)
    if dry_run:
        session.restart()


def change_depth(
    session: ChangingSession,
    network: Network,
    target: str,
    depth: str,
    accept: Callable[[str], bool],
    dry_run: bool = False,
) -> None:
    """Set the depth of an object, which may be left out here.

    Files beyond it are deleted here, unless they have changes to commit.
    """
    if depth != EXCLUDE and is_left_out(session, target):
        bring(session, network, target, depth, dry_run)
        return
    found = session.left_out
    top, *keys = found.keys(target)
    if depth == EXCLUDE and not keys:
        raise Error(
            f"can't exclude '{target}': it is all of the checkout",
            path=target,
            advice="Delete the directory, or use the depth 'empty'.",
        )
    if depth != EXCLUDE and not session.files.isdir(target):
        raise Error(f"'{target}' is no directory, and has no depth", path=target)
    rules = found.tops.get(top) or Sparse()
    rules.set(keys, depth)
    found.set(top, rules)
    for path in list(_surplus(session, found, target)):
        _drop(session, path)
    session.metadata.flush()
    found.save(session)
    if depth != EXCLUDE and not dry_run:
        path = locate(session, network, target)
        receive_all(session, network, path, target, accept)
        found.save(session)
    if dry_run:
        session.restart()


def _surplus(session: Session, found: LeftOut, target: str) -> Iterator[str]:
    """Yield the registered objects at and below ``target`` that are to be left out."""
    is_directory = session.files.isdir(target)
    if found.leaves_out(target, is_directory):
        yield target
    elif is_directory:
        for name in session.metadata.getnames(target):
            yield from _surplus(session, found, join(target, name))


def _unsent(session: Session, path: str) -> Iterator[Change]:
    """Yield the changes at and below a path that the server does not have."""
    found: list[str] = []
    shown = Status(session, verbose=False)
    shown.report = found.append
    shown.show(path)
    for change in found:
        if isinstance(change, Change) and change.action in _UNSENT:
            yield change


def _drop(session: ChangingSession, path: str) -> None:
    """Delete the local files of an object, which stays on the server."""
    edited = next(_unsent(session, path), None)
    if edited is not None:
        raise Error(
            f"can't leave out '{path}': '{edited.path}' has changes that are not on "
            "the server",
            path=edited.path,
            advice="Nothing was changed. Commit them, or "
            f"'zsync revert {escape(edited.path)}'.",
        )
    is_directory = session.files.isdir(path)
    if is_directory:
        session.fsmerger.removal.remove_registered(path)
    elif session.files.exists(path):
        session.files.remove(path)
    forget(session, path)
    for what in (paths.ORIGINAL, paths.EXTRA, paths.ANNOTATIONS):
        session.fsmerger.removal.remove_special(path, what)
    shown = os.path.join(path, "") if is_directory else path
    session.reporter(Change(report.DELETED, shown, "D"))
