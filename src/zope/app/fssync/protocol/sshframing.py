"""The grammar of zsync over ssh, for the client and for both servers.

A session channel carries one request and one answer: a head of lines that end
in CR LF, an empty line, a body.  Heads are read strictly and with limits, so
that nothing which one side would understand differently ever reaches the other.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from collections.abc import Iterable
from dataclasses import dataclass
from email.message import Message

from zope.fssync.errors import Error
from zope.fssync.errors import ServerRefused
from zope.fssync.errors import ServerUnreachable
from zope.fssync.errors import UnsafeData
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import Limits
from zope.fssync.streams import RawReader

__all__ = [
    "ByteStream",
    "Request",
    "RequestRefused",
    "read_request",
    "read_response_head",
    "request_head",
    "response_head",
]


_REQUEST_LINE = re.compile(rb"([A-Z]{1,16}) ([!-~]+)")
_STATUS_LINE = re.compile(
    rb"HTTP/1\.[01] ([1-5][0-9][0-9])(?: ([^\x00-\x08\x0a-\x1f]*))?"
)
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(rb"[\t -~\x80-\xff]*")
_TARGET = re.compile(r"[!-~]+")
_LENGTH = re.compile(rb"[0-9]{1,15}")

#: Headers that would mean two things when they came twice.
_SINGLE = frozenset({b"authorization", b"content-length", b"content-type"})


class RequestRefused(UnsafeData):
    """A request that is not passed on; ``status`` and ``reason`` answer it."""

    def __init__(self, status: int, reason: str, msg: str) -> None:
        super().__init__(msg)
        self.status = status
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Request:
    """The head of a request: header names in lower case, order kept."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    length: int | None

    def header(self, name: str) -> str | None:
        """Return the first value of header ``name``, or None."""
        return next((value for key, value in self.headers if key == name), None)


class ByteStream(RawReader):
    """A raw binary stream over functions that a session channel has.

    ``receive(n)`` returns at most ``n`` bytes, none at the end, and raises
    what the stream shall raise; ``ready()`` tells whether it would return at once.
    """

    def __init__(
        self, receive: Callable[[int], bytes], ready: Callable[[], bool] | None = None
    ) -> None:
        super().__init__(receive)
        self._ready = ready
        self._peeking = False

    def readinto(self, buffer: object) -> int | None:
        if self._peeking and not (self._ready and self._ready()):
            return None
        return super().readinto(buffer)

    def has_more(self, stream: io.BufferedReader[ByteStream]) -> bool:
        """Return True if ``stream``, which buffers this one, has bytes; never wait."""
        self._peeking = True
        try:
            return bool(stream.peek(1))
        finally:
            self._peeking = False


class _HeadRefused(Exception):
    """A line of a head is not what it has to be."""


def _lines(stream: io.BufferedReader[ByteStream], limits: Limits) -> Iterable[bytes]:
    """Yield the lines of a head without their ends, up to the empty one."""
    total = 0
    for _ in range(limits.head_lines + 1):
        line = stream.readline(limits.head_line_size)
        total += len(line)
        if not line.endswith(b"\n"):
            if len(line) >= limits.head_line_size:
                raise _HeadRefused("a line is too long")
            raise _HeadRefused("the head is not complete")
        if total > limits.head_size:
            raise _HeadRefused("the head is too long")
        if not line.endswith(b"\r\n"):
            raise _HeadRefused("a line does not end in CR LF")
        if line == b"\r\n":
            return
        yield line[:-2]
    raise _HeadRefused("there are too many headers")


def _header(line: bytes) -> tuple[bytes, bytes]:
    """Split a header line into its name, in lower case, and its value."""
    name, colon, value = line.partition(b":")
    value = value.strip(b" \t")
    if not (colon and _NAME.fullmatch(name) and _VALUE.fullmatch(value)):
        raise _HeadRefused("a line is not a header")
    return name.lower(), value


def _headers(lines: Iterable[bytes]) -> list[tuple[bytes, bytes]]:
    headers: list[tuple[bytes, bytes]] = []
    seen: set[bytes] = set()
    for line in lines:
        name, value = _header(line)
        if name in seen and name in _SINGLE:
            raise _HeadRefused(f"{name.decode('ascii')} is there twice")
        seen.add(name)
        headers.append((name, value))
    return headers


def _length(headers: Iterable[tuple[bytes, bytes]]) -> int | None:
    value = dict(headers).get(b"content-length")
    if value is None:
        return None
    if not _LENGTH.fullmatch(value):
        raise _HeadRefused("Content-Length is not a number")
    return int(value)


def _text(headers: Iterable[tuple[bytes, bytes]]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name.decode("ascii"), value.decode("latin-1")) for name, value in headers
    )


def read_request(
    stream: io.BufferedReader[ByteStream],
    body_limit: int = DEFAULT.archive_size,
    limits: Limits = DEFAULT,
) -> Request:
    """Read the head of a request; raises `RequestRefused`."""
    try:
        lines = iter(_lines(stream, limits))
        first = next(lines, b"")
        match = _REQUEST_LINE.fullmatch(first)
        if match is None:
            raise _HeadRefused("the first line is not a request")
        headers = _headers(lines)
        length = _length(headers)
    except _HeadRefused as error:
        raise RequestRefused(400, "Bad Request", f"Request refused: {error}.") from None
    if any(name == b"transfer-encoding" for name, _ in headers):
        raise RequestRefused(
            400, "Bad Request", "Request refused: Transfer-Encoding has no place here."
        )
    if length is not None and length > body_limit:
        raise RequestRefused(
            413, "Content Too Large", f"Request refused: more than {body_limit} bytes."
        )
    method, target = (part.decode("ascii") for part in match.groups())
    return Request(method, target, _text(headers), length)


def read_response_head(
    stream: io.BufferedReader[ByteStream], peer: str, limits: Limits = DEFAULT
) -> tuple[int, str, Message, int | None]:
    """Read the head of an answer: status, reason, headers and length."""
    try:
        lines = iter(_lines(stream, limits))
        match = _STATUS_LINE.fullmatch(next(lines, b""))
        if match is None:
            raise _HeadRefused("the first line is not a status")
        headers = _headers(lines)
        length = _length(headers)
    except _HeadRefused as error:
        if str(error) == "the head is not complete":
            raise ServerUnreachable(
                f"{peer} ended the connection before its answer was complete",
                advice="Try again; if it stays so, ask who runs the ssh server.",
            ) from None
        raise ServerRefused(
            f"{peer} did not answer as a zsync server does: {error}",
            advice="Is the host and port of the URL that of a zsync ssh server?",
        ) from None
    message = Message()
    for name, value in _text(headers):
        message[name] = value
    reason = (match[2] or b"").decode("latin-1")
    return int(match[1]), reason, message, length


def _head(first: str, headers: Iterable[tuple[str, str]]) -> bytes:
    lines = [first.encode("latin-1")]
    for name, value in headers:
        line = b"%s: %s" % (name.encode("latin-1"), value.encode("latin-1"))
        try:
            _header(line)
        except _HeadRefused:
            raise Error(f"not a header that can be sent: {name!r}") from None
        lines.append(line)
    return b"\r\n".join([*lines, b"", b""])


def request_head(method: str, target: str, headers: Iterable[tuple[str, str]]) -> bytes:
    """Return the bytes of a request up to its body."""
    if not _TARGET.fullmatch(target):
        raise Error(f"not a target that can be sent: {target!r}")
    return _head(f"{method} {target}", headers)


def response_head(
    status: int, reason: str, headers: Iterable[tuple[str, str]]
) -> bytes:
    """Return the bytes of an answer up to its body."""
    clean = "".join(
        char if " " <= char <= "~" or "\xa0" <= char <= "\xff" else " "
        for char in reason
    )
    return _head(f"HTTP/1.0 {status} {clean}".rstrip(), headers)
