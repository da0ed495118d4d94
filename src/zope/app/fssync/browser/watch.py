"""The view that responds after the next transaction in the database."""

from __future__ import annotations

from collections.abc import Generator
from time import monotonic
from typing import Any

from zope.component import queryUtility

from zope.app.fssync.browser.checkout import SnarfFile
from zope.app.fssync.browser.snarfview import UNSHARED
from zope.app.fssync.protocol.headers import LATER
from zope.app.fssync.server.precedence import PRECEDENCE
from zope.app.fssync.server.pulse import Pulse
from zope.app.fssync.server.pulse import Turns
from zope.app.fssync.server.pulse import pulse_of
from zope.app.fssync.server.sentstream import SentStream
from zope.fssync.errors import UsageError
from zope.fssync.interfaces import ILimits
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import WATCH_LIFE
from zope.fssync.limits import WATCH_TIME
from zope.fssync.patterns import late

__all__ = ["SnarfWatch"]

_since = late(r"0x([0-9a-f]{16})")

#: Shared by all databases: each waiting client occupies a thread of this process.
_turns = Turns()


class SnarfWatch(SnarfFile):
    """Respond after a transaction newer than that of the argument ``since``.

    The response ends with a line ``news`` then, or with ``none`` after a while; the
    empty lines before it are signs of life.  It has no data of the transaction: the
    client has to ask for changes.  It needs the permission of a checkout.
    """

    def archive(self) -> Any:
        """See `SnarfView`."""
        self.check_readable()
        match = _since.fullmatch(self.view_request.argument("since") or "")
        if match is None:
            raise UsageError("since is a transaction: 0x and 16 digits")
        context = self.host.bare(self.context)
        connection = getattr(context, "_p_jar", None)
        headers = {**UNSHARED, "Content-Type": "text/plain;charset=utf-8"}
        if connection is None:
            raise UsageError("the object is in no database")
        limits = queryUtility(ILimits, default=DEFAULT)
        pause = _turns.take(limits.watchers)
        if pause:
            headers[LATER] = f"{pause:.1f}"
            return self.view_request.say(200, "later\n", headers)
        wait = Waiting(_turns, pulse_of(connection.db()), bytes.fromhex(match[1]))
        return self.view_request.stream(wait, headers)


class Waiting(SentStream):
    """The body of a response that waits; closing it gives back its turn."""

    def __init__(self, turns: Turns, pulse: Pulse, since: bytes) -> None:
        super().__init__()
        self._turns = turns
        self._pieces = self._all(pulse, since)

    def _all(self, pulse: Pulse, since: bytes) -> Generator[bytes, None, None]:
        end = monotonic() + WATCH_TIME
        # Nobody has to wait for who waits.
        PRECEDENCE.leave()
        # Show the client that the request has arrived.
        yield b"\n"
        while not pulse.wait(since, WATCH_LIFE):
            if monotonic() > end:
                yield b"none\n"
                break
            yield b"\n"
        else:
            yield b"news\n"
        self.finished = True

    def _release(self) -> None:
        self._turns.give_back()

    def __del__(self) -> None:
        # Publishers do not close a body that is never sent.
        self.close()
