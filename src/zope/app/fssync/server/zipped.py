"""Convert an archive to a zip: the files of a checkout, and the descriptions.

The zip is generated while it is sent.  It has the files that ``zsync checkout
--layout 3`` writes, without the control directory.
"""

from __future__ import annotations

from collections.abc import Generator
from collections.abc import Iterable
from collections.abc import Iterator
from typing import IO

from zope.app.fssync.server.plainfiles import CONTENT
from zope.app.fssync.server.plainfiles import DIRECTORY
from zope.app.fssync.server.plainfiles import plain_files
from zope.app.fssync.server.sentstream import SentStream
from zope.app.fssync.server.uploaded import BASE
from zope.app.fssync.server.uploaded import Base
from zope.app.fssync.server.zipwriter import ZipWriter
from zope.fssync.limits import CHUNK
from zope.fssync.repository import SnarfRepository

__all__ = ["ZippedArchive"]


class ZippedArchive(SentStream):
    """The bytes of a zip.

    ``archive`` is a file with a SNARF archive, which `close` closes.  Without
    ``described`` the zip has the content only.  ``base`` is the transaction and the
    object of the archive, which the zip records if known.  ``withheld`` is the number
    of objects that the caller may not see.
    """

    def __init__(
        self,
        archive: IO[bytes],
        described: bool = True,
        base: Base | None = None,
        withheld: int = 0,
    ) -> None:
        super().__init__()
        self.withheld = withheld
        self._archive = archive
        self._base = base
        self._files = plain_files(SnarfRepository(archive), described)
        self._zip = ZipWriter()
        self._pieces = self._all()

    def _release(self) -> None:
        self._zip.close()
        self._archive.close()

    def _all(self) -> Generator[bytes, None, None]:
        """Yield the zip in pieces of a reasonable size."""
        waiting: list[bytes] = []
        size = 0
        for piece in self._parts():
            waiting.append(piece)
            size += len(piece)
            if size >= CHUNK:
                yield b"".join(waiting)
                waiting, size = [], 0
        yield b"".join(waiting)
        self.finished = True

    def _parts(self) -> Iterator[bytes]:
        for number, file in enumerate(self._files):
            self.objects += file.kind in (CONTENT, DIRECTORY)
            yield from self._member(file.name, file.size, file.pieces())
            if not number and self._base is not None:
                place = file.name if file.kind == DIRECTORY else ""
                base = str(self._base).encode("ascii")
                yield from self._member(f"{place}{BASE}", len(base), [base])
        yield from self._zip.directory()

    def _member(self, name: str, size: int, pieces: Iterable[bytes]) -> Iterator[bytes]:
        # Not writable for other users, as in a checkout.
        mode = 0o040755 if name.endswith("/") else 0o100644
        return self._zip.member(name, size, pieces, mode)
