"""Working copies that show the past: their control directory names the revision."""

from __future__ import annotations

from os.path import join

from zope.app.fssync.client.session import ChangingSession
from zope.app.fssync.client.session import Session
from zope.app.fssync.client.workingcopy.place import control_of
from zope.fssync.errors import Error
from zope.fssync.limits import SIZES
from zope.fssync.terminal import escape

__all__ = ["check_not_pinned", "pin", "pinned"]

REVISION = "Revision"


def pin(session: ChangingSession, at: str) -> None:
    """Note that a new working copy is as it was after the transaction ``at``."""
    path = join(control_of(session.root), REVISION)
    session.files.write(path, [f"0x{at}\n".encode()])


def pinned(session: Session) -> str | None:
    """Return the transaction that a working copy is to show, None for any."""
    if session.root is None:
        return None
    path = join(control_of(session.root), REVISION)
    if not session.files.isfile(path):
        return None
    with session.files.open(path) as stream:
        return escape(stream.read(SIZES.root).decode("ascii", "replace").strip())


def check_not_pinned(session: Session, verb: str) -> None:
    """Refuse to exchange changes with the server where the past is shown."""
    at = pinned(session)
    if at is not None:
        raise Error(
            f"this working copy shows what was there at {at}; it has no {verb}",
            path=session.root,
            advice="To work on what is there today check it out without -r. Edits "
            "that were made here are taken there by 'zsync diff' and patch.",
        )
