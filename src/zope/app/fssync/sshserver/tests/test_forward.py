"""A request of a session is passed to Zope, and the answer back."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest

from zope.app.fssync.protocol.sshframing import ByteStream
from zope.app.fssync.protocol.sshframing import request_head
from zope.app.fssync.sshserver.forward import AnswerBroken
from zope.app.fssync.sshserver.forward import ZopeServer
from zope.app.fssync.sshserver.forward import serve
from zope.app.fssync.testing.processes import free_port
from zope.app.fssync.testing.ssh import TOKEN
from zope.app.fssync.testing.ssh import StandInZope
from zope.fssync.errors import Error


@pytest.fixture(scope="module")
def zope() -> Iterator[StandInZope]:
    server = StandInZope()
    yield server
    server.close()


class Passed:
    """What became of a request: the line of the log, and the answer."""

    def __init__(
        self, zope: ZopeServer, method: str, target: str, body: bytes = b"", **more: Any
    ) -> None:
        headers = [("Authorization", TOKEN)]
        if method == "POST":
            headers.append(("Content-Length", str(more.pop("length", len(body)))))
        stream = io.BytesIO(request_head(method, target, headers) + body)
        written = io.BytesIO()
        self.ended = False
        source = ByteStream(stream.read, lambda: True)
        self.line = serve(source, written.write, self._end, zope, **more)
        head, _, self.body = written.getvalue().partition(b"\r\n\r\n")
        self.status = int(head.split()[1])
        self.head = head.decode("latin-1").lower()

    def _end(self) -> None:
        self.ended = True


def at(zope: StandInZope) -> ZopeServer:
    return ZopeServer.parse(zope.url)


def test_an_answer_has_its_length(zope: StandInZope) -> None:
    passed = Passed(at(zope), "GET", "/demo/@@toFS.snarf")
    assert (passed.status, len(passed.body)) == (200, 119)
    assert "content-length: 119" in passed.head
    assert passed.ended
    assert passed.line.startswith("GET /demo/@@toFS.snarf")
    chunked = Passed(at(zope), "GET", "/chunked/@@toFS.snarf")
    assert chunked.body == b"hello" * 10
    assert "content-length: 50" in chunked.head
    assert "transfer-encoding" not in chunked.head


def test_a_body_is_sent_as_it_comes(zope: StandInZope) -> None:
    assert Passed(at(zope), "POST", "/a/@@fromFS.snarf", b"body").status == 200
    seen = zope.seen[-1]
    assert (seen.method, seen.start, seen.size) == ("POST", b"body", 4)


@pytest.mark.parametrize(
    ("body", "length", "said"),
    [(b"bo", 4, b"2 of 4 bytes are missing"), (b"body!", 4, b"more than the announ")],
)
def test_a_body_is_as_long_as_it_says(
    zope: StandInZope, body: bytes, length: int, said: bytes
) -> None:
    passed = Passed(at(zope), "POST", "/a/@@fromFS.snarf", body, length=length)
    assert passed.status == 400
    assert said in passed.body


def test_refused_requests_do_not_reach_zope(zope: StandInZope) -> None:
    before = len(zope.seen)
    passed = Passed(at(zope), "GET", "/@@manage")
    assert passed.status == 404
    assert passed.line.startswith("refused 404: ")
    large = Passed(at(zope), "POST", "/a/@@fromFS.snarf", b"body", body_limit=3)
    assert large.status == 413
    assert len(zope.seen) == before


def test_an_answer_that_breaks_off_is_an_error(zope: StandInZope) -> None:
    with pytest.raises(AnswerBroken, match="of 1000000 bytes are missing"):
        Passed(at(zope), "GET", "/broken/@@toFS.snarf")


def test_a_zope_that_is_not_there() -> None:
    nobody = ZopeServer("127.0.0.1", free_port())
    assert not nobody.answers()
    passed = Passed(nobody, "GET", "/@@toFS.snarf")
    assert passed.status in (502, 503)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://host:8080/", "http://host:8080"),
        ("https://[::1]/a/", "https://[::1]:443/a"),
    ],
)
def test_a_url_is_a_place(url: str, shown: str) -> None:
    assert str(ZopeServer.parse(url)) == shown


@pytest.mark.parametrize(
    "url", ["host", "ftp://host", "http://", "http://h:x", "http://u@h", "http://h?a"]
)
def test_another_url_is_refused(url: str) -> None:
    with pytest.raises(Error, match="URL of"):
        ZopeServer.parse(url)
