"""Streams of bytes: read in pieces, spooled, hashed and compared.

A stream is anything with ``read(n)``; memory does not grow with its size.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from typing import IO
from typing import TYPE_CHECKING
from typing import Any
from typing import cast

from zope.fssync.errors import Error
from zope.fssync.errors import LimitExceeded
from zope.fssync.files import name_if_full
from zope.fssync.limits import CHUNK
from zope.fssync.limits import MEMORY_FREE
from zope.fssync.limits import MEMORY_RATIO
from zope.fssync.limits import SPOOL_SIZE
from zope.fssync.messages import _

if TYPE_CHECKING:
    from zope.fssync.fileinterfaces import IReadable

__all__ = [
    "HashingWriter",
    "RawReader",
    "Spool",
    "beginning",
    "check_memory",
    "chunks",
    "digest_of",
    "exact_chunks",
    "same_content",
    "spooled",
]


def check_memory(needed: int, size: int, what: str) -> None:
    """Raise `LimitExceeded` if reading ``size`` bytes takes too much memory."""
    if needed > MEMORY_FREE + MEMORY_RATIO * size:
        raise LimitExceeded(
            _(
                "${what} holds too many small parts for its ${size} bytes",
                mapping={"what": what, "size": size},
            ),
            path=what,
        )


def chunks(stream: IReadable) -> Iterator[bytes]:
    """Iterate over the rest of a stream, piece by piece."""
    while chunk := stream.read(CHUNK):
        yield chunk


def exact_chunks(stream: IReadable, size: int, short: Error) -> Iterator[bytes]:
    """Iterate over ``size`` bytes of a stream; raises ``short`` if there are less."""
    while size:
        chunk = stream.read(min(size, CHUNK))
        if not chunk:
            raise short
        size -= len(chunk)
        yield chunk


def beginning(pieces: Iterator[bytes], size: int) -> bytes:
    """Return the first pieces, up to the one by which they exceed ``size`` bytes."""
    found, total = [], 0
    for piece in pieces:
        found.append(piece)
        total += len(piece)
        if total > size:
            break
    return b"".join(found)


def spooled(pieces: Iterable[bytes], size: int = SPOOL_SIZE) -> IO[bytes]:
    """Return a temporary file of all pieces, in memory if it is not large."""
    stream = io.BytesIO()
    pieces = iter(pieces)
    for piece in pieces:
        stream.write(piece)
        if stream.tell() > size:
            return _stored(stream.getvalue(), pieces)
    return stream


def _stored(begun: bytes, pieces: Iterable[bytes]) -> IO[bytes]:
    # Imported here: the import takes longer than all of a short command.
    import tempfile

    stream = tempfile.TemporaryFile()  # noqa: SIM115
    try:
        stream.write(begun)
        stream.writelines(pieces)
    except BaseException as error:
        name_if_full(error, tempfile.gettempdir())
        stream.close()
        raise
    return stream


class Spool:
    """A temporary file, in memory as long as it is not large.

    To import `tempfile` would take longer than all else of a small commit.
    """

    def __init__(self, size: int = SPOOL_SIZE) -> None:
        self._size = size
        self._is_stored = False
        self._use(io.BytesIO())

    def _use(self, stream: IO[bytes]) -> None:
        """Read from a stream, and write to it."""
        self._stream = stream
        self.read, self.readline = stream.read, stream.readline
        self.seek, self.tell = stream.seek, stream.tell

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def __enter__(self) -> IO[bytes]:
        return cast("IO[bytes]", self)

    def __exit__(self, *error: object) -> None:
        self._stream.close()

    def write(self, data: bytes) -> int:
        place = self._stream.tell()
        if place + len(data) > self._size and not self._is_stored:
            self._stream.seek(0)
            self._use(_stored(self._stream.read(), ()))
            self._stream.seek(place)
            self._is_stored = True
        return self._stream.write(data)


class RawReader(io.RawIOBase):
    """A raw binary stream over a function that returns bytes.

    ``receive(n)`` returns some bytes, none at the end.  What exceeds ``n`` is kept.
    """

    def __init__(self, receive: Callable[[int], bytes]) -> None:
        super().__init__()
        self._receive = receive
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int | None:
        view = memoryview(buffer)  # type: ignore[arg-type]
        data = self._rest or self._receive(len(view))
        count = min(len(data), len(view))
        view[:count] = data[:count]
        self._rest = data[count:]
        return count


class HashingWriter:
    """A file that passes what is written on, if there is a stream, and hashes it."""

    def __init__(self, stream: IO[bytes] | None = None) -> None:
        # Not imported before: most verbs need no digest.
        from hashlib import sha256

        self._stream = stream
        self._hash = sha256()

    def write(self, data: bytes) -> int:
        self._hash.update(data)
        return len(data) if self._stream is None else self._stream.write(data)

    def hexdigest(self) -> str:
        return self._hash.hexdigest()

    def digest(self) -> str:
        """Return the digest as entries and archives name it."""
        return f"sha256:{self.hexdigest()}"


def digest_of(stream: IReadable) -> str:
    """Return the digest of the rest of a stream."""
    sink = HashingWriter()
    for chunk in chunks(stream):
        sink.write(chunk)
    return sink.digest()


def same_content(first: IO[bytes], second: IO[bytes]) -> bool:
    """Return True if two streams have the same bytes up to their ends."""
    while True:
        chunk = first.read(CHUNK)
        if not chunk:
            return not second.read(1)
        rest = len(chunk)
        while rest:
            echo = second.read(rest)
            if not echo or chunk[len(chunk) - rest :][: len(echo)] != echo:
                return False
            rest -= len(echo)
