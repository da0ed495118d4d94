"""Archives that are sent while they are still being written.

What stands at the end of such an archive, in the member `@@Zope/Answer`, is what
is known only then; and that it stands there says that the archive is complete.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import IO
from typing import Any

from zope.interface import implementer

from zope.fssync import paths
from zope.fssync.fileinterfaces import IReadable
from zope.fssync.fileinterfaces import IStreamRepository
from zope.fssync.limits import CHUNK
from zope.fssync.limits import CLOSING_SIZE
from zope.fssync.limits import SPOOL_SIZE
from zope.fssync.member import SizedWriteable
from zope.fssync.repository import SnarfRepository

__all__ = ["ANSWER", "StreamRepository", "closing_lines"]

#: The last member, text: a name, a blank and a value in each line.
ANSWER = f"{paths.CONTROL}/Answer"


def closing_lines(stream: IReadable) -> dict[str, str]:
    """Return what the last member says, by name."""
    data = stream.read(CLOSING_SIZE)
    pairs = (
        line.partition(" ") for line in data.decode("ascii", "replace").split("\n")
    )
    return {name: value for name, _, value in pairs if value.isprintable()}


@implementer(IStreamRepository)
class StreamRepository(SnarfRepository):
    """Keeps nothing: what was written is taken away and sent."""

    def __init__(self, **options: Any) -> None:
        super().__init__(tempfile.SpooledTemporaryFile(SPOOL_SIZE), **options)  # noqa: SIM115

    def waiting(self) -> int:
        """Return how many bytes can be taken.

        Members count when they are closed, those of a known size at once.
        """
        return self.stream.tell()

    def sized(self, path: str, size: int) -> SizedWriteable:
        """See `IStreamRepository`."""
        self._finish_member(path)
        self._writing = SizedWriteable(self.stream, path, self.len_format, size)
        return self._writing

    def take(self) -> Iterator[bytes]:
        """Yield what was written since, in pieces."""
        stream: IO[bytes] = self.stream
        size = stream.tell()
        stream.seek(0)
        while size:
            data = stream.read(min(CHUNK, size))
            size -= len(data)
            yield data
        stream.seek(0)
        stream.truncate()

    def close(self) -> None:
        """Drop what was not taken."""
        self.stream.close()
