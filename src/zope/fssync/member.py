"""One member of an archive, while it is read or written."""

from __future__ import annotations

import io
from typing import IO

from zope.fssync.errors import SynchronizationError
from zope.fssync.limits import CHUNK

__all__ = ["SizedWriteable", "SnarfReadable", "SnarfWriteable"]


class SnarfReadable:
    """One member of an archive as a stream with a position of its own."""

    def __init__(self, stream: IO[bytes], start: int, size: int, name: str) -> None:
        self.name = name
        self.size = size
        self._stream = stream
        self._start = start
        self._position = 0

    def read(self, bytes: int | None = None) -> bytes:
        rest = self.size - self._position
        if bytes is None or bytes < 0 or bytes > rest:
            bytes = rest
        if bytes <= 0:
            return b""
        self._stream.seek(self._start + self._position)
        data = self._stream.read(bytes)
        self._position += len(data)
        return data

    def readline(self) -> bytes:
        self._stream.seek(self._start + self._position)
        line = self._stream.readline(max(0, self.size - self._position))
        self._position += len(line)
        return line

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {
            io.SEEK_SET: 0,
            io.SEEK_CUR: self._position,
            io.SEEK_END: self.size,
        }[whence]
        self._position = max(0, base + offset)
        return self._position

    def tell(self) -> int:
        return self._position

    def close(self) -> None:
        """The stream belongs to the archive."""

    def __enter__(self) -> SnarfReadable:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class SnarfWriteable:
    """One member of an archive while it is being written.

    The size stands before the content but is known after it.  Content is
    therefore held back; once it is too large for that, a line wide enough for
    any size is written and completed at the end.  Other members may be read
    meanwhile.
    """

    #: Bytes that are held back at most.
    held = CHUNK
    #: Digits of a size that is written before it is known.
    digits = 16

    def __init__(self, stream: IO[bytes], path: str, len_format: str) -> None:
        self.name = path
        self._stream = stream
        self._path = path.encode("utf-8")
        self._format = len_format
        self._pending: list[bytes] = []
        self._size = 0
        self._line_at: int | None = None
        self._closed = False

    def write(self, data: bytes) -> None:
        self._size += len(data)
        self._pending.append(bytes(data))
        if self._size > self.held:
            end = self._stream.seek(0, io.SEEK_END)
            if self._line_at is None:
                self._line_at = end
                self._write_line(f"{0:0{self.digits}}")
            self._write_pending()

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        if self._line_at is None:
            self._stream.seek(0, io.SEEK_END)
            self._write_line(self._format % self._size)
            self._write_pending()
        else:
            self._stream.seek(self._line_at)
            self._write_line(f"{self._size:0{self.digits}}")
            self._stream.seek(0, io.SEEK_END)

    def _write_line(self, size: str) -> None:
        self._stream.write(b"%s %s\n" % (size.encode(), self._path))

    def _write_pending(self) -> None:
        self._stream.writelines(self._pending)
        self._pending.clear()


class SizedWriteable(SnarfWriteable):
    """A member of which the size is known: what is written can be sent at once."""

    def __init__(
        self, stream: IO[bytes], path: str, len_format: str, size: int
    ) -> None:
        super().__init__(stream, path, len_format)
        self._expected = size
        self._write_line(len_format % size)

    def write(self, data: bytes) -> None:
        self._size += len(data)
        self._check(self._size <= self._expected)
        self._stream.write(data)

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._check(self._size == self._expected)

    def _check(self, fits: bool) -> None:
        if not fits:
            raise SynchronizationError(
                f"the object says that it has {self._expected} bytes, but has "
                f"{'more' if self._size > self._expected else self._size}",
                path=self.name,
            )
