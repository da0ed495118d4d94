"""The grammar of requests and answers."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zope.app.fssync.protocol.sshframing import ByteStream
from zope.app.fssync.protocol.sshframing import RequestRefused
from zope.app.fssync.protocol.sshframing import read_request
from zope.app.fssync.protocol.sshframing import read_response_head
from zope.app.fssync.protocol.sshframing import request_head
from zope.app.fssync.protocol.sshframing import response_head
from zope.app.fssync.sshserver.policy import forwarded
from zope.fssync.errors import Error
from zope.fssync.errors import ServerRefused
from zope.fssync.errors import TransferError
from zope.fssync.limits import CHUNK


def stream(data: bytes) -> io.BufferedReader[ByteStream]:
    return io.BufferedReader(ByteStream(io.BytesIO(data).read), CHUNK)


NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,20}", fullmatch=True).filter(
    lambda name: (
        name.lower()
        not in ("authorization", "content-length", "content-type", "transfer-encoding")
    )
)
VALUES = st.from_regex(r"([!-~]([ -~]{0,20}[!-~])?)?", fullmatch=True)
HEADERS = st.lists(st.tuples(NAMES, VALUES), max_size=20)
TARGETS = st.from_regex(r"/[!-~]{0,40}", fullmatch=True)


@pytest.mark.slow
@given(TARGETS, HEADERS, st.binary(max_size=20))
def test_written_data_is_read_back(
    target: str, headers: list[tuple[str, str]], body: bytes
) -> None:
    source = stream(request_head("GET", target, headers) + body)
    request = read_request(source)
    assert (request.method, request.target) == ("GET", target)
    assert list(request.headers) == [(name.lower(), value) for name, value in headers]
    assert source.read() == body


@pytest.mark.slow
@given(HEADERS, st.integers(100, 599), st.text(max_size=20))
def test_answers_that_are_written_are_read(
    headers: list[tuple[str, str]], status: int, reason: str
) -> None:
    found = read_response_head(stream(response_head(status, reason, headers)), "peer")
    assert found[0] == status
    assert [(name, value) for name, value in found[2].items()] == [
        (name.lower(), value) for name, value in headers
    ]


@given(st.binary(max_size=200))
def test_any_bytes_are_a_request_or_refused(data: bytes) -> None:
    try:
        forwarded(read_request(stream(b"GET /" + data + b"\r\n\r\n")))
    except RequestRefused as error:
        status = error.status
    else:
        status = 400
    assert status in (400, 404, 405, 413)


@given(st.binary(max_size=200))
def test_any_bytes_are_an_answer_or_an_error(data: bytes) -> None:
    try:
        read_response_head(stream(b"HTTP/1.0 200 " + data), "peer")
    except TransferError:
        pass


@given(st.text(alphabet=st.characters(codec="ascii"), max_size=30))
def test_forwarded_paths_have_one_spelling(text: str) -> None:
    try:
        head = request_head("GET", f"/{text}/@@toFS.snarf", [])
        once = forwarded(read_request(stream(head)))
    except Error:
        return
    again = forwarded(read_request(stream(request_head("GET", once.target, []))))
    assert again.target == once.target


@pytest.mark.parametrize(
    ("name", "value"),
    [("A", "b\r\nC: d"), ("A", "b\nc"), ("A b", "c"), ("", "c"), ("A", "\0")],
)
def test_headers_that_would_be_more_are_never_written(name: str, value: str) -> None:
    with pytest.raises(Error):
        request_head("GET", "/", [(name, value)])


@pytest.mark.parametrize("target", ["", "/a b", "/a\r\nX: y", "/ä"])
def test_targets_that_would_be_more_are_never_written(target: str) -> None:
    with pytest.raises(Error):
        request_head("GET", target, [])


@pytest.mark.parametrize(
    "data",
    [
        b"hello\r\n\r\n",
        b"HTTP/2 200 OK\r\n\r\n",
        b"HTTP/1.0 999 OK\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nContent-Length: x\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"HTTP/1.0 200 OK\nA: b\n\n",
        b"x" * 100_000,
    ],
)
def test_a_server_that_does_not_answer_as_it_should_is_refused(data: bytes) -> None:
    with pytest.raises(ServerRefused, match="did not answer as a zsync server does"):
        read_response_head(stream(data), "peer")
