"""An archive as a zip: the files of a checkout, and the descriptions of its objects.

The zip is made while it is sent.  It has the files that ``zsync checkout --layout 3``
writes, without the control directory.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Generator
from collections.abc import Iterator
from typing import IO
from typing import Any

from zope.app.fssync.server.plainfiles import DIRECTORY
from zope.app.fssync.server.plainfiles import PlainFile
from zope.app.fssync.server.plainfiles import plain_files
from zope.app.fssync.server.uploaded import BASE
from zope.app.fssync.server.uploaded import Base
from zope.fssync.limits import CHUNK
from zope.fssync.limits import ZIP64_SIZE
from zope.fssync.repository import SnarfRepository

__all__ = ["ZippedArchive"]

#: The time of all members: the same bytes for the same objects.
_TIME = (1980, 1, 1, 0, 0, 0)


class ZippedArchive:
    """An iterator over the bytes of a zip, for `IViewRequest.stream`.

    ``archive`` is a file with a SNARF archive, which `close` closes.  Without
    ``described`` the zip has the content only.  ``base`` is when and
    of what it is made, which the zip tells if it is known.
    """

    def __init__(
        self, archive: IO[bytes], described: bool = True, base: Base | None = None
    ) -> None:
        self._archive = archive
        self._base = base
        self._files = plain_files(SnarfRepository(archive), described)
        self._out = _Buffer()
        self._pieces = self._all()

    def __iter__(self) -> ZippedArchive:
        return self

    def __next__(self) -> bytes:
        return next(self._pieces)

    def close(self) -> None:
        """Give the file back; called at the end, and when the client leaves."""
        self._pieces.close()
        self._archive.close()

    def _all(self) -> Generator[bytes, None, None]:
        with zipfile.ZipFile(self._out, "w", zipfile.ZIP_DEFLATED) as made:
            for number, file in enumerate(self._files):
                yield from self._member(made, file)
                if not number and self._base is not None:
                    place = file.name if file.kind == DIRECTORY else ""
                    made.writestr(_info(f"{place}{BASE}"), str(self._base))
        yield self._out.take()

    def _member(self, made: zipfile.ZipFile, file: PlainFile) -> Iterator[bytes]:
        large = file.size >= ZIP64_SIZE
        with made.open(_info(file.name), "w", force_zip64=large) as member:
            for piece in file.pieces():
                member.write(piece)
                if self._out.waiting >= CHUNK:
                    yield self._out.take()


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _TIME)
    is_directory = name.endswith("/")
    info.compress_type = zipfile.ZIP_STORED if is_directory else zipfile.ZIP_DEFLATED
    # Not for others to write, as a checkout makes them.
    mode = 0o040755 if is_directory else 0o100644
    info.external_attr = mode << 16 | (0x10 if is_directory else 0)
    return info


class _Buffer(io.RawIOBase):
    """What is written to it waits until it is taken; it cannot seek."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self.waiting = 0

    def write(self, data: Any) -> int:
        """See `io.RawIOBase`."""
        piece = bytes(data)
        self._pieces.append(piece)
        self.waiting += len(piece)
        return len(piece)

    def take(self) -> bytes:
        """Return what has been written since."""
        taken = b"".join(self._pieces)
        self._pieces.clear()
        self.waiting = 0
        return taken
