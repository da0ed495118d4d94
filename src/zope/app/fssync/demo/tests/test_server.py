"""The process of a demo server: its log, and what it is called with."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any
from typing import NamedTuple

import pytest
from waitress.channel import HTTPChannel

from zope.app.fssync.demo import server
from zope.app.fssync.demo.server import AccessLog
from zope.app.fssync.demo.server import InTurn
from zope.app.fssync.demo.server import Preferred
from zope.app.fssync.demo.server import main
from zope.app.fssync.server.precedence import Precedence


def test_each_request_is_a_line(caplog: pytest.LogCaptureFixture) -> None:
    def application(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        start("404 Not Found", [("X", "y")])
        return [b"body"]

    started: list[Any] = []
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/a b/\xc3\xa9\n",
        "wsgi.logging_info": "zope.ann",
    }
    with caplog.at_level(logging.INFO, "access"):
        body = AccessLog(application)(environ, lambda *said: started.append(said))
    assert body == [b"body"]
    assert started == [("404 Not Found", [("X", "y")])]
    assert caplog.messages[0].startswith("zope.ann GET /a%20b/%C3%A9%0A 404 ")


def test_a_few_requests_run_at_a_time_beside_those_who_wait_for_news() -> None:
    lock, begun, end = threading.Lock(), threading.Semaphore(0), threading.Event()
    running = {"page": 0, "@@fromFS.snarf": 0, "@@watch.snarf": 0}
    most = dict(running)

    def application(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        name = environ["PATH_INFO"].rpartition("/")[2]
        with lock:
            running[name] += 1
            most[name] = max(most[name], running[name])
        begun.release()
        end.wait(10)
        with lock:
            running[name] -= 1
        return [b"body"]

    in_turn = InTurn(application, 4)

    def ask(path: str, method: str = "GET") -> threading.Thread:
        environ = {"PATH_INFO": path, "REQUEST_METHOD": method}
        arguments = (environ, lambda *said: None)
        thread = threading.Thread(target=in_turn, args=arguments)
        thread.start()
        return thread

    # Commits leave half of the turns to others.
    asked = [ask("/demo/@@fromFS.snarf", "POST") for _ in range(5)]
    for _ in range(2):
        assert begun.acquire(timeout=10)
    asked += [ask("/page") for _ in range(5)]
    asked += [ask("/demo/@@watch.snarf") for _ in range(3)]
    for _ in range(2 + 3):
        assert begun.acquire(timeout=10)
    during = dict(running)
    end.set()
    for thread in asked:
        thread.join()
    assert during == {"page": 2, "@@fromFS.snarf": 2, "@@watch.snarf": 3}
    assert (most["@@fromFS.snarf"], most["@@watch.snarf"]) == (2, 3)
    assert most["page"] <= 4


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--data", "a", "--lock", "3"],
        ["--data", "a", "--lock", "3", "--socket", "4", "--sample"],
    ],
)
def test_server_is_called_with_one_thing_to_do(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage: zope.app.fssync.demo.server" in capsys.readouterr().err


class Requested(NamedTuple):
    """A request as waitress has it."""

    command: str
    empty: bool = False
    error: None = None


@pytest.fixture
def precedence(monkeypatch: pytest.MonkeyPatch) -> Precedence:
    made = Precedence()
    monkeypatch.setattr(server, "PRECEDENCE", made)
    return made


def test_a_connection_goes_first_before_it_is_accepted(precedence: Precedence) -> None:
    seen: list[bool] = []
    server.preferred(lambda: seen.append(bool(precedence)))()
    assert seen == [True]
    assert not precedence


@pytest.mark.parametrize(
    ("command", "is_short"), [("GET", True), ("HEAD", True), ("POST", False)]
)
def test_a_request_is_short_from_its_first_byte_on(
    command: str,
    is_short: bool,
    precedence: Precedence,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[bool] = []

    def note(self: HTTPChannel, *args: Any) -> None:
        seen.append(bool(precedence))

    for name in ("__init__", "handle_read", "handle_close", "service"):
        monkeypatch.setattr(HTTPChannel, name, note)
    channel = Preferred()
    channel.requests = []
    assert precedence
    # There is not all of it yet.
    channel.handle_read()
    assert not precedence
    channel.requests = [Requested(command)]
    channel.handle_read()
    assert precedence
    channel.service()
    assert not precedence
    assert seen == [True, True, True, is_short]
    # A client may leave without a request.
    Preferred().handle_close()
    assert not precedence


def test_nobody_goes_before_others_while_waiting_for_a_turn(
    precedence: Precedence,
) -> None:
    begun, end = threading.Event(), threading.Event()

    def application(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        begun.set()
        assert end.wait(10)
        return []

    in_turn = InTurn(application, 1)
    told = threading.Semaphore(0)
    left = precedence.leave

    def leave(who: Any = None) -> None:
        left(who)
        told.release()

    precedence.leave = leave  # type: ignore[method-assign]

    def ask() -> None:
        with precedence.request():
            in_turn({"PATH_INFO": "/page", "REQUEST_METHOD": "GET"}, print)

    asked = [threading.Thread(target=ask) for _ in range(2)]
    asked[0].start()
    assert begun.wait(10)
    asked[1].start()
    assert told.acquire(timeout=10)
    precedence.leave(asked[0].ident)
    assert not precedence
    end.set()
    for thread in asked:
        thread.join()
    assert not precedence
