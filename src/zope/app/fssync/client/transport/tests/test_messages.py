"""Answers of HTTP/1.1 as servers send them, and as none should."""

import socket

import pytest

from zope.app.fssync.client.transport.messages import Answer
from zope.app.fssync.client.transport.messages import Headers
from zope.app.fssync.client.transport.messages import InvalidAnswer
from zope.app.fssync.client.transport.messages import NoAnswer
from zope.app.fssync.client.transport.messages import NotHTTP
from zope.app.fssync.client.transport.messages import read_answer
from zope.app.fssync.client.transport.messages import request_head
from zope.fssync.errors import Error

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def answered(data: bytes) -> Answer:
    """Return the answer of a server that sends ``data`` and closes."""
    here, there = socket.socketpair()
    with here, there:
        there.sendall(data)
        there.shutdown(socket.SHUT_WR)
        return read_answer(here)


def body(answer: Answer, size: int = 4) -> bytes:
    """Return the body, read in pieces."""
    found = b""
    while not answer.isclosed():
        piece = bytearray(size)
        count = answer.readinto(piece)
        found += piece[:count]
    return found


def test_request_head_is_what_servers_of_3_6_0_know() -> None:
    head = request_head("GET", "/a%20b", "host:8080", [("X-One", "1")])
    assert head == (
        b"GET /a%20b HTTP/1.1\r\nHost: host:8080\r\n"
        b"Accept-Encoding: identity\r\nX-One: 1\r\n\r\n"
    )


def test_request_head_spells_a_host_in_ascii() -> None:
    assert b"\r\nHost: xn--bcher-kva.example\r\n" in request_head(
        "GET", "/", "bücher.example", []
    )


@pytest.mark.parametrize("target", ["", "/a b", "/a\r\nX: y", "/\xe4", "/\x7f"])
def test_request_head_refuses_a_target_that_is_none(target: str) -> None:
    with pytest.raises(Error, match="not a target"):
        request_head("GET", target, "host", [])


@pytest.mark.parametrize(
    "header", [("X", "a\r\nY: b"), ("X\n", "a"), ("X", "a\0"), ("Xä", "a")]
)
def test_request_head_refuses_a_header_that_makes_two(header: tuple[str, str]) -> None:
    with pytest.raises(Error, match="not a header"):
        request_head("GET", "/", "host", [header])


def test_headers_have_no_case_and_the_first_counts() -> None:
    headers = Headers([("X-One", "1"), ("x-one", "2"), ("Y", "3")])
    assert headers["X-ONE"] == "1"
    assert headers.get("Z") is None
    assert "y" in headers
    assert dict(headers) == {"X-One": "1", "Y": "3"}


@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
def test_read_answer_takes_both_ends_of_lines(end: bytes) -> None:
    lines = [b"HTTP/1.1 404 Not  There", b"Content-Length: 5", b"", b"hello"]
    answer = answered(end.join(lines))
    assert (answer.status, answer.reason) == (404, "Not  There")
    assert (answer.length, answer.keeps_connection) == (5, True)
    assert body(answer) == b"hello"


def test_read_answer_goes_on_after_an_interim_one() -> None:
    interim = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nX: 1\r\n\r\n"
    answer = answered(interim + b"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n")
    assert (answer.status, answer.reason, answer.isclosed()) == (200, "", True)
    assert "X" not in answer.headers


def test_read_answer_joins_a_header_of_two_lines() -> None:
    answer = answered(b"HTTP/1.1 204 None\r\nX: one\r\n  two\r\n\r\n")
    assert answer.headers["X"] == "one two"
    assert answer.isclosed()


@pytest.mark.parametrize(
    ("head", "keeps"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1", True),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: Close", False),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked", True),
        (b"HTTP/1.1 200 OK\r\nX: y", False),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 1", False),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\nConnection: Keep-Alive", True),
    ],
)
def test_keeps_connection_where_the_end_is_known_and_nobody_closes(
    head: bytes, keeps: bool
) -> None:
    answer = answered(head + b"\r\n\r\n")
    assert answer.keeps_connection is keeps
    answer.close()


@pytest.mark.parametrize(
    "chunks",
    [
        b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
        b"3;name=value\r\nabc\r\n 2 \r\nde\r\n0\r\nTrailer: x\r\n\r\n",
        b"0000000005\nabcde\n000\n\n",
    ],
)
def test_readinto_puts_chunks_together(chunks: bytes) -> None:
    assert body(answered(CHUNKED + chunks)) == b"abcde"


@pytest.mark.parametrize(
    "chunks",
    [
        *(
            b"",
            b"3",
            b"3\r\nab",
            b"3\r\nabc",
            b"3\r\nabc\r\n",
            b"3\r\nabcd\r\n0\r\n\r\n",
        ),
        *(b"-3\r\nabc\r\n0\r\n\r\n", b"0x3\r\nabc\r\n0\r\n\r\n", b"\r\n\r\n"),
        b"3_0\r\nabc",
    ],
)
def test_readinto_refuses_chunks_that_are_not_whole(chunks: bytes) -> None:
    answer = answered(CHUNKED + chunks)
    with pytest.raises(InvalidAnswer):
        body(answer)
    answer.close()


def test_readinto_leaves_the_length_of_what_is_missing() -> None:
    answer = answered(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")
    assert body(answer) == b"abc"
    assert answer.length == 6


def test_readinto_ends_a_body_without_length_with_the_connection() -> None:
    answer = answered(b"HTTP/1.1 200 OK\r\n\r\nabcdefgh")
    assert body(answer, 3) == b"abcdefgh"
    assert answer.readinto(bytearray(3)) == 0


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (b"", NoAnswer),
        *((said, NotHTTP) for said in (b"SSH-2.0\r\n", b"HTTP/2 200 OK\r\n", b"\n")),
        *((said, NotHTTP) for said in (b"HTTP/1.1 20 OK\r\n", b"HTTP/1.1 2000\r\n")),
        (b"HTTP/1.1 200 OK\r\nX", InvalidAnswer),
        (b"HTTP/1.1 200 OK\r\nX\r\n\r\n", InvalidAnswer),
        (b"HTTP/1.1 200 OK\r\n X: y\r\n\r\n", InvalidAnswer),
        (b"HTTP/1.1 200 OK\r\nX : y\r\n\r\n", InvalidAnswer),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", InvalidAnswer),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: %s\r\n\r\n" % (b"9" * 5000),
            InvalidAnswer,
        ),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 50, InvalidAnswer),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 101 + b"\r\n", InvalidAnswer),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n", InvalidAnswer),
    ],
)
def test_read_answer_refuses_what_is_none(said: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        answered(said)
