"""The process that serves the demo application, or fills its database.

The rule: it leaves by closing its databases, also on SIGTERM, so that
FileStorage keeps its index and the next start need not scan the data.
"""

from __future__ import annotations

import argparse
import gc
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from contextlib import nullcontext
from typing import Any
from urllib.parse import quote

import transaction
import waitress.server
import ZODB
import zope.app.wsgi
import zope.app.wsgi.interfaces
import zope.event
from waitress.channel import HTTPChannel
from zope.app.publication.zopepublication import ZopePublication
from zope.component import provideUtility
from zope.component import queryUtility

from zope.app.fssync.demo import sample
from zope.app.fssync.demo.bodies import Accounts
from zope.app.fssync.demo.bodies import channel_class
from zope.app.fssync.protocol.views import WATCH
from zope.app.fssync.server.alive import SignsOfLife
from zope.app.fssync.server.precedence import PRECEDENCE
from zope.fssync.interfaces import ILimits
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import DEMO_CONNECTIONS
from zope.fssync.limits import DEMO_HEAD
from zope.fssync.limits import DEMO_THREADS
from zope.fssync.limits import DEMO_WATCHERS
from zope.fssync.limits import SWITCH_INTERVAL
from zope.fssync.limits import UNTAKEN_SIZE

__all__ = ["main"]


access = logging.getLogger("access")


class AccessLog:
    """WSGI middleware that logs a line for each request."""

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self.application = application

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        began = time.monotonic()

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            access.info(
                "%s %s %s %s %.0f ms",
                environ.get("wsgi.logging_info", "-"),
                environ["REQUEST_METHOD"],
                quote(environ["PATH_INFO"].encode("latin-1"), safe="/@+:"),
                status.split(" ", 1)[0],
                (time.monotonic() - began) * 1000,
            )
            return start_response(status, headers, *rest)

        return self.application(environ, start)


class InTurn:
    """WSGI middleware that runs a few requests at a time, and those who wait for news.

    Threads beyond that would only wait for one another: one runs at a time.  Half of
    them are for what is soon done: commits take longer.
    """

    def __init__(self, application: Callable[..., Iterable[bytes]], turns: int) -> None:
        self.application = application
        self.turns = threading.BoundedSemaphore(turns)
        self.writing = threading.BoundedSemaphore(max(turns // 2, 1))

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        if environ["PATH_INFO"].endswith(WATCH):
            return self.application(environ, start_response)
        is_long = environ["REQUEST_METHOD"] == "POST"
        with _turn(self.writing) if is_long else nullcontext(), _turn(self.turns):
            return self.application(environ, start_response)


@contextmanager
def _turn(turns: threading.Semaphore) -> Iterator[None]:
    if not turns.acquire(blocking=False):
        # Who has a turn need not wait for who waits for it.
        PRECEDENCE.leave()
        turns.acquire()
        PRECEDENCE.enter()
    try:
        yield
    finally:
        turns.release()


def preferred(accept: Callable[[], None]) -> Callable[[], None]:
    """Let nothing long go before a new connection is accepted."""

    def accepted() -> None:
        PRECEDENCE.enter(accepted)
        try:
            accept()
        finally:
            PRECEDENCE.leave(accepted)

    return accepted


class Preferred(HTTPChannel):
    """A connection whose requests go before long ones as soon as there is one."""

    def __init__(self, *args: Any, **options: Any) -> None:
        PRECEDENCE.enter(self)
        super().__init__(*args, **options)

    def handle_read(self) -> None:
        PRECEDENCE.enter(self)
        super().handle_read()
        if not self.requests:
            PRECEDENCE.leave(self)

    def handle_close(self) -> None:
        PRECEDENCE.leave(self)
        super().handle_close()

    def service(self) -> None:
        # What runs in a thread of its own is counted there, see `SignsOfLife`.
        is_short = self.requests[0].command != "POST"
        with PRECEDENCE.request() if is_short else nullcontext():
            PRECEDENCE.leave(self)
            super().service()


def _leave(signum: int, frame: object) -> None:
    raise SystemExit(0)


def serve(db: ZODB.DB, listener: socket.socket) -> None:
    """Answer requests until a signal says to stop."""
    # What the configuration made stays: the collector need not look at it again.
    gc.collect()
    gc.freeze()
    application = zope.app.wsgi.WSGIPublisherApplication(db)
    zope.event.notify(
        zope.app.wsgi.interfaces.WSGIPublisherApplicationCreated(application)
    )
    limits = queryUtility(ILimits)
    if limits is None:
        limits = DEFAULT._replace(watchers=DEMO_WATCHERS)
        provideUtility(limits, ILimits)
    server = waitress.server.create_server(
        AccessLog(SignsOfLife(InTurn(application, DEMO_THREADS))),
        sockets=[listener],
        threads=DEMO_THREADS + limits.watchers,
        # A body is spooled to disk before the application is called.
        max_request_body_size=limits.archive_size,
        max_request_header_size=DEMO_HEAD,
        # What a slow client does not take is spooled too, and keeps no thread.
        # A buffer that is not yet a file would keep what has been taken as well.
        outbuf_overflow=1,
        outbuf_high_watermark=UNTAKEN_SIZE,
        connection_limit=DEMO_CONNECTIONS,
        # The alternative knows no more than a thousand connections.
        asyncore_use_poll=True,
        ident="zope.app.fssync demo",
    )
    server.channel_class = channel_class(Accounts(db), Preferred)
    server.handle_accept = preferred(server.handle_accept)
    try:
        server.run()
    finally:
        listener.close()


def fill(db: ZODB.DB) -> None:
    """Add the sample content, and print what was added."""
    connection = db.open()
    try:
        with transaction.manager:
            root = connection.root()[ZopePublication.root_name]
            print(sample.report(sample.fill(root)))
    finally:
        connection.close()


def main(args: Sequence[str] | None = None) -> int:
    """Run in the data folder, with the lock (and the socket) inherited."""
    parser = argparse.ArgumentParser(prog="zope.app.fssync.demo.server")
    parser.add_argument("--data", required=True)
    parser.add_argument("--lock", type=int, required=True)
    todo = parser.add_mutually_exclusive_group(required=True)
    todo.add_argument("--socket", type=int)
    todo.add_argument("--sample", action="store_true")
    options = parser.parse_args(args)

    signal.signal(signal.SIGTERM, _leave)
    # With ZEO each load waits twice for another thread to give up the interpreter.
    sys.setswitchinterval(SWITCH_INTERVAL)
    for inherited in filter(None, (options.lock, options.socket)):
        os.set_inheritable(inherited, False)
    os.chdir(options.data)
    db = zope.app.wsgi.config("zope.conf")
    try:
        if options.sample:
            fill(db)
        else:
            serve(db, socket.socket(fileno=options.socket))
    except KeyboardInterrupt:
        return 130
    finally:
        for database in db.databases.values():
            database.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
