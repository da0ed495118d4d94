"""Wait for changes on a server, in a thread with a connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic
from typing import BinaryIO

from zope.app.fssync.client.connection import Network
from zope.app.fssync.protocol.headers import LATER
from zope.app.fssync.protocol.views import WATCH
from zope.fssync.errors import AccessDenied
from zope.fssync.errors import Error
from zope.fssync.errors import ServerRefused
from zope.fssync.limits import WATCH_AWAY
from zope.fssync.limits import WATCH_LINE
from zope.fssync.limits import WATCH_POLL
from zope.fssync.limits import WATCH_SIGNS

__all__ = ["News"]


class News:
    """Call ``notice`` when the server has newer transactions.

    ``since`` returns the last transaction that was received, None if that is unknown;
    ``lost`` is called with the error if the server is not reachable.
    """

    def __init__(
        self,
        network: Network,
        path: str,
        since: Callable[[], str | None],
        notice: Callable[[], object],
        lost: Callable[[Exception], object],
    ) -> None:
        self._network = network
        self._path = path
        self._since = since
        self._notice = notice
        self._lost = lost
        self._end = threading.Event()
        #: Set when the changes have been received.
        self._received = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Start waiting."""
        self._thread.start()

    def received(self) -> None:
        """Continue waiting: the changes have been received."""
        self._received.set()

    def stop(self) -> None:
        """Stop calling ``notice``; the connection ends with the process."""
        self._end.set()
        self._received.set()

    def _run(self) -> None:
        pause, longest = WATCH_AWAY
        while not self._end.is_set():
            began = monotonic()
            try:
                # Whatever the server says, it is not asked all the time.
                wait = max(self._ask(), WATCH_AWAY[0] - (monotonic() - began))
                pause = WATCH_AWAY[0]
            except (Error, OSError) as error:
                if self._end.is_set():
                    return
                self._lost(error)
                # When it is there again, anything may have changed.
                wait, pause = pause, min(2 * pause, longest)
            self._end.wait(wait)

    def _ask(self) -> float:
        """Send a request and wait for the response; return the seconds to pause."""
        since = self._since()
        if since is None or self._network.old_server:
            self._tell()
            return WATCH_POLL
        try:
            stream, headers = self._network.httpreq(
                self._path, f"{WATCH}?since={since}", expected_type="text/plain"
            )
        except AccessDenied:
            raise
        except ServerRefused:
            # It has no such view.
            self._tell()
            return WATCH_POLL
        with stream:
            word = _word(stream)
        if word == b"later":
            # To be told to come later is not to be told that there is nothing.
            self._tell()
            return _seconds(headers.get(LATER))
        if word == b"news":
            self._tell()
        return 0.0

    def _tell(self) -> None:
        self._received.clear()
        self._notice()
        self._received.wait()


def _word(stream: BinaryIO) -> bytes:
    """Return the word after the signs of life; empty if there is none."""
    for _ in range(WATCH_SIGNS):
        line = stream.readline(WATCH_LINE)
        if not line or line.strip():
            # At its end the connection can take another request.
            stream.read(1)
            return line.strip()
    return b""


def _seconds(text: str | None) -> float:
    try:
        # In this order: what is no number is less than none.
        return min(max(WATCH_AWAY[0], float(text or "")), 600.0)
    except ValueError:
        return WATCH_POLL
