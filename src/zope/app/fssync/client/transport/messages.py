"""The messages of HTTP/1.1, as a client writes and reads them on a socket.

`http.client` does the same, but loads ssl and email for it: every update and every
commit would wait for that longer than for the server.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import TYPE_CHECKING
from typing import BinaryIO

from zope.fssync.errors import Error
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import INTERIM_ANSWERS
from zope.fssync.limits import LENGTH_DIGITS

if TYPE_CHECKING:
    import socket

    from _typeshed import WriteableBuffer

__all__ = [
    "Answer",
    "Headers",
    "InvalidAnswer",
    "NoAnswer",
    "NotHTTP",
    "read_answer",
    "request_head",
]


class InvalidAnswer(Exception):
    """The server has sent an invalid response."""


class NotHTTP(InvalidAnswer):
    """It does not even begin as one."""


class NoAnswer(ConnectionResetError):
    """The server has closed the connection before it answered."""


class Headers(Mapping[str, str]):
    """The headers of an answer; case does not matter, of equal names the first counts.

    Iteration yields the names as they were sent.
    """

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._values: dict[str, tuple[str, str]] = {}
        for name, value in pairs:
            self._values.setdefault(name.lower(), (name, value))

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()][1]

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self._values.values())

    def __len__(self) -> int:
        return len(self._values)


class Answer:
    """An answer whose head was read; `readinto` reads the body.

    ``length`` are the bytes of the body that are still to come, None where that is
    not known.
    """

    def __init__(
        self, stream: BinaryIO, status: int, reason: str, headers: Headers, keeps: bool
    ) -> None:
        self.status = status
        self.reason = reason
        self.headers = headers
        self.length: int | None = None
        self._stream: BinaryIO | None = stream
        self._chunked = "chunked" in headers.get("Transfer-Encoding", "").lower()
        #: Bytes that are left of the present chunk.
        self._chunk = 0
        self._first = True
        if status in (204, 304):
            self.length = 0
        elif not self._chunked and (text := headers.get("Content-Length")) is not None:
            if not (text.isascii() and text.isdigit() and len(text) <= LENGTH_DIGITS):
                raise InvalidAnswer("its Content-Length is not a number")
            self.length = int(text)
        #: True if the connection can take another request after this response.
        self.keeps_connection = keeps and (self._chunked or self.length is not None)
        if self.length == 0:
            self.close()

    def close(self) -> None:
        """Discard the rest of the body."""
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()

    def isclosed(self) -> bool:
        """Return True if the body was read to its end, or closed."""
        return self._stream is None

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Read what is there of the body; returns 0 at its end.

        Raises `InvalidAnswer` where a chunk is missing; after an early end of another
        body its ``length`` is what is missing.
        """
        if self._stream is None:
            return 0
        left = self._next_chunk() if self._chunked else self.length
        if self._chunked and not left:
            self.close()
            return 0
        view = memoryview(buffer)
        count = _read_some(self._stream, view if left is None else view[:left])
        if self._chunked:
            if not count:
                raise InvalidAnswer("a part is missing")
            self._chunk -= count
        elif self.length is not None:
            self.length -= count
        if not count or self.length == 0:
            self.close()
        return count

    def _next_chunk(self) -> int:
        """Return the bytes that are left of this chunk, or of the next one."""
        if self._chunk:
            return self._chunk
        if not self._first and self._line().strip():
            raise InvalidAnswer("a chunk is longer than it should be")
        self._first = False
        size = self._line().partition(b";")[0].strip()
        if not size or size.strip(b"0123456789abcdefABCDEF"):
            raise InvalidAnswer("a chunk has no size")
        self._chunk = int(size, 16)
        if not self._chunk:
            for _ in range(DEFAULT.head_lines):
                if not self._line().strip():
                    break
        return self._chunk

    def _line(self) -> bytes:
        assert self._stream is not None
        line = self._stream.readline(DEFAULT.head_line_size)
        if not line.endswith(b"\n"):
            raise InvalidAnswer("a part is missing")
        return line


def _read_some(stream: BinaryIO, view: memoryview) -> int:
    """Read what is there, without waiting for the view to be full."""
    count: int = stream.readinto1(view)  # type: ignore[attr-defined]
    return count


def request_head(
    method: str, target: str, host: str, headers: Iterable[tuple[str, str]]
) -> bytes:
    """Return the bytes of a request up to its body."""
    if not target or any(not "!" <= char <= "~" for char in target):
        raise Error(f"not a target that can be sent: {target!r}")
    name = host if host.isascii() else host.encode("idna").decode("ascii")
    lines = [f"{method} {target} HTTP/1.1", f"Host: {name}"]
    lines.append("Accept-Encoding: identity")
    for name, value in headers:
        if any(char in "\r\n\0" for char in name + value) or not name.isascii():
            raise Error(f"not a header that can be sent: {name!r}")
        lines.append(f"{name}: {value}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def read_answer(channel: socket.socket) -> Answer:
    """Read the head of an answer.

    Raises `NoAnswer` where the server has closed the connection, `NotHTTP` where it
    speaks something else, and `InvalidAnswer` where it does not keep to the rules.
    """
    stream = channel.makefile("rb")
    try:
        for _ in range(INTERIM_ANSWERS + 1):
            version, status, reason = _status(stream)
            headers = Headers(_headers(stream))
            if status >= 200 or status == 101:
                break
        else:
            raise InvalidAnswer("it says nothing but that it goes on")
        said = headers.get("Connection", "").lower()
        keeps = "close" not in said and (version > "HTTP/1.0" or "keep-alive" in said)
        return Answer(stream, status, reason, headers, keeps)
    except BaseException:
        stream.close()
        raise


def _status(stream: BinaryIO) -> tuple[str, int, str]:
    """Return version, status and reason of a status line."""
    line = stream.readline(DEFAULT.head_line_size)
    if not line:
        raise NoAnswer("closed")
    version, _, rest = line.decode("latin-1").rstrip("\r\n").partition(" ")
    status, _, reason = rest.strip().partition(" ")
    known = version.startswith("HTTP/1.") and len(status) == 3
    if not (known and status.isascii() and status.isdigit()):
        raise NotHTTP(version)
    return version, int(status), reason.strip()


def _headers(stream: BinaryIO) -> list[tuple[str, str]]:
    """Return the headers up to the empty line."""
    pairs: list[tuple[str, str]] = []
    for _ in range(DEFAULT.head_lines + 1):
        line = stream.readline(DEFAULT.head_line_size)
        if not line.endswith(b"\n"):
            raise InvalidAnswer("its headers are too long or not complete")
        text = line.decode("latin-1").rstrip("\r\n")
        if not text:
            return pairs
        if text[0] in " \t":
            if not pairs:
                raise InvalidAnswer("its headers begin in the middle")
            # A line that goes on, as old servers write long ones.
            name, value = pairs.pop()
            pairs.append((name, f"{value} {text.strip()}"))
            continue
        name, colon, value = text.partition(":")
        if not colon or name.strip() != name or not name:
            raise InvalidAnswer("a line is not a header")
        pairs.append((name, value.strip(" \t")))
    raise InvalidAnswer("it has too many headers")
