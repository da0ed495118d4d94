"""Send signs of life during a long request, so that proxies do not time out.

This is a WSGI filter in front of the application of any host.  If the client sends the
header for it, lines precede a late response: ``wait`` and the number of visited
objects, every few seconds, then the status and the headers of the response as in HTTP.
The application runs in another thread, and its response is not changed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from collections.abc import Generator
from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any

from zope.app.fssync.protocol.headers import ALIVE
from zope.app.fssync.protocol.headers import DELAYED
from zope.app.fssync.protocol.headers import SIGN
from zope.app.fssync.server import observing
from zope.fssync.limits import SIGN_DELAY
from zope.fssync.limits import SIGN_INTERVAL

__all__ = ["SignsOfLife", "filter_factory"]

Application = Callable[..., Iterable[bytes]]

_KEY = "HTTP_" + ALIVE.upper().replace("-", "_")

_HEADERS = [
    ("Content-Type", DELAYED),
    ("Cache-Control", "no-store"),
    # Without this nginx buffers the signs.
    ("X-Accel-Buffering", "no"),
]


class SignsOfLife:
    """Run an application; send signs of life after ``delay`` seconds."""

    def __init__(
        self,
        application: Application,
        delay: float = SIGN_DELAY,
        interval: float = SIGN_INTERVAL,
    ) -> None:
        self._application = application
        self._delay = delay
        self._interval = interval

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """See PEP 3333."""
        if environ["REQUEST_METHOD"] != "POST" or _KEY not in environ:
            return self._application(environ, start_response)
        work = _Work(self._application, environ)
        if work.is_done(self._delay):
            start_response(work.status, work.headers, *work.error)
            return work.body()
        start_response("200 OK", _HEADERS)
        return _Answer(work, self._interval)


class _Work:
    """A call of the application for one request, in a thread of its own."""

    def __init__(self, application: Application, environ: dict[str, Any]) -> None:
        self.status = ""
        self.headers: list[tuple[str, str]] = []
        #: The further arguments of `start_response`.
        self.error: tuple[Any, ...] = ()
        self._body: Iterable[bytes] = ()
        self._written: list[bytes] = []
        self._failure: BaseException | None = None
        self._lock = threading.Lock()
        self._given_up = False
        self._done = threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(application, environ), name="zsync", daemon=True
        )
        self._thread.start()

    def is_done(self, timeout: float) -> bool:
        """Wait up to ``timeout`` seconds; return True if the call has ended."""
        return self._done.wait(timeout)

    def visited(self) -> int:
        """Return the number of objects visited so far."""
        return observing.visited(self._thread.ident)

    def body(self) -> Iterable[bytes]:
        """Return the body of the response, or raise the application's error."""
        if self._failure is not None:
            raise self._failure
        # Servers recognize their own `wsgi.file_wrapper`: do not wrap it.
        return _Written(self._written, self._body) if self._written else self._body

    def give_up(self) -> None:
        """Discard the response; the application runs on to its end."""
        with self._lock:
            self._given_up = True
        if self._done.is_set():
            _close(self._body)

    def _run(self, application: Application, environ: dict[str, Any]) -> None:
        def start(
            status: str, headers: list[tuple[str, str]], *error: Any
        ) -> Callable[[bytes], None]:
            self.status, self.headers, self.error = status, headers, error
            return self._written.append

        try:
            self._body = application(environ, start)
            if not self.status:
                # The application calls `start` when its first piece is read.
                self._body = _Begun(self._body)
        except BaseException as failure:
            # Raised again in the waiting thread.
            self._failure = failure
        with self._lock:
            self._done.set()
            given_up = self._given_up
        if given_up:
            _close(self._body)


class _Begun:
    """A body whose first piece has been read."""

    def __init__(self, body: Iterable[bytes]) -> None:
        self._body = body
        self._rest = iter(body)
        self._first = next(self._rest, b"")

    def __iter__(self) -> Iterator[bytes]:
        yield self._first
        yield from self._rest

    def close(self) -> None:
        _close(self._body)


class _Written:
    """The pieces written through `start_response`, followed by the body."""

    def __init__(self, written: list[bytes], body: Iterable[bytes]) -> None:
        self._written = written
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        yield from self._written
        yield from self._body

    def close(self) -> None:
        _close(self._body)


class _Answer:
    """Signs of life, followed by the response."""

    def __init__(self, work: _Work, interval: float) -> None:
        self._work = work
        self._pieces = self._all(interval)

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    def close(self) -> None:
        """Close the response, at its end or when the client has disconnected."""
        self._pieces.close()
        self._work.give_up()

    def _all(self, interval: float) -> Generator[bytes, None, None]:
        work = self._work
        yield self._sign()
        while not work.is_done(interval):
            yield self._sign()
        body = work.body()
        lines = [work.status, *(f"{name}: {value}" for name, value in work.headers)]
        yield "".join(f"{line}\n" for line in (*lines, "")).encode("latin-1")
        yield from body

    def _sign(self) -> bytes:
        return f"{SIGN}{self._work.visited()}\n".encode("ascii")


def _close(body: Any) -> None:
    close = getattr(body, "close", None)
    if close is not None:
        close()


def filter_factory(global_conf: Any, **settings: str) -> Callable[[Any], SignsOfLife]:
    """Return a function that wraps an application, for Paste Deploy."""
    times = {name: float(value) for name, value in settings.items()}
    return lambda application: SignsOfLife(application, **times)
