"""Send a large archive in parts, so that a lost connection costs one part at most.

The server keeps the parts, and the request that the archive is for names it.  After a
connection, a command or a server broke off, what is there already is not sent again, as
long as the archive is the same.
"""

from __future__ import annotations

import hashlib
import io
import time
from collections.abc import Sequence
from typing import IO
from typing import TYPE_CHECKING
from typing import Any
from typing import NamedTuple
from urllib.parse import parse_qs

from zope.app.fssync.protocol.headers import UPLOAD_DONE
from zope.app.fssync.protocol.headers import UPLOADED
from zope.app.fssync.protocol.views import CHECKIN
from zope.app.fssync.protocol.views import COMMIT
from zope.app.fssync.protocol.views import REHEARSE_CHECKIN
from zope.app.fssync.protocol.views import REHEARSE_COMMIT
from zope.app.fssync.protocol.views import UPLOAD
from zope.fssync.errors import Error
from zope.fssync.errors import ProxyFailed
from zope.fssync.errors import ServerRefused
from zope.fssync.errors import ServerUnreachable
from zope.fssync.limits import LEAST_UPLOAD_PART
from zope.fssync.limits import UPLOAD_DIGITS
from zope.fssync.limits import UPLOAD_PART
from zope.fssync.limits import UPLOAD_PAUSE
from zope.fssync.limits import UPLOAD_TRIES
from zope.fssync.snarf import HeaderReader
from zope.fssync.snarf import SnarfReadable
from zope.fssync.snarf import copybytes

if TYPE_CHECKING:
    from zope.app.fssync.client.connection import Network
    from zope.app.fssync.client.interfaces import IProgress

__all__ = ["takes_archive", "uploaded"]

#: The views that take an archive.
ARCHIVES = (COMMIT, REHEARSE_COMMIT, CHECKIN, REHEARSE_CHECKIN)


def takes_archive(view: str) -> bool:
    """Return whether a view, with its arguments, takes an archive."""
    return view.partition("?")[0] in ARCHIVES


def uploaded(
    network: Network,
    path: str,
    view: str,
    archive: IO[bytes],
    headers: Sequence[tuple[str, str]],
) -> str | None:
    """Send an archive in parts; return the arguments with which ``view`` finds it.

    None if the server takes no parts.  ``headers`` are those of the request.
    """
    return _Upload(network, path, view, archive, headers).send()


class _Told(NamedTuple):
    """What a server is told of an archive."""

    digest: str
    members: int
    size: int

    def __str__(self) -> str:
        return f"upload={self.digest}&size={self.size}"


class _Upload:
    """An archive on its way to one server."""

    def __init__(
        self,
        network: Network,
        path: str,
        view: str,
        archive: IO[bytes],
        headers: Sequence[tuple[str, str]],
    ) -> None:
        self._network = network
        self._path = path
        self._commit = parse_qs(view.partition("?")[2]).get("commit", [""])[0]
        self._archive = archive
        self._headers = headers
        self._told = _tell(archive)
        #: Bytes of the next parts: less where a proxy lets none through.
        self._most = UPLOAD_PART

    def send(self) -> str | None:
        received = self._ask()
        if received is None:
            return None
        lost = 0
        while received < self._told.size:
            try:
                received = self._send_part(received)
                lost = 0
            except (ServerRefused, ServerUnreachable) as error:
                lost, received = self._go_on(lost, received, error)
        return str(self._told)

    def _go_on(self, lost: int, received: int, error: Error) -> tuple[int, int]:
        """Find out how to go on after a lost part.

        Return how many were lost in a row, and how many bytes the server has.
        """
        if not self._may_go_on(error):
            raise error
        self._wait(lost, error)
        try:
            found = self._ask()
        except (ServerRefused, ServerUnreachable) as failed:
            if not self._may_go_on(failed):
                raise
            return lost + 1, received
        return lost + 1, found or 0

    def _ask(self) -> int | None:
        """Return how many bytes the server has, None if it takes no parts."""
        told = self._told
        more = f"&commit={self._commit}" if self._commit else ""
        view = f"{UPLOAD}?{told}&members={told.members}{more}"
        try:
            body, headers = self._network.httpreq(
                self._path, view, expected_type=None, headers=self._headers
            )
        except ServerRefused as error:
            if isinstance(error, ProxyFailed) or error.status not in (None, 404):
                raise
            # A server that does not know the view; if the object is missing, the
            # request itself says so.
            return None
        body.close()
        said = headers.get(UPLOADED)
        if said == UPLOAD_DONE:
            raise Error(
                "this commit is stored already: only its answer was lost",
                path=self._path,
                advice="Run 'zsync update', which takes over what became of it.",
            )
        return _number(said)

    def _send_part(self, offset: int) -> int:
        """Send the part at an offset; return how many bytes the server has then."""
        length = min(self._most, self._told.size - offset)
        part: Any = SnarfReadable(self._archive, offset, length, "")
        digest = hashlib.sha256(part.read()).hexdigest()
        view = f"{UPLOAD}?{self._told}&offset={offset}&digest={digest}"
        network, progress = self._network, self._network.progress
        if progress is not None:
            network.progress = _Progress(progress, offset, self._told.size)
        try:
            body, headers = network.httpreq(
                self._path, view, part, expected_type=None, headers=self._headers
            )
        finally:
            network.progress = progress
        body.close()
        if _number(headers.get(UPLOADED)) != offset + length:
            raise ProxyFailed(
                "the answer does not say that a part of the archive is stored",
                path=self._path,
            )
        return offset + length

    def _may_go_on(self, error: Error) -> bool:
        """Return whether to send a part again; make it smaller if that is needed."""
        if not isinstance(error, ServerRefused):
            return True
        if error.status == 413 and self._most > LEAST_UPLOAD_PART:
            self._most //= 4
            return True
        # A part before this one was stored, or the database was busy.
        return isinstance(error, ProxyFailed) or error.status in (409, 503)

    def _wait(self, lost: int, error: Error) -> None:
        """Wait before a part is sent again, or give up."""
        if lost >= UPLOAD_TRIES:
            error.advice = (
                "Nothing was committed. The same command sends what the server does "
                "not have yet, as long as nothing is changed here."
            )
            raise error
        network = self._network
        network.close()
        if network.progress is not None:
            network.progress("waiting", 0)
        time.sleep(UPLOAD_PAUSE * 2**lost)


def _number(said: str | None) -> int | None:
    text = said or ""
    known = text.isascii() and text.isdigit() and len(text) <= UPLOAD_DIGITS
    return int(text) if known else None


class _Progress:
    """Reports a part as what it is of the whole archive."""

    def __init__(self, progress: IProgress, offset: int, size: int) -> None:
        self._progress = progress
        self._offset = offset
        self._size = size

    def __call__(self, phase: str, done: int, total: int | None = None) -> None:
        """See `IProgress`."""
        if phase == "sending":
            self._progress(phase, self._offset + done, self._size)
        elif phase not in ("receiving", "waiting"):
            self._progress(phase, done, total)

    def objects(self, phase: str, done: int | None, total: int, word: str = "") -> None:
        """See `IProgress`."""

    def finish(self) -> None:
        """See `IProgress`."""
        self._progress.finish()


class _Hashing:
    """A stream that computes the digest of what is read."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.hashed = hashlib.sha256()

    def read(self, size: int = -1, /) -> bytes:
        return self._add(self._stream.read(size))

    def readline(self, size: int = -1, /) -> bytes:
        return self._add(self._stream.readline(size))

    def _add(self, data: bytes) -> bytes:
        self.hashed.update(data)
        return data


class _Nowhere(io.RawIOBase):
    """Takes what nobody wants."""

    def write(self, data: Any, /) -> int:
        return len(data)


def _tell(archive: IO[bytes]) -> _Told:
    size = archive.seek(0, io.SEEK_END)
    archive.seek(0)
    stream: Any = _Hashing(archive)
    nowhere: Any = _Nowhere()
    reader, members = HeaderReader(stream), 0
    while (header := reader.read()) is not None:
        members += 1
        copybytes(header.size, stream, nowhere)
    return _Told(stream.hashed.hexdigest(), members, size)
