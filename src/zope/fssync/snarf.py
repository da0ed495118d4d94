"""SNARF, the simple archive that travels between server and client.

Each member is a line with its size and path and then exactly that many
bytes::

    SIZE SP PATH LF CONTENT

SIZE is decimal ASCII, PATH is UTF-8.  A directory has size 0 and a path that
ends in ``/``; the empty path is the root.  There is no header and no trailer.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import IO
from typing import NamedTuple

from zope.fssync.errors import ArchiveDamaged
from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import PathRefused
from zope.fssync.files import Tree
from zope.fssync.files import create
from zope.fssync.files import open_regular
from zope.fssync.limits import CHUNK
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import Limits
from zope.fssync.paths import split_archive_path
from zope.fssync.terminal import escape

__all__ = [
    "Header",
    "Snarfer",
    "Unsnarfer",
    "check_totals",
    "copybytes",
    "read_header",
]

_header = re.compile(rb"([0-9]{1,20}) (.*)\n", re.DOTALL).fullmatch


class Header(NamedTuple):
    """The line before a member: ``path`` is checked and has no final slash."""

    size: int
    path: str
    isdir: bool
    #: Bytes of the line itself.
    length: int


def read_header(istr: IO[bytes], limits: Limits = DEFAULT) -> Header | None:
    """Read the line before a member; None at the end of the archive.

    Raises `ArchiveDamaged` for anything but a whole line, `PathRefused` for an
    unsafe path and `LimitExceeded`.
    """
    line = istr.readline(limits.header_size)
    if not line:
        return None
    match = _header(line)
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
    if path:
        path = path.removesuffix("/")
        split_archive_path(path, limits)
    return Header(size, path, isdir, len(line))


def _bad_header(line: bytes, limits: Limits) -> Exception:
    if line.endswith(b"\n"):
        return ArchiveDamaged(f"invalid info line in archive: {line[:80]!r}")
    if len(line) >= limits.header_size:
        return LimitExceeded(
            f"info line of more than {limits.header_size} bytes in archive"
        )
    return ArchiveDamaged(f"incomplete info line in archive: {line[:80]!r}")


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
        members = total = 0
        while (header := read_header(self.istr, self.limits)) is not None:
            members += 1
            total += header.size
            check_totals(members, total, self.limits)
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


def check_totals(members: int, total: int, limits: Limits) -> None:
    """Raise `LimitExceeded` if an archive has become too large."""
    if members > limits.members:
        raise LimitExceeded(f"archive of more than {limits.members} members")
    if total > limits.archive_size:
        raise LimitExceeded(f"archive of more than {limits.archive_size} bytes")
