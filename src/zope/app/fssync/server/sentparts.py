"""Keep large archives that are sent in parts, until a commit uses them.

They are in the database, where each process of a site finds them.  A transaction stores
each part as a blob; the one that commits an archive removes its parts.  Parts that
nobody continues are removed with a later part or commit.  Only classes of the ZODB are
stored, so that the database can be opened without this package.
"""

from __future__ import annotations

import hashlib
import io
import json
import time
from bisect import bisect_right
from typing import IO
from typing import TYPE_CHECKING
from typing import Any
from typing import NamedTuple

from BTrees.LOBTree import LOBTree
from BTrees.OOBTree import OOBTree
from persistent.mapping import PersistentMapping
from ZODB.blob import Blob
from ZODB.interfaces import IBlobStorage

from zope.fssync.errors import Error
from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import UsageError
from zope.fssync.limits import BUFFER
from zope.fssync.limits import CHUNK
from zope.fssync.limits import LEAST_UPLOAD_PART
from zope.fssync.limits import UPLOAD_TIME
from zope.fssync.limits import Limits
from zope.fssync.messages import _

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = ["Sent", "SentParts"]

_name = "zope.app.fssync.uploads"


class Sent(NamedTuple):
    """An archive that is sent in parts: by whom, to which object, and what.

    Nobody else finds its parts, nor does a request to another object.
    """

    user: str
    path: str
    #: The digest of the whole archive, and its size in bytes.
    digest: str
    size: int

    @property
    def key(self) -> str:
        """Return the key in the database."""
        return hashlib.sha256(json.dumps(self).encode()).hexdigest()


class SentParts:
    """The parts in the database of a connection, for one request."""

    def __init__(self, connection: Any, limits: Limits) -> None:
        self._connection = connection
        self._limits = limits

    @property
    def are_possible(self) -> bool:
        """Whether the database can store parts."""
        connection = self._connection
        return connection is not None and bool(
            IBlobStorage.providedBy(connection.db().storage)
        )

    @property
    def _archives(self) -> Any:
        connection = self._connection
        return {} if connection is None else connection.root().get(_name, {})

    def received(self, sent: Sent) -> int:
        """Return how many bytes of an archive are there."""
        found = self._archives.get(sent.key)
        return 0 if found is None else int(found["received"])

    def check(self, sent: Sent) -> None:
        """Refuse an archive that exceeds a limit."""
        limits = self._limits
        most = min(limits.archive_size, limits.upload_size)
        if sent.size > most:
            raise LimitExceeded(
                _(
                    "the archive has ${size} bytes, and the server takes at most "
                    "${limit}",
                    mapping={"size": sent.size, "limit": most},
                )
            )
        others = sum(
            each["received"]
            for each in self._archives.values()
            if each["user"] != sent.user
        )
        if others + sent.size > limits.uploads_size:
            raise LimitExceeded(
                _(
                    "the server has no room for the ${size} bytes of the archive: it "
                    "keeps ${number} bytes of others that wait for their commit, and "
                    "at most ${limit}",
                    mapping={
                        "size": sent.size,
                        "number": others,
                        "limit": limits.uploads_size,
                    },
                )
            )

    def add(self, sent: Sent, offset: int, part: IO[bytes], digest: str) -> int:
        """Store a part, which follows those that are there; return how many are then.

        It is refused if it is not what ``digest`` says.
        """
        length = part.seek(0, io.SEEK_END)
        _check_part(sent, offset, length)
        self.check(sent)
        self.sweep()
        self._make_room(sent)
        archive = self._archive(sent)
        if archive["received"] != offset:
            raise Error(
                _(
                    "the part does not follow the ${number} bytes that the server has",
                    mapping={"number": archive["received"]},
                )
            )
        archive["parts"][offset] = _blob(part, digest)
        archive["received"] = offset + length
        archive["touched"] = time.time()
        return offset + length

    def _archive(self, sent: Sent) -> Any:
        """Return the record of an archive, and make one for a new archive."""
        root = self._connection.root()
        archives = root.get(_name)
        if archives is None:
            archives = root[_name] = OOBTree()
        found = archives.get(sent.key)
        if found is None:
            found = archives[sent.key] = PersistentMapping(
                user=sent.user, received=0, touched=time.time(), parts=LOBTree()
            )
        return found

    def _make_room(self, sent: Sent) -> None:
        """Remove what the user has sent before, as far as a limit demands it."""
        archives, limits = self._archives, self._limits
        waiting = sorted(
            (each["touched"], key, each["received"])
            for key, each in archives.items()
            if each["user"] == sent.user and key != sent.key
        )
        room = limits.upload_size - sent.size - sum(each[2] for each in waiting)
        while waiting and (room < 0 or len(waiting) >= limits.uploads):
            _touched, key, received = waiting.pop(0)
            del archives[key]
            room += received

    def stream(self, sent: Sent) -> IO[bytes]:
        """Return an archive; refuse one that is not complete."""
        found = self._archives.get(sent.key)
        received = 0 if found is None else found["received"]
        if found is None or received != sent.size:
            raise Error(
                _(
                    "the server has ${number} of the ${size} bytes of the archive",
                    mapping={"number": received, "size": sent.size},
                ),
                advice=_("Try again."),
            )
        return io.BufferedReader(_Parts(found["parts"], sent.size), BUFFER)

    def remove(self, sent: Sent) -> None:
        """Remove an archive in this transaction, which uses it."""
        self._archives.pop(sent.key, None)

    def sweep(self) -> None:
        """Remove what nobody has continued for long."""
        archives = self._archives
        oldest = time.time() - UPLOAD_TIME
        for key in [k for k, each in archives.items() if each["touched"] < oldest]:
            del archives[key]


def _check_part(sent: Sent, offset: int, length: int) -> None:
    """Refuse a part that is not within its archive, or needlessly small."""
    end = offset + length
    if not length or end > sent.size:
        raise UsageError("the part is not within the archive")
    if length < LEAST_UPLOAD_PART and end < sent.size:
        raise UsageError(f"the part has fewer than {LEAST_UPLOAD_PART} bytes")


def _blob(part: IO[bytes], digest: str) -> Blob:
    """Return a blob with the content of a part, which is compared with its digest."""
    blob, hashed = Blob(), hashlib.sha256()
    part.seek(0)
    with blob.open("w") as stream:
        while piece := part.read(CHUNK):
            hashed.update(piece)
            stream.write(piece)
    if hashed.hexdigest() != digest:
        raise UsageError("the part is not what its digest says")
    return blob


class _Parts(io.RawIOBase):
    """An archive as one stream, of which one part at a time is open."""

    def __init__(self, parts: Any, size: int) -> None:
        super().__init__()
        self._blobs = list(parts.values())
        self._starts = list(parts.keys())
        self._size = size
        self._position = 0
        self._open: tuple[int, Any] | None = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        base = {
            io.SEEK_SET: 0,
            io.SEEK_CUR: self._position,
            io.SEEK_END: self._size,
        }[whence]
        self._position = max(0, base + offset)
        return self._position

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        if self._position >= self._size:
            return 0
        number = bisect_right(self._starts, self._position) - 1
        stream = self._part(number)
        stream.seek(self._position - self._starts[number])
        count = int(stream.readinto(buffer))
        self._position += count
        return count

    def _part(self, number: int) -> Any:
        if self._open is None or self._open[0] != number:
            self._end()
            self._open = number, self._blobs[number].open("r")
        return self._open[1]

    def _end(self) -> None:
        if self._open is not None:
            self._open[1].close()
            self._open = None

    def close(self) -> None:
        if not self.closed:
            self._end()
        super().close()
