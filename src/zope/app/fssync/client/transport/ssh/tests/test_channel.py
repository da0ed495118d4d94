"""A request and its answer, as bytes of a channel."""

from __future__ import annotations

import io
from typing import Any

import pytest
from zope.interface.verify import verifyObject

from zope.app.fssync.client.interfaces import IResponse
from zope.app.fssync.client.transport.ssh.channel import Session
from zope.fssync.errors import Error
from zope.fssync.errors import ServerUnreachable

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n"


class Channel:
    """A channel of paramiko, and the connection that it belongs to."""

    endpoint = "host"
    alive = True
    eof_received = True

    def __init__(self, answer: bytes = b"") -> None:
        self.answer = io.BytesIO(answer)
        self.sent = b""
        self.closed = False
        self.timeouts: list[float] = []
        self.fails: Exception | None = None

    def open_session(self, timeout: float) -> Channel:
        return self

    def settimeout(self, timeout: float) -> None:
        self.timeouts.append(timeout)

    def sendall(self, data: bytes) -> None:
        if self.fails is not None:
            raise self.fails
        self.sent += data

    def recv(self, size: int) -> bytes:
        if self.fails is not None:
            raise self.fails
        return self.answer.read(size)

    def close(self) -> None:
        self.closed = True


def session(channel: Channel) -> Session:
    connection: Any = channel
    return Session(connection, 1.0)


def send(channel: Channel, body: bytes, length: int) -> None:
    session(channel).send_request("POST", "/a", [], io.BytesIO(body), length)


def test_a_request_has_as_many_bytes_as_it_says() -> None:
    channel = Channel()
    send(channel, b"body and more", 4)
    head, _, body = channel.sent.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /a")
    assert body == b"body"
    with pytest.raises(Error, match="became shorter on the way"):
        send(channel, b"bo", 4)


def test_an_answer_ends_where_it_says() -> None:
    channel = Channel(HEAD + b"hello, and more")
    response = session(channel).response(7, 3)
    assert verifyObject(IResponse, response)
    assert (response.status, response.headers["Content-Type"]) == (200, "text/plain")
    assert response.fp.read() == b"hello"
    assert channel.timeouts == [7, 3]
    response.close()
    assert channel.closed


def test_without_a_length_the_end_of_the_channel_counts() -> None:
    head = HEAD.replace(b"Content-Length: 5\r\n", b"")
    assert session(Channel(head + b"hello")).response(1, 1).fp.read() == b"hello"
    lost = Channel(head + b"hel")
    lost.eof_received = False
    with pytest.raises(ServerUnreachable, match="host broke off: the connection was"):
        session(lost).response(1, 1).fp.read()


def test_an_answer_that_is_cut_off() -> None:
    channel = Channel(HEAD + b"hel")
    with pytest.raises(ServerUnreachable, match="broke off: 2 bytes are missing"):
        session(channel).response(1, 1).fp.read()
    assert channel.closed


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (TimeoutError(), "it took nothing for too long"),
        (OSError("gone"), "broke off: gone"),
        (EOFError(), "the connection was lost"),
    ],
)
def test_unsendable_headers_are_refused(error: Exception, text: str) -> None:
    channel = Channel()
    channel.fails = error
    with pytest.raises(ServerUnreachable, match=text):
        session(channel).send(b"data")


def test_a_server_that_is_silent() -> None:
    channel = Channel()
    channel.fails = TimeoutError()
    with pytest.raises(ServerUnreachable, match="it sent nothing for too long"):
        session(channel).response(1, 1)


def test_a_server_may_answer_before_it_has_seen_all() -> None:
    class Early(Channel):
        def sendall(self, data: bytes) -> None:
            if self.sent:
                raise OSError("closed")
            super().sendall(data)

    channel = Early(HEAD + b"hello")
    send(channel, b"body", 4)
    assert session(channel).response(1, 1).fp.read() == b"hello"
    lost = Early()
    lost.alive = False
    with pytest.raises(ServerUnreachable, match="broke off: closed"):
        send(lost, b"body", 4)
