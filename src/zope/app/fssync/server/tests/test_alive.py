"""Signs of life before an answer that is late, for who can read them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any

import pytest

from zope.app.fssync.server import observing
from zope.app.fssync.server.alive import SignsOfLife
from zope.app.fssync.server.alive import filter_factory
from zope.app.fssync.server.exchange import Running

READS_THEM = {"REQUEST_METHOD": "POST", "HTTP_X_ZSYNC_ALIVE": "yes"}


class Body:
    """A body that knows whether it was closed."""

    def __init__(self, *pieces: bytes) -> None:
        self.closed = threading.Event()
        self._pieces = iter(pieces)

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    def close(self) -> None:
        self.closed.set()


class Application:
    """Answers once it may; ``entered`` tells that it is at work."""

    def __init__(self, *pieces: bytes) -> None:
        self.may = threading.Event()
        self.entered = threading.Event()
        self.body = Body(*pieces)

    def __call__(self, environ: Any, start: Callable[..., Any]) -> Iterable[bytes]:
        running = Running("fromFS.snarf", "/", "", "commit")
        running.database = Visited()
        observing.begin(running)
        self.entered.set()
        assert self.may.wait(60)
        start("409 Conflict", [("Content-Type", "text/plain"), ("X-Odd", "\xe4: b")])
        return self.body


class Visited:
    visited = 1234


class Asked:
    """What a server makes of an application."""

    def __init__(self, application: Any, environ: dict[str, str]) -> None:
        self.status = ""
        self.headers: dict[str, str] = {}
        self.body = application(environ, self.start)

    def start(self, status: str, headers: list[tuple[str, str]]) -> None:
        self.status, self.headers = status, dict(headers)


def test_an_answer_in_time_is_what_it_is() -> None:
    application = Application(b"no\n")
    application.may.set()
    asked = Asked(SignsOfLife(application, delay=60), READS_THEM)
    assert asked.status == "409 Conflict"
    # A server may know how to send this very body.
    assert asked.body is application.body


@pytest.mark.parametrize(
    "environ", [{"REQUEST_METHOD": "POST"}, {**READS_THEM, "REQUEST_METHOD": "GET"}]
)
def test_others_get_no_signs_and_no_thread(environ: dict[str, str]) -> None:
    threads = []

    def application(environ: Any, start: Callable[..., Any]) -> Iterable[bytes]:
        threads.append(threading.current_thread())
        start("200 OK", [])
        return [b""]

    Asked(SignsOfLife(application, delay=0), environ)
    assert threads == [threading.current_thread()]


def test_a_late_answer_follows_signs_with_the_objects_so_far() -> None:
    application = Application(b"no", b"\n")
    asked = Asked(SignsOfLife(application, delay=0, interval=0.01), READS_THEM)
    assert asked.status == "200 OK"
    assert asked.headers["Content-Type"] == "application/x-zsync-delayed"
    assert asked.headers["X-Accel-Buffering"] == "no"
    pieces = iter(asked.body)
    assert application.entered.wait(60)
    next(pieces)
    assert [next(pieces), next(pieces)] == [b"wait 1234\n"] * 2
    application.may.set()
    rest = b"".join(piece for piece in pieces if not piece.startswith(b"wait "))
    assert rest == b"409 Conflict\nContent-Type: text/plain\nX-Odd: \xe4: b\n\nno\n"
    asked.body.close()
    assert application.body.closed.is_set()


@pytest.mark.parametrize("delay", [0, 60])
def test_an_error_of_the_application_is_one_of_the_answer(delay: float) -> None:
    def application(environ: Any, start: Callable[..., Any]) -> Iterable[bytes]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(Asked(SignsOfLife(application, delay), READS_THEM).body)


def test_work_goes_on_where_the_client_leaves() -> None:
    application = Application(b"done")
    asked = Asked(SignsOfLife(application, delay=0, interval=0.01), READS_THEM)
    assert next(iter(asked.body)).startswith(b"wait ")
    asked.body.close()
    assert not application.body.closed.is_set()
    application.may.set()
    assert application.body.closed.wait(60)


def test_written_pieces_come_first() -> None:
    def application(environ: Any, start: Callable[..., Any]) -> Iterable[bytes]:
        start("200 OK", [])(b"first ")
        return [b"then"]

    asked = Asked(SignsOfLife(application, delay=60), READS_THEM)
    assert b"".join(asked.body) == b"first then"


def test_an_application_may_begin_with_its_first_piece() -> None:
    threads = []

    def application(environ: Any, start: Callable[..., Any]) -> Iterator[bytes]:
        threads.append(threading.current_thread())
        start("201 Created", [])
        yield b"first "
        yield b"then"

    asked = Asked(SignsOfLife(application, delay=60), READS_THEM)
    assert b"".join(asked.body) == b"first then"
    assert threads != [threading.current_thread()]
    assert asked.status == "201 Created"


def test_paste_deploy_sets_the_times() -> None:
    application = Application()
    filtered = filter_factory({}, delay="0", interval="0.01")(application)
    asked = Asked(filtered, READS_THEM)
    assert next(iter(asked.body)).startswith(b"wait ")
    application.may.set()
    asked.body.close()
