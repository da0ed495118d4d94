"""What a server answers to a commit, which is taken over here."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from typing import IO
from typing import BinaryIO

from zope.app.fssync.client import compat36
from zope.app.fssync.client.addresses import address
from zope.app.fssync.client.committargets import PendingCommit
from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.merging import merge
from zope.app.fssync.client.response import Response
from zope.app.fssync.client.response import fetch
from zope.app.fssync.client.response import receive
from zope.app.fssync.protocol.headers import FAULTS
from zope.app.fssync.protocol.headers import NEWS
from zope.app.fssync.protocol.headers import NOTHING
from zope.app.fssync.protocol.headers import STORED
from zope.app.fssync.protocol.headers import TRANSACTION
from zope.app.fssync.protocol.headers import USER
from zope.fssync.changeset import Incomplete
from zope.fssync.errors import Error
from zope.fssync.limits import REMEMBERED_COMMITS
from zope.fssync.patterns import late
from zope.fssync.report import LastChange
from zope.fssync.terminal import escape

__all__ = ["take_over"]

_number = late(r"[1-9][0-9]{0,8}")

_done = "The commit is done; 'zsync update' takes over what became of it."


def take_over(
    this: PendingCommit,
    fp: BinaryIO,
    headers: Mapping[str, str],
    sent: IO[bytes],
    commit: str = "",
) -> None:
    """Merge the answer, note the commit, and warn of what the server warns of.

    An error says that the commit is done.
    """
    try:
        if headers.get(STORED) != NOTHING:
            for change in this.sent:
                this.session.reporter(change)
        this.session.transaction = headers.get(TRANSACTION)
        with receive(this.network, this.path, fp, headers) as response:
            _merge_answer(this, response, sent)
        if commit:
            stored = headers.get(STORED) != NOTHING
            committed = _committed(this) if stored else {}
            this.states.count_commit(this.path, commit, stored, committed)
            this.states.learn(_changes(this, headers, committed))
        this.session.has_received = True
    except Error as error:
        if not this.rehearsal:
            error.advice = _done
        raise
    except OSError as error:
        if this.rehearsal:
            raise
        where = f"{error.filename}: " if error.filename else ""
        raise Error(f"{where}{error.strerror or error}", advice=_done) from error
    _tell_faults(this.network, headers, this.target)
    _tell_news(this.network, headers)


def _committed(this: PendingCommit) -> dict[str, str]:
    """Return by their paths on the server which transaction objects are as of now."""
    session, url = this.session, this.network.location
    transaction = (session.transaction or "").removeprefix("0x")
    if not transaction:
        return {}
    assert url is not None
    metadata, files, root = session.metadata, session.files, session.root
    found = {}
    for change in this.sent[-REMEMBERED_COMMITS:]:
        path = change.path.rstrip(os.sep)
        # Parts of an object have no place of their own, nor has what is removed.
        with suppress(Error):
            if metadata.getentry(path):
                found[address(metadata, files, root, url, path)] = transaction
    return found


def _changes(
    this: PendingCommit, headers: Mapping[str, str], committed: Mapping[str, str]
) -> dict[str, LastChange]:
    """Return by the same paths who has changed the objects now: the caller."""
    # Imported here: a commit of nothing needs neither.
    from urllib.parse import unquote

    from zope.app.fssync.client.transactionids import time_of

    transaction, user = this.session.transaction, headers.get(USER)
    if transaction is None or user is None or not committed:
        return {}
    try:
        last = LastChange(transaction, time_of(transaction), escape(unquote(user)))
    except (ValueError, OverflowError):
        return {}
    return dict.fromkeys(committed, last)


def _merge_answer(this: PendingCommit, response: Response, sent: IO[bytes]) -> None:
    """Merge the answer, or all of the object where that does not fit."""
    session = this.session
    head, tail = os.path.split(this.target)
    try:
        merged = merge(session, this.network, response, head, tail, sent)
    except Incomplete as error:
        if this.rehearsal:
            raise _unpredictable(this.target) from error
        session.restart()
        with fetch(this.network, this.path) as whole:
            merged = merge(session, this.network, whole, head, tail, sent)
    if this.moved:
        from zope.app.fssync.client.moving import settle

        for path, before in this.moved.items():
            settle(session, path, before)
    compat36.tell_unstored(this.network, session.files, merged.lines)
    for path in merged.returned:
        this.network.options.warn(
            f"warning: the server has {escape(path)} as it had it before: it did not "
            "take the change, or it means the same there"
        )


def _unpredictable(target: str) -> Error:
    return Error(
        f"the server would accept the commit of '{target}', but the local "
        "result cannot be predicted",
        path=target,
        advice="Nothing was changed, this was a rehearsal. Run 'zsync update' first.",
    )


def _tell_faults(network: Network, headers: Mapping[str, str], target: str) -> None:
    """Warn of what the server has taken and cannot compile.

    It names files by their path from the object that was committed.
    """
    text = headers.get(FAULTS)
    if not text:
        return
    # Imported here: most commits have no faults.
    import json

    above = os.path.dirname(target)
    try:
        faults = [
            f"{_below(above, place)}:{f'{line:d}:' if line else ''} {message}"
            for place, line, message in json.loads(text)
        ]
    except (AttributeError, ValueError, TypeError, RecursionError):
        faults = ["the server found faults, and this client cannot read which ones"]
    for fault in faults:
        network.options.warn(f"warning: {escape(fault)}")


def _below(above: str, place: str) -> str:
    path = os.path.join(above, place.lstrip("/"))
    relative = os.path.relpath(path)
    return path if relative.startswith(os.pardir) else relative


def _tell_news(network: Network, headers: Mapping[str, str]) -> None:
    """Hint at objects that others have changed."""
    count = headers.get(NEWS) or ""
    if _number.fullmatch(count):
        network.options.warn(
            f"hint: {count} {'object is' if count == '1' else 'objects are'} newer "
            "on the server; run 'zsync update'"
        )
