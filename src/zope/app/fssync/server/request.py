"""The base of the adapters to `IViewRequest`, for any publisher."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Mapping
from functools import partial
from typing import IO
from typing import Any
from urllib.parse import parse_qs
from urllib.parse import quote

import transaction
from zope.component import getMultiAdapter

from zope.app.fssync.protocol.headers import ALIVE
from zope.app.fssync.protocol.headers import GENERATION
from zope.app.fssync.protocol.headers import SNARF
from zope.app.fssync.protocol.headers import STATE
from zope.app.fssync.protocol.headers import TRANSACTION
from zope.app.fssync.protocol.headers import USER
from zope.app.fssync.protocol.headers import WITHHELD
from zope.app.fssync.server import observing
from zope.app.fssync.server.changes.history import user_name
from zope.app.fssync.server.exchange import BROKEN
from zope.app.fssync.server.exchange import BUSY
from zope.app.fssync.server.exchange import LARGE
from zope.app.fssync.server.exchange import SHORT
from zope.app.fssync.server.exchange import Exchange
from zope.app.fssync.server.exchange import Running
from zope.app.fssync.server.exchange import result_of
from zope.app.fssync.server.exchange import verb_of
from zope.app.fssync.server.messages import translated
from zope.app.fssync.server.outcome import UNDONE
from zope.app.fssync.server.outcome import Outcome
from zope.app.fssync.server.precedence import PRECEDENCE
from zope.fssync.limits import LARGE_EXCHANGE
from zope.fssync.limits import NOTE_LENGTH

__all__ = ["BaseViewRequest", "one_line"]


#: Invisible characters that belong to words in some scripts.
JOINERS = "\u200c\u200d"


def one_line(text: str) -> str:
    """Return the visible part of a text on one line, for the history."""
    return " ".join("".join(map(_visible, text[:NOTE_LENGTH])).split())


def _visible(char: str) -> str:
    category = unicodedata.category(char)
    if category in ("Cc", "Zl", "Zp"):
        return " "
    return "" if category in ("Cf", "Cs") and char not in JOINERS else char


def _number(text: Any) -> int | None:
    found = str(text)
    return int(found) if found.isascii() and found.isdigit() else None


def _streamed(running: Running, exchange: Exchange, pieces: Any) -> None:
    """End an exchange when its response is sent, or the client has disconnected."""
    exchange = exchange._replace(
        seconds=running.seconds,
        sent=pieces.sent,
        objects=pieces.objects,
        withheld=pieces.withheld,
        result=exchange.result if pieces.finished else BROKEN,
    )
    observing.end(running, exchange)


class BaseViewRequest:
    """Base of the adapters to `IViewRequest`: a request with headers and a response.

    Adapters may be created at any time: data that must last are in `kept`.
    """

    def __init__(self, request: Any) -> None:
        self.request = request
        # Publishers parse the query string only if the body is a form.
        self._arguments = parse_qs(self._told("QUERY_STRING"))

    @property
    def kept(self) -> dict[str, Any]:
        """The data kept with the request."""
        raise NotImplementedError

    @property
    def outcome(self) -> Outcome | None:
        found: Outcome | None = self.kept.get("outcome")
        return found

    @outcome.setter
    def outcome(self, outcome: Outcome | None) -> None:
        self.kept["outcome"] = outcome

    def begin(self, view: str, path: str, most: int) -> bool:
        verb = verb_of(view, self.header(STATE))
        running = Running(view, path, self.user() or "", verb)
        observing.begin(running)
        self.kept["running"] = running
        sent = _number(self.header("Content-Length")) or 0
        is_large = verb in LARGE or sent >= LARGE_EXCHANGE
        # A large archive may have been sent before.
        if verb in SHORT or not (is_large or self.argument("upload")):
            return True
        PRECEDENCE.lengthen()
        if observing.admit(running, most) or self.header(ALIVE) is None:
            # Old clients cannot wait: they are admitted, and counted.
            running.large = True
            return True
        running.result = BUSY
        return False

    def watch(self, database: Any) -> None:
        running = self._running
        if running is not None:
            running.database = database

    def conclude(self, result: str) -> None:
        running = self._running
        if running is not None:
            running.result = result

    def end(self, status: int | None = None) -> None:
        """End the exchange; ``status`` is that of a response that is not made yet."""
        running = self._running
        if running is None:
            return
        del self.kept["running"]
        response = self.request.response
        status = response.getStatus() if status is None else status
        exchange = Exchange(
            time=time.time(),
            user=running.user,
            address=self.address(),
            view=running.view,
            path=running.path,
            received=_number(self.header("Content-Length")),
            sent=_number(response.getHeader("Content-Length")),
            withheld=_number(response.getHeader(WITHHELD)) or 0,
            seconds=running.seconds,
            status=status,
            objects=running.objects,
            verb=running.verb,
            result=running.result or result_of(status),
        )
        pieces = self.kept.pop("pieces", None)
        if pieces is None or status != 200:
            observing.end(running, exchange)
        else:
            pieces.when_ended(partial(_streamed, running, exchange))

    def retry(self) -> None:
        """Note that the request is repeated."""
        running = self.kept.pop("running", None)
        if running is not None:
            observing.retry(running)

    @property
    def _running(self) -> Running | None:
        found: Running | None = self.kept.get("running")
        return found

    def user(self) -> str | None:
        """Return the id of the caller, None if it is unknown."""
        raise NotImplementedError

    def address(self) -> str:
        """Return the address of the caller's machine."""
        return self._told("REMOTE_ADDR")

    def _told(self, name: str) -> str:
        """Return what the WSGI server tells of a request.

        The ``get`` of publishers also takes fields of forms and cookies, which a client
        can give any name.
        """
        return str(self.request.getHeader(name, literal=True) or "")

    def claims(self) -> bool:
        return bool(self.request._auth)

    def method(self) -> str:
        return str(self.request.method).upper()

    def content_type(self) -> str | None:
        found: str | None = self.request.getHeader("Content-Type")
        return found

    def argument(self, name: str) -> str | None:
        values = self._arguments.get(name)
        return " ".join(values) if values else None

    def header(self, name: str) -> str | None:
        value = self.request.getHeader(name)
        return None if value is None else str(value)

    def note(self, text: str) -> None:
        note = one_line(text)
        if note:
            transaction.get().note(note)

    def promise(self) -> None:
        self.outcome = Outcome()

    def follow(self, obj: Any) -> None:
        connection = getattr(obj, "_p_jar", None)
        if self.outcome is not None and connection is not None:
            self.outcome.follow(connection)

    def undone(self) -> str | None:
        """Return the text of an error if the transaction was not committed, else None.

        Call it when the publisher has ended the transaction.  The id of the transaction
        is added to the response.
        """
        outcome, response = self.outcome, self.request.response
        if outcome is None or response.getStatus() >= 400:
            return None
        if outcome.committed:
            if outcome.tid is not None:
                response.setHeader(TRANSACTION, f"0x{outcome.tid.hex()}")
                response.setHeader(USER, quote(user_name(outcome.user)))
            return None
        return str(self.say(500, f"{self.words(UNDONE)}\n"))

    def abort(self) -> None:
        self.outcome = None
        transaction.abort()

    def send(self, stream: IO[bytes], headers: Mapping[str, str]) -> Any:
        self.archive_head(headers)
        stream.seek(0)
        return stream

    def archive_head(self, headers: Mapping[str, str]) -> None:
        """Set the status and the headers of an archive."""
        response = self._begin(200, SNARF)
        for name, value in headers.items():
            response.setHeader(name, value)

    def stream(self, pieces: Any, headers: Mapping[str, str]) -> Any:
        self.archive_head(headers)
        self.kept["pieces"] = pieces
        return pieces

    def languages_exceed(self, length: int) -> bool:
        found = self.request.get("HTTP_ACCEPT_LANGUAGE", "")
        return not isinstance(found, str) or len(found) > length

    def words(self, *messages: str) -> str:
        request = self.request
        is_browser = self.header("Accept-Language") is not None
        return " ".join(
            translated(each, request) if is_browser else each for each in messages
        )

    def say(
        self, status: int, text: str, headers: Mapping[str, str] | None = None
    ) -> Any:
        response = self._begin(status, "text/plain;charset=utf-8")
        for name, value in (headers or {}).items():
            response.setHeader(name, value)
        return text

    def page(self, status: int, document: str, headers: Mapping[str, str]) -> Any:
        response = self._begin(status, "text/html;charset=utf-8")
        for name, value in headers.items():
            response.setHeader(name, value)
        return document

    def add_header(self, name: str, value: str) -> None:
        self.request.response.addHeader(name, value)

    def field(self, name: str) -> Any:
        return self.request.form.get(name)

    def login(self) -> str | None:
        # Publishers log no password: they split off the name.
        found = self.request._authUserPW()
        return found[0] if found else None

    def url(self, obj: Any) -> str:
        return str(getMultiAdapter((obj, self.request), name="absolute_url")())

    def _begin(self, status: int, content_type: str) -> Any:
        response = self.request.response
        response.setStatus(status)
        response.setHeader("Content-Type", content_type)
        response.setHeader(GENERATION, "4")
        return response
