"""SNARF, the simple archive that travels between server and client.

Each member is a line with its size and path and then exactly that many
bytes::

    SIZE SP PATH LF CONTENT

SIZE is decimal ASCII, PATH is UTF-8.  A directory has size 0 and a path that
ends in ``/``; the empty path is the root.  There is no header and no trailer.

A small archive may travel deflated.  An archive that is sent while it is being
written ends with the member `ANSWER`, which holds what is known only then and shows
that the archive is complete.
"""

from __future__ import annotations

import io
import os
import re
import zlib
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from typing import IO
from typing import TYPE_CHECKING
from typing import NamedTuple

from zope.fssync.deflating import inflate
from zope.fssync.errors import ArchiveDamaged
from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import PathRefused
from zope.fssync.errors import SynchronizationError
from zope.fssync.files import Tree
from zope.fssync.files import create
from zope.fssync.files import open_regular
from zope.fssync.limits import CHUNK
from zope.fssync.limits import CLOSING_SIZE
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import SCANNED_HEADERS
from zope.fssync.limits import Limits
from zope.fssync.paths import CONTROL
from zope.fssync.paths import split_archive_path
from zope.fssync.patterns import late
from zope.fssync.streams import chunks
from zope.fssync.terminal import escape

if TYPE_CHECKING:
    from zope.fssync.fileinterfaces import IReadable

__all__ = [
    "ANSWER",
    "DEFLATE",
    "Header",
    "HeaderReader",
    "Member",
    "SizedWriteable",
    "SnarfReadable",
    "SnarfWriteable",
    "Snarfer",
    "Unsnarfer",
    "closing_lines",
    "copybytes",
    "deflated",
    "ends_early",
    "inflated",
    "read_exactly",
    "read_header",
]

#: The last member of a streamed archive, text: a name, a blank and a value in each
#: line.
ANSWER = f"{CONTROL}/Answer"

#: The name of the one coding of a small archive, see RFC 1950.
DEFLATE = "deflate"

_header = late(rb"([0-9]{1,20}) (.*)\n", re.DOTALL)


class Header(NamedTuple):
    """The line before a member: ``path`` is checked and has no final slash."""

    size: int
    path: str
    isdir: bool
    #: Bytes of the line itself.
    length: int


class Member(NamedTuple):
    """A member: ``content`` is None as long as it has to be read from the stream."""

    path: str
    size: int
    isdir: bool
    content: bytes | None


def read_header(
    istr: IO[bytes],
    limits: Limits = DEFAULT,
    count: Callable[[int], object] = lambda size: None,
) -> Header | None:
    """Read the line before a member; None at the end of the archive.

    ``count`` is called with the size of the member.  Raises `ArchiveDamaged` for
    anything but a whole line, `PathRefused` for an unsafe path, and `LimitExceeded`.
    """
    header = _read_line(istr, limits)
    if header is not None:
        count(header.size)
        # The empty path is the root.
        if header.path:
            split_archive_path(header.path, limits)
    return header


def _read_line(istr: IO[bytes], limits: Limits) -> Header | None:
    """Read a header, of which the path has to be checked before it is used."""
    line = istr.readline(limits.header_size)
    if not line:
        return None
    match = _header.fullmatch(line)
    if match is None:
        raise _bad_header(line, limits)
    size = int(match[1])
    if size > limits.member_size:
        raise LimitExceeded(
            f"archive member of {size} bytes, allowed are {limits.member_size}"
        )
    try:
        path = match[2].decode("utf-8")
    except UnicodeDecodeError as error:
        raise PathRefused(f"path in archive is not UTF-8: {match[2][:80]!r}") from error
    isdir = not path or path.endswith("/")
    if isdir and size:
        raise ArchiveDamaged(f"directory with content in archive: {escape(path)}")
    if path != "/":
        path = path.removesuffix("/")
    return Header(size, path, isdir, len(line))


def _bad_header(line: bytes, limits: Limits) -> Exception:
    if line.endswith(b"\n"):
        return ArchiveDamaged(f"invalid info line in archive: {line[:80]!r}")
    if len(line) >= limits.header_size:
        return LimitExceeded(
            f"info line of more than {limits.header_size} bytes in archive"
        )
    return ArchiveDamaged(f"incomplete info line in archive: {line[:80]!r}")


def read_exactly(istr: IO[bytes], size: int) -> bytes:
    """Read the content of a member; raises `ArchiveDamaged` if there is less."""
    content = istr.read(size)
    if len(content) < size:
        raise ends_early()
    return content


def ends_early() -> ArchiveDamaged:
    return ArchiveDamaged("the archive ends within a file")


def copybytes(
    size: int, istr: IO[bytes], ostr: IO[bytes], bufsize: int = CHUNK
) -> None:
    """Copy exactly ``size`` bytes; raises `ArchiveDamaged` if there are less."""
    while size:
        data = istr.read(min(size, bufsize))
        if not data:
            raise ArchiveDamaged(
                f"not enough data read from input stream: {size} bytes are missing"
            )
        size -= len(data)
        ostr.write(data)


class HeaderReader:
    """Reads the lines before members, and adds up what the archive holds."""

    def __init__(self, istr: IO[bytes], limits: Limits = DEFAULT) -> None:
        self._istr = istr
        self._limits = limits
        self._members = self._total = 0

    def read(self) -> Header | None:
        """See `read_header`; raises `LimitExceeded` if an archive is too large."""
        return read_header(self._istr, self._limits, self._count)

    def members(self, most: int) -> Iterator[list[Member]]:
        """Yield all members, as many at once as have together some `CHUNK` bytes.

        Contents of up to ``most`` bytes are read.  A larger member is the last of its
        list, and its content is to be read from the stream before the next list.
        """
        found: list[Member] = []
        size = 0
        while (header := _read_line(self._istr, self._limits)) is not None:
            self._count(header.size)
            content = None
            if header.size <= most:
                content = read_exactly(self._istr, header.size)
                size += header.length + header.size
            found.append(Member(header.path, header.size, header.isdir, content))
            if content is None or size >= CHUNK:
                self._check(member.path for member in found)
                yield found
                found, size = [], 0
        self._check(member.path for member in found)
        yield found

    def scan(self) -> Iterator[list[tuple[Header, int]]]:
        """Yield the headers of a seekable stream, each with where its content begins.

        They come in lists, of which all paths are checked.  Raises `ArchiveDamaged` if
        content is missing.
        """
        stream = self._istr
        end = stream.seek(0, io.SEEK_END)
        position = stream.seek(0)
        found: list[tuple[Header, int]] = []
        while (header := _read_line(stream, self._limits)) is not None:
            self._count(header.size)
            position += header.length
            if header.size > end - position:
                missing = header.size - (end - position)
                raise ArchiveDamaged(
                    f"truncated archive: {missing} bytes of "
                    f"'{escape(header.path)}' are missing",
                    path=header.path,
                )
            found.append((header, position))
            position = stream.seek(position + header.size)
            if len(found) == SCANNED_HEADERS:
                self._check(header.path for header, _ in found)
                yield found
                found = []
        self._check(header.path for header, _ in found)
        yield found

    def _check(self, paths: Iterable[str]) -> None:
        for path in paths:
            # The empty path is the root.
            if path:
                split_archive_path(path, self._limits)

    def _count(self, size: int) -> None:
        self._members += 1
        self._total += size
        if self._members > self._limits.members:
            raise LimitExceeded(f"archive of more than {self._limits.members} members")
        if self._total > self._limits.archive_size:
            most = self._limits.archive_size
            raise LimitExceeded(f"archive of more than {most} bytes")


class Snarfer:
    """Writes an archive to a binary stream."""

    def __init__(self, ostr: IO[bytes]) -> None:
        self.ostr = ostr
        self._tree = Tree()

    def add(self, fspath: str, path: str) -> None:
        """Add a file or a directory tree; anything else is left out."""
        if self._tree.isdir(fspath):
            self.addtree(fspath, path + "/")
        elif self._tree.isfile(fspath):
            self.addfile(fspath, path)

    def addtree(
        self,
        root: str,
        prefix: str = "",
        filter: Callable[[str], bool] | None = None,
    ) -> None:
        """Add the tree below the directory ``root``.

        ``prefix`` is the path in the archive, empty or with a final slash.
        What ``filter`` rejects, given its file system path, is left out.
        """
        self.adddir(prefix)
        for name in sorted(self._tree.listdir(root), key=os.fsencode):
            fspath = os.path.join(root, name)
            if filter is not None and not filter(fspath):
                continue
            if self._tree.isdir(fspath):
                self.addtree(fspath, f"{prefix}{name}/", filter)
            elif self._tree.isfile(fspath):
                self.addfile(fspath, prefix + name)

    def addfile(self, fspath: str, path: str) -> None:
        """Add one file.

        Raises `ArchiveDamaged` if it shrinks meanwhile; the archive is then
        to be thrown away.
        """
        with open_regular(fspath) as istr:
            self.addstream(istr, os.fstat(istr.fileno()).st_size, path)

    def adddir(self, path: str) -> None:
        """Add a directory; ``path`` is empty or has a final slash."""
        self.ostr.write(b"0 %s\n" % _encoded(path))

    def addbytes(self, content: bytes, path: str) -> None:
        """Add one file with this content."""
        self.ostr.write(b"%d %s\n" % (len(content), _encoded(path)))
        self.ostr.write(content)

    def addstream(self, istr: IO[bytes], size: int, path: str) -> None:
        """Add one file of exactly ``size`` bytes, read from ``istr``."""
        self.ostr.write(b"%d %s\n" % (size, _encoded(path)))
        copybytes(size, istr, self.ostr)


def _encoded(path: str) -> bytes:
    if "\n" in path:
        raise PathRefused(f"line break in path: '{escape(path)}'", path=path)
    try:
        return path.encode("utf-8")
    except UnicodeEncodeError as error:
        raise PathRefused(
            f"name that is not in the encoding of the system: '{escape(path)}'",
            path=path,
            advice="Rename the file.",
        ) from error


class Unsnarfer:
    """Reads an archive from a binary stream into a directory."""

    def __init__(self, istr: IO[bytes], limits: Limits = DEFAULT) -> None:
        self.istr = istr
        self.limits = limits

    def unsnarf(self, root: str) -> None:
        """Write the whole archive below the directory ``root``."""
        tree = Tree(root)
        headers = HeaderReader(self.istr, self.limits)
        while (header := headers.read()) is not None:
            fspath = os.path.join(root, *header.path.split("/"))
            if header.isdir:
                tree.mkdir(fspath)
            else:
                tree.mkdir(os.path.dirname(fspath))
                self._extract(tree, fspath, header)

    def _extract(self, tree: Tree, fspath: str, header: Header) -> None:
        tree.check_parents(fspath)
        try:
            ostr = create(fspath)
        except FileExistsError as error:
            raise PathRefused(
                f"path stands twice in archive: '{escape(header.path)}'",
                path=header.path,
            ) from error
        try:
            with ostr:
                copybytes(header.size, self.istr, ostr)
        except BaseException:
            tree.remove(fspath)
            raise


# Members, while they are read or written


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
                self._stream.write(self._line(f"{0:0{self.digits}}"))
            self._stream.writelines(self._pending)
            self._pending.clear()

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        if self._line_at is None:
            self._stream.seek(0, io.SEEK_END)
            line = self._line(self._format % self._size)
            self._stream.writelines([line, *self._pending])
            self._pending.clear()
        else:
            self._stream.seek(self._line_at)
            self._stream.write(self._line(f"{self._size:0{self.digits}}"))
            self._stream.seek(0, io.SEEK_END)

    def _line(self, size: str) -> bytes:
        return b"%s %s\n" % (size.encode(), self._path)


class SizedWriteable(SnarfWriteable):
    """A member of which the size is known: what is written can be sent at once."""

    def __init__(
        self, stream: IO[bytes], path: str, len_format: str, size: int
    ) -> None:
        super().__init__(stream, path, len_format)
        self._expected = size
        stream.write(self._line(len_format % size))

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


def closing_lines(stream: IReadable) -> dict[str, str]:
    """Return what the last member of a streamed archive holds, by name."""
    data = stream.read(CLOSING_SIZE)
    pairs = (
        line.partition(" ") for line in data.decode("ascii", "replace").split("\n")
    )
    return {name: value for name, _, value in pairs if value.isprintable()}


# Small archives are made smaller for the way.  Only archives up to a limit are
# deflated, so that no more than that can come out of what is inflated.


def deflated(stream: IO[bytes], limits: Limits = DEFAULT) -> bytes | None:
    """Return what is in a seekable stream, deflated; None if that is too large."""
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    if size > limits.deflated_size:
        return None
    return zlib.compress(stream.read(size))


def inflated(stream: IReadable, limits: Limits = DEFAULT) -> IO[bytes]:
    """Return what a stream was deflated from.

    Raises `LimitExceeded` if that is too large, `ArchiveDamaged` if the stream was
    not deflated, or not all of it is there.
    """
    limit = limits.deflated_size
    try:
        data = inflate(chunks(stream), limit)
    except ValueError as error:
        raise ArchiveDamaged(f"a deflated body is damaged: {error}") from error
    if len(data) > limit:
        raise LimitExceeded(f"a deflated body of more than {limit} bytes")
    return io.BytesIO(data)
