"""Commit: send the changes of an object, and merge the answer."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from typing import IO

from zope.app.fssync.client.committargets import PendingCommit
from zope.app.fssync.client.committargets import check_missing
from zope.app.fssync.client.committargets import common_target
from zope.app.fssync.client.committargets import on_server
from zope.app.fssync.client.committargets import unsendable
from zope.app.fssync.client.committargets import with_moves
from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.pinned import check_not_pinned
from zope.app.fssync.client.response import SHORT
from zope.app.fssync.client.response import everything
from zope.app.fssync.client.response import locate
from zope.app.fssync.client.sending import sent_changes
from zope.app.fssync.client.session import ChangingSession
from zope.app.fssync.client.submission import ChangesSubmission
from zope.app.fssync.client.submission import Submission
from zope.app.fssync.client.submission import quoted_note
from zope.app.fssync.client.workingcopy.serverstate import States
from zope.app.fssync.protocol.headers import CODING
from zope.app.fssync.protocol.headers import STATE
from zope.app.fssync.protocol.views import COMMIT
from zope.app.fssync.protocol.views import REHEARSE_COMMIT
from zope.fssync import fsutil
from zope.fssync.errors import Error
from zope.fssync.errors import OutOfDate
from zope.fssync.metadata import MOVED
from zope.fssync.snarf import DEFLATE
from zope.fssync.snarf import deflated
from zope.fssync.streams import Spool
from zope.fssync.terminal import escape

__all__ = ["commit"]


def commit(
    session: ChangingSession,
    network: Network,
    targets: Sequence[str],
    note: str,
    raise_on_conflicts: bool = False,
    dry_run: bool = False,
    strict: bool = False,
    alone: bool = False,
    record: bytes | None = None,
) -> OutOfDate | None:
    """Send the changes of ``targets``, and merge what the server made of them.

    They are of one working copy, as `together` returns them, and are stored in one
    transaction.  With ``dry_run`` the server undoes the commit, and so does the client;
    with ``strict`` it refuses what does not compile, with ``alone`` to commit where
    others have changed anything in the object.  It keeps a ``record`` with the
    transaction.

    Return the refusal, to be raised, if the state of the working copy was wrong: it is
    forgotten here, which an error would undo.
    """
    check_not_pinned(session, "commit")
    wanted = [fsutil.located(target) for target in targets]
    target = common_target([on_server(session, each) for each in targets])
    modified, target = with_moves(session, wanted, fsutil.located(target))
    check_missing(session, modified)
    path = locate(session, network, target)
    view = f"{REHEARSE_COMMIT if dry_run else COMMIT}?note={quoted_note(note)}"
    if raise_on_conflicts:
        view += "&raise=1"
    if strict:
        view += "&strict=1"
    if alone:
        view += "&alone=1"
    states = States(session.files, session.root)
    moved = {
        each: session.metadata.getentry(each).get("id", "")
        for each in modified
        if MOVED in session.metadata.getentry(each)
    }
    this = PendingCommit(
        session,
        network,
        modified,
        moved,
        target,
        path,
        states,
        view,
        dry_run,
        [],
        record,
    )
    state = states.get(path)
    if state is None:
        if wanted != [target]:
            raise unsendable(wanted[0], target)
        _check_whole(this)
        _commit_all(this)
    else:
        try:
            _commit_changes(this, state)
        except OutOfDate as error:
            from zope.app.fssync.client.commitrefusal import FORGOTTEN
            from zope.app.fssync.client.commitrefusal import misleads
            from zope.app.fssync.client.refusals import UPDATE_FIRST

            if error.advice != UPDATE_FIRST or not misleads(this, state, error):
                raise
            error.advice = FORGOTTEN
            session.restart()
            states.set(path, None)
            return error
    if dry_run:
        session.restart()
    return None


def _tell_copied(this: PendingCommit, found: list[str]) -> None:
    """Say that a server of 3.6.0 makes new objects of what was moved."""
    if found:
        count = (
            "1 object that was"
            if len(found) == 1
            else f"{len(found)} objects that were"
        )
        this.network.options.warn(
            f"warning: the server is one of 3.6.0, which cannot move: {count} moved "
            f"here, '{escape(found[0])}' first, become new objects there"
        )


def _check_whole(this: PendingCommit) -> None:
    """Refuse to send all of a directory that is here in part only.

    The server would take what is left out here for new there.
    """
    target, session = this.target, this.session
    if not session.is_partial or not session.files.isdir(target):
        return
    if not session.left_out.may_lack(target):
        return
    shown = escape(os.path.relpath(target))
    known = this.states.told(this.path) is not None
    raise Error(
        f"can't commit '{shown}': the server compares all of it, and this working "
        "copy leaves out some",
        path=target,
        advice="'zsync update' first."
        if known
        else "Nothing was sent. Name the files that you changed, or bring the rest: "
        f"'zsync update --set-depth infinity {shown}'.",
    )


def _commit_all(this: PendingCommit) -> None:
    """Commit to a server that wants all of the object."""
    session = this.session
    told = this.states.told(this.path)
    if told is None and this.moved:
        from zope.app.fssync.client.moving import forsake_all

        _tell_copied(this, forsake_all(session, this.target))
    this.sent.extend(sent_changes(session, this.modified))
    with Spool() as sent:
        digest = Submission(session.metadata, session.files, this.target, session.root)(
            sent
        )
        if told is None:
            _send(this, sent, sent)
        else:
            # The server is none of 3.6.0.
            own = [(STATE, everything(told))]
            _send(this, sent, sent, own, this.states.commit_id(digest))


def _commit_changes(this: PendingCommit, state: str) -> None:
    """Commit to a server that knows archives of changes."""
    session = this.session
    if not this.modified:
        return
    this.sent.extend(sent_changes(session, this.modified))
    submission = ChangesSubmission(
        session.metadata, session.files, this.target, this.modified, session.root
    )
    submission.record = this.record
    with Spool() as sent:
        commit = this.states.commit_id(submission(sent))
        own = [(STATE, state), SHORT]
        body = deflated(sent)
        if body is not None:
            own.append((CODING, DEFLATE))
        content = sent if body is None else io.BytesIO(body)
        _send(this, content, sent, own, commit)


def _send(
    this: PendingCommit,
    content: IO[bytes],
    sent: IO[bytes],
    own: Sequence[tuple[str, str]] = (),
    commit: str = "",
) -> None:
    """Send an archive, and take over the answer; an error says what to do about it.

    ``content`` is the archive ``sent`` as it goes over the wire.
    """
    if this.network.progress is not None:
        this.network.progress.objects("sending", None, len(this.sent))
    view = f"{this.view}&commit={commit}" if commit else this.view
    # Add-ons that replace `httpreq` read it from where it is.
    content.seek(0)
    try:
        fp, headers = this.network.httpreq(this.path, view, content, headers=own)
    except Error as error:
        # Imported late: hardly any commit is refused.
        from zope.app.fssync.client.commitrefusal import advise

        advise(this, error)
        raise
    # Imported late: a commit of nothing has no answer.
    from zope.app.fssync.client.commitanswer import take_over

    take_over(this, fp, headers, sent, commit)
