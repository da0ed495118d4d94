"""The process of a demo server: its log, and what it is called with."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

import pytest

from zope.app.fssync.demo.server import AccessLog
from zope.app.fssync.demo.server import InTurn
from zope.app.fssync.demo.server import main


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
    running = {"page": 0, "@@watch.snarf": 0}
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

    in_turn = InTurn(application, 2)

    def ask(path: str) -> threading.Thread:
        arguments = ({"PATH_INFO": path}, lambda *said: None)
        thread = threading.Thread(target=in_turn, args=arguments)
        thread.start()
        return thread

    asked = [ask("/page") for _ in range(5)]
    asked += [ask("/demo/@@watch.snarf") for _ in range(3)]
    for _ in range(2 + 3):
        assert begun.acquire(timeout=10)
    end.set()
    for thread in asked:
        thread.join()
    assert most == {"page": 2, "@@watch.snarf": 3}


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
