"""The values of a log: transactions with their changes, in pages."""

from __future__ import annotations

from typing import Any
from typing import NamedTuple

from ZODB.utils import p64
from ZODB.utils import u64

from zope.app.fssync.server.changes.history import text_of
from zope.app.fssync.server.changes.history import tid_of_told
from zope.app.fssync.server.changes.history import user_name
from zope.app.fssync.server.changes.records import RECORD
from zope.app.fssync.server.changes.records import TARGET
from zope.app.fssync.server.changes.revisions import Revised
from zope.app.fssync.server.changes.versions import Version
from zope.app.fssync.server.changes.versions import tid_of

__all__ = [
    "Change",
    "Keys",
    "Page",
    "Transaction",
    "Wanted",
    "from_revision",
    "from_storage",
    "from_version",
    "is_older",
    "time_between",
]

#: The keys that lead from the object of a log to one below it.
Keys = tuple[Any, ...]


class Change(NamedTuple):
    """What a transaction did to an object: A added, D removed, M modified, R moved.

    ``before`` are the keys of the place that it was moved from.
    """

    letter: str
    keys: Keys
    before: Keys | None = None


class Transaction(NamedTuple):
    """A transaction, with the changes that the caller may know of.

    ``record`` is what `keep_record` has stored of the object of the log; it is for
    callers from whom nothing of the transaction is withheld.
    ``versions`` are those that it has saved of the object that the log is of.
    ``origin`` is the path from which it moved that object, relative to where it is
    then, as ``..`` and the old name; None if it stayed, or the caller may not know.
    ``target`` is the oid of the object that was committed, if it was a commit.
    """

    tid: bytes
    time: float
    user: str
    note: str
    changes: list[Change]
    record: bytes | None = None
    versions: tuple[Version, ...] = ()
    origin: tuple[str, ...] | None = None
    target: bytes | None = None


class Wanted(NamedTuple):
    """Which transactions are wanted: ids from ``since`` to ``until``, and texts."""

    since: bytes | None = None
    until: bytes | None = None
    user: str = ""
    text: str = ""

    def fits(self, found: Transaction) -> bool:
        """Return whether a transaction is wanted, apart from its id."""
        comments = "".join(f"\n{each.comment}" for each in found.versions)
        return (
            self.user.casefold() in found.user.casefold()
            and self.text.casefold() in f"{found.note}{comments}".casefold()
        )


class Page(NamedTuple):
    """A part of a log, the newest transaction first.

    ``before`` is where the next page begins, None at the end: the last transaction of
    this page, or a time that reveals no other transaction.  ``begins`` is set on the
    last page if older transactions were packed away: the time since which all are kept;
    ``packed`` is the transaction of that time.
    """

    transactions: list[Transaction]
    before: bytes | None
    begins: float | None = None
    packed: bytes | None = None


def from_storage(told: dict[str, Any]) -> Transaction:
    """Return a transaction as a storage describes it, without changes."""
    return _transaction(tid_of_told(told), told)


def from_revision(found: Revised) -> Transaction:
    """Return the transaction of revisions of records, without changes."""
    return _transaction(found.tid, found.told)


def from_version(version: Version) -> Transaction:
    """Return the transaction of a version, without changes: it was packed away."""
    tid = tid_of(version.time)
    return Transaction(tid, version.time, version.user, "", [], versions=(version,))


def _transaction(tid: bytes, told: dict[str, Any]) -> Transaction:
    user, note = text_of(told["user_name"]), text_of(told["description"])
    return Transaction(
        tid,
        float(told["time"]),
        user_name(user),
        _note(note),
        [],
        record=told.get(RECORD),
        target=told.get(TARGET),
    )


def _note(text: str) -> str:
    """Return a message; Zope puts the path of the request on a line before it."""
    first, _, rest = text.partition("\n")
    return rest.strip() if first.startswith("/") and rest.strip() else text.strip()


def is_older(tid: bytes, before: bytes | None) -> bool:
    """Return whether a transaction is older than another, if one is given."""
    return before is None or tid < before


def time_between(older: bytes, newer: bytes) -> bytes:
    """Return a time after a transaction and not after a newer one.

    It is as round as can be: a caller who may see neither transaction learns little of
    when they were.
    """
    kept = (u64(older) ^ u64(newer)).bit_length() - 1
    found: bytes = p64(u64(newer) >> kept << kept)
    return found
