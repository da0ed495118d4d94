"""Undo a transaction on the server, by way of a working copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zope.app.fssync.client.log import Logged
from zope.app.fssync.client.reversing import check_unchanged
from zope.fssync.errors import Error

if TYPE_CHECKING:
    from zope.app.fssync.client.api import FSSync

__all__ = ["undo_on_server"]


def undo_on_server(
    client: FSSync, target: str, revision: str, note: str | None, dry_run: bool
) -> Logged:
    """See `IClient`: undo in the working copy, and commit that, or undo it again."""
    check_unchanged(target)
    logged = client.undo_transaction(target, revision)
    try:
        _check_complete(client, logged)
        text = note or f"Undo {logged.id}: {logged.message}".rstrip(": ")
        client.commit_all([target], text, dry_run=True)
        if not dry_run:
            client.commit_all([target], text)
    except BaseException:
        client.conflicts.clear()
        client.later.clear()
        client.undo(target)
        raise
    if dry_run:
        client.undo(target)
    return logged


def _check_complete(client: FSSync, logged: Logged) -> None:
    """Raise an error unless one commit undoes the whole transaction."""
    if client.conflicts:
        raise Error(
            f"{logged.id} cannot be taken back as a whole: others changed the "
            f"same since, '{client.conflicts[0]}' for one",
            path=client.conflicts[0],
            advice=f"'zsync undo {logged.id}' merges it into the files here.",
        )
    if client.later:
        raise Error(
            f"{logged.id} cannot be taken back in one commit: objects have to "
            f"leave '{client.later[0]}' first",
            path=client.later[0],
            advice=f"'zsync undo {logged.id}' takes it back here in two steps.",
        )
