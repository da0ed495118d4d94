"""Convert names of old states to ids of transactions.

A revision is the id of a transaction, a date, a time, how long ago it was, or one of
the words HEAD (what the server has), BASE (what the working copy has received) and
PREV (before the last change that BASE has).
"""

from __future__ import annotations

import re
from datetime import UTC
from datetime import datetime
from datetime import timedelta

from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.info import info
from zope.app.fssync.client.log import Logged
from zope.app.fssync.client.log import Query
from zope.app.fssync.client.log import log
from zope.app.fssync.client.transactionids import id_of
from zope.fssync.errors import Error
from zope.fssync.errors import UsageError
from zope.fssync.terminal import escape

__all__ = [
    "NEWEST",
    "WORDS",
    "before",
    "is_revision",
    "resolve",
    "resolved",
    "states_of",
    "transaction_id",
    "transaction_of",
]

#: The words that stand for a transaction of a working copy or its server.
WORDS = ("HEAD", "BASE", "PREV")

#: Later than any transaction.
NEWEST = "7fffffffffffffff"

_ID = re.compile(r"(?:0x)?([0-9a-f]{16})", re.IGNORECASE)
_AGO = re.compile(r"(\d{1,6}) (second|minute|hour|day|week)s? ago")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def resolve(network: Network, target: str, revision: str) -> str:
    """Return the id of the last transaction of a revision, in hexadecimal.

    ``target`` is a path or a URL, to which the words refer.
    """
    if revision == "HEAD":
        return NEWEST
    if revision == "BASE":
        return _base(target)
    if revision == "PREV":
        base = NEWEST if "://" in target else _base(target)
        last = next(log(network, target, Query(1, until=base)), None)
        if last is None:
            raise Error(
                f"no change of '{escape(target)}' is recorded, and no state before it",
                path=target,
            )
        return before(last.id)
    return transaction_id(revision, True)


def transaction_of(network: Network, target: str, revision: str) -> Logged | None:
    """Return the transaction of ``target`` that a revision means, None for none.

    A revision that is not an id stands for the last such transaction until then.
    """
    at = resolve(network, target, revision)
    since = at if _ID.fullmatch(revision) else None
    return next(log(network, target, Query(1, since=since, until=at)), None)


def states_of(network: Network, target: str, revision: str) -> tuple[str, str]:
    """Return the states before and after the transaction that a revision means."""
    if _ID.fullmatch(revision):
        tid = resolve(network, target, revision)
    else:
        found = transaction_of(network, target, revision)
        if found is None:
            raise Error(
                f"'{escape(target)}' was not changed until '{escape(revision)}'",
                path=target,
            )
        tid = found.id
    return before(tid), tid


def resolved(network: Network, target: str, query: Query) -> Query:
    """Return a query with its words replaced by ids.

    A word at the beginning stands for a transaction of the object, see
    `transaction_of`.
    """
    since, until = query.since, query.until
    if until in WORDS:
        until = resolve(network, target, until)
    if since in WORDS:
        found = transaction_of(network, target, since)
        since = NEWEST if found is None else found.id
    return query._replace(since=since, until=until)


def is_revision(text: str) -> bool:
    """Return True if a text names a state of the past."""
    if text in WORDS:
        return True
    try:
        transaction_id(text, True)
    except UsageError:
        return False
    return True


def before(tid: str) -> str:
    """Return the id of the state before a transaction."""
    return f"{max(int(tid, 16) - 1, 0):016x}"


def _base(target: str) -> str:
    found = None if "://" in target else info(None, target).get("transaction")
    if found is None:
        raise Error(
            f"it is not known which transaction '{escape(target)}' is from",
            path=target,
            advice="Name a date or the id of a transaction; 'zsync log' shows them.",
        )
    return found


def transaction_id(when: str, last: bool, now: datetime | None = None) -> str:
    """Return the id of the first, or the ``last``, possible transaction at a time.

    ``when`` is an id, a date, a time, or a time ago; raises `UsageError` for any other
    text.  Times without a zone are local.
    """
    if found := _ID.fullmatch(when):
        return found[1].lower()
    moment = _moment(when.strip(), last, now or datetime.now(UTC))
    if moment is None or moment.year < 1900:
        raise UsageError(
            f"'{escape(when)}' is neither a date nor the id of a transaction",
            advice="Write 2026-11-29, '2026-11-29 14:30', '2 hours ago', or an id as "
            "'zsync log' shows it.",
        )
    return id_of(moment)


def _moment(when: str, last: bool, now: datetime) -> datetime | None:
    try:
        if found := _AGO.fullmatch(when):
            return now - timedelta(**{f"{found[2]}s": int(found[1])})
        moment = datetime.fromisoformat(when).astimezone(UTC)
        if last and _DAY.fullmatch(when):
            moment += timedelta(days=1, microseconds=-1)
    except (ValueError, OverflowError, OSError):
        return None
    return moment
