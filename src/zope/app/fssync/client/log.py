"""Fetch the transactions that changed an object from its server."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import closing
from typing import Any
from typing import NamedTuple
from urllib.parse import urlencode

from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.response import find
from zope.app.fssync.protocol.headers import BACK
from zope.app.fssync.protocol.headers import NO_STATE
from zope.app.fssync.protocol.headers import STATE
from zope.app.fssync.protocol.views import LAST_CHANGES
from zope.app.fssync.protocol.views import LOG
from zope.fssync.errors import OutOfDate
from zope.fssync.errors import ServerRefused
from zope.fssync.limits import BLAMED_TRANSACTIONS
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import LATEST
from zope.fssync.limits import LOG_FIRST
from zope.fssync.limits import LOG_PAGE
from zope.fssync.limits import LOG_RECORDS
from zope.fssync.patterns import late
from zope.fssync.report import LastChange
from zope.fssync.repository import SnarfRepository
from zope.fssync.terminal import escape

__all__ = [
    "Began",
    "LastChanges",
    "LogPage",
    "Logged",
    "Query",
    "brought_changes",
    "last_changes",
    "log",
    "log_of",
    "log_pages",
]


#: Called with the beginning of a packed history, in seconds since 1970.
Began = Callable[[float], object]


class Query(NamedTuple):
    """The filters of a log.

    ``limit`` is the number of transactions, None for all; ``since`` and ``until`` are
    ids in hexadecimal; ``user`` and ``text`` are parts of the name and of the message.
    With ``records`` the transactions have the records of git.
    """

    limit: int | None = None
    since: str | None = None
    until: str | None = None
    user: str = ""
    text: str = ""
    records: bool = False

    def arguments(self, limit: int, before: str | None) -> str:
        """Return the arguments of a request."""
        given = {
            "limit": limit,
            "before": before,
            "since": self.since,
            "until": self.until,
            "user": self.user,
            "text": self.text,
            "records": "1" if self.records else "",
        }
        return urlencode({name: value for name, value in given.items() if value})


class Logged(NamedTuple):
    """A transaction.

    ``time`` is in seconds since 1970.  ``changes`` has for each a letter (A added,
    D removed, M modified, R moved), the path below the object and for R the one that
    it was moved from; ``count`` is their number, of which the server may list fewer.
    ``record`` is the record of git.  ``versions`` are those that the object itself has
    saved then: number and comment.  ``origin`` is the path from which the transaction
    moved the object itself, from where it is then, as ``../old.txt``; else empty.
    ``here`` is True for a commit of the object itself: who may commit no more than
    something in it has made none of these.
    """

    id: str
    time: float
    user: str
    message: str
    changes: Sequence[tuple[str, ...]] = ()
    # It hides a method of tuples that nobody asks for.
    count: int = 0  # type: ignore[assignment]
    record: bytes | None = None
    versions: Sequence[tuple[int, str]] = ()
    origin: str = ""
    here: bool = False

    def last_change(self) -> LastChange:
        """Return user, time and id for display."""
        # Servers leave the ``0x`` out.
        transaction = f"0x{self.id.removeprefix('0x')}"
        return LastChange(transaction, int(self.time), escape(self.user))


def log(
    network: Network, target: str, query: Query, began: Began | None = None
) -> Iterator[Logged]:
    """Yield the transactions that changed an object, the newest first.

    ``target`` is its path in a working copy, or its URL.  If the history was packed,
    ``began`` is called at the end with the time at which it begins.
    """
    yield from log_of(network, find(network, target), query, began)


def log_of(
    network: Network, path: str, query: Query, began: Began | None = None
) -> Iterator[Logged]:
    """Like `log`, for the object at ``path`` on the server of ``network``."""
    for page in log_pages(network, path, query):
        yield from page.transactions
        if page.begins is not None and began is not None:
            began(page.begins)


class LogPage(NamedTuple):
    """A page of a log.

    The last page has ``begins``, see `Began`, and ``packed``, the transaction of that
    time.  ``has_history`` is False if a query asks for records, and the database keeps
    no history.
    """

    transactions: list[Logged]
    begins: float | None
    packed: str
    has_history: bool


def log_pages(
    network: Network, path: str, query: Query, seen: str = "", first: int = LOG_FIRST
) -> Iterator[LogPage]:
    """Yield the log of an object in pages, the first one of ``first`` transactions.

    ``seen`` is a transaction that the server had; raises `OutOfDate` if it has lost it.
    """
    left, before, last = query.limit, None, ""
    while left is None or left > 0:
        page = LOG_PAGE if before else first
        if query.records:
            # Whoever reads them reads all, and each answer passes over those before.
            page = LOG_RECORDS
        wanted = page if left is None else min(left, page)
        document = _ask(network, path, query.arguments(wanted, before), seen)
        if document.get("kept") is False:
            yield LogPage([], None, "", False)
            return
        found = [_logged(path, each) for each in _list(path, document, "transactions")]
        # Others may have committed, or packed, since the page before.
        found = [each for each in found if not last or each.id < last]
        begins = document.get("begins")
        yield LogPage(
            found,
            None if begins is None else _begins(path, begins),
            str(document.get("packed") or ""),
            True,
        )
        last = found[-1].id if found else last
        going_on = document.get("before")
        if not isinstance(going_on, str) or (before and going_on >= before):
            return
        before = going_on
        left = None if left is None else left - len(found)


class LastChanges(dict[str, Logged]):
    """The last transaction of each object, by its path below an object.

    ``are_all`` is True if all requested transactions were read.
    """

    are_all = True


def last_changes(network: Network, path: str, since: str) -> LastChanges:
    """Return the last transactions that changed an object and those below it.

    Only a limited number of those after ``since``, an id without ``0x``, are read.
    """
    query = Query(limit=BLAMED_TRANSACTIONS, since=since)
    # All are wanted before anything is shown.
    pages = log_pages(network, path, query, first=LOG_PAGE)
    logged = [each for page in pages for each in page.transactions]
    last = _last([each for each in logged if each.id.removeprefix("0x") != since])
    last.are_all = last.are_all and len(logged) < BLAMED_TRANSACTIONS
    return last


def brought_changes(archive: SnarfRepository, path: str) -> LastChanges:
    """Return the last changes of the objects in an archive of changes that tells them.

    ``path`` is that of its object on the server.
    """
    with closing(archive.readable(LAST_CHANGES)) as stream:
        document = _document(stream.read(DEFAULT.entries_size + 1), path)
    return _last(
        [_logged(path, each) for each in _list(path, document, "transactions")]
    )


def _last(logged: Iterable[Logged]) -> LastChanges:
    """Return the last changes from a log, the newest transaction first."""
    last = LastChanges()
    for each in logged:
        for _, changed, *_ in each.changes:
            last.setdefault(changed.strip("/"), each)
        last.are_all = last.are_all and len(each.changes) >= each.count
    return last


_transaction = late(r"(?:0x)?[0-9a-f]{1,16}")


def _ask(network: Network, path: str, arguments: str, seen: str) -> dict[str, Any]:
    view = f"{LOG}?{arguments}"
    headers = [(STATE, f"{NO_STATE} {seen}")] if seen else []
    stream, said = network.httpreq(
        path, view, expected_type="text/plain", headers=headers
    )
    with stream:
        data = stream.read(DEFAULT.entries_size + 1)
    if BACK in said:
        raise OutOfDate(f"the database of the server does not have transaction {seen}")
    return _document(data, path)


def _document(data: bytes, path: str) -> dict[str, Any]:
    try:
        if len(data) > DEFAULT.entries_size:
            raise ValueError("it is too long")
        document = json.loads(data)
        if not isinstance(document, dict):
            raise ValueError("it is no mapping")
    except (ValueError, RecursionError) as error:
        raise _unreadable(path) from error
    return document


def _list(path: str, document: dict[str, Any], name: str) -> list[Any]:
    found = document.get(name)
    if not isinstance(found, list):
        raise _unreadable(path)
    return found


def _logged(path: str, each: Any) -> Logged:
    try:
        return Logged(
            id=_id(each["id"]),
            time=_time(each["time"]),
            user=str(each["user"]),
            message=str(each["message"]),
            changes=[_change(*change) for change in each["changes"]],
            count=int(each["count"]),
            record=b64decode(each["record"]) if "record" in each else None,
            # A server need not send versions for objects without any.
            versions=[(int(n), str(text)) for n, text in each.get("versions", ())],
            origin=str(each.get("origin", "")),
            here=each.get("here") is True,
        )
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise _unreadable(path) from error


def _id(value: Any) -> str:
    """Return the id of a transaction; raise ValueError for anything else."""
    if not _transaction.fullmatch(value):
        raise ValueError("no transaction has this id")
    return str(value)


def _change(letter: Any, path: Any, *before: Any) -> tuple[str, ...]:
    """Return a change; raise ValueError for a move from nowhere."""
    if letter == "R" and not before:
        raise ValueError("what was moved was somewhere before")
    return (str(letter), str(path), *map(str, before))


def _begins(path: str, value: Any) -> float:
    try:
        return _time(value)
    except (ArithmeticError, TypeError, ValueError) as error:
        raise _unreadable(path) from error


def _time(value: Any) -> float:
    """Return a time; raise ValueError if it is out of range."""
    time = float(value)
    if not 0 <= time < LATEST:
        raise ValueError("no calendar has this time")
    return time


def _unreadable(path: str) -> ServerRefused:
    return ServerRefused(
        "the answer of the server is not a log",
        path=path,
        advice="Is it a server of zsync, and of this release?",
    )
