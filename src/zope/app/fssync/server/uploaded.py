"""An uploaded zip: the gate for its names and sizes.

It is never unpacked to the disk.  Names pass the gate of archives.  Members that are
neither plain files nor directories are refused, as are names that a file system may
take for equal, and members that inflate to more than a limit.
"""

from __future__ import annotations

import re
import stat
import struct
import zipfile
import zlib
from io import SEEK_END
from typing import IO
from typing import NamedTuple

from zope.fssync import paths
from zope.fssync.errors import ArchiveDamaged
from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import PathRefused
from zope.fssync.limits import CHUNK
from zope.fssync.limits import SERVER
from zope.fssync.limits import ServerLimits
from zope.fssync.messages import _
from zope.fssync.terminal import escape

__all__ = ["BASE", "Base", "Upload"]

#: The file in the zip that names the transaction and the object of the download.
BASE = "@@.base"

_base_form = re.compile(rb"([0-9a-f]{16})-([0-9a-f]{16})\s*")

#: The methods of compression that all zip programs have.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)

#: The first bytes of a member in the directory of a zip, of its end, and of what says
#: where a large zip has its end.
_MEMBER, _END, _LARGE = b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x07"

#: An end, with the size of the directory, and last that of a comment behind it.
_end = struct.Struct("<4s4H2LH")

#: Bytes at the end of a zip that may have a comment.
_LAST = _end.size + 0x10000

#: Flags of a member: encrypted, and a name in UTF-8.
_ENCRYPTED, _UTF8 = 0x1, 0x800

#: The errors of `zipfile` for damaged zips; RuntimeError includes NotImplementedError.
_DAMAGES = (
    *(zipfile.BadZipFile, zlib.error, EOFError, OSError),
    *(ValueError, RuntimeError),
)

#: The names that the archiver of macOS adds.
_ASIDE = "__MACOSX"


class Base(NamedTuple):
    """The transaction at which a zip was downloaded, and the object in it."""

    tid: bytes
    oid: bytes

    def __str__(self) -> str:
        return f"{self.tid.hex()}-{self.oid.hex()}"


class Upload:
    """The files of a zip, by their paths with slashes; ``stream`` can seek.

    Raises `PathRefused`, `LimitExceeded` or `ArchiveDamaged` for a refused member.
    """

    def __init__(self, stream: IO[bytes], limits: ServerLimits = SERVER) -> None:
        _check_number(stream, limits.uploaded_files)
        try:
            self._zip = zipfile.ZipFile(stream)
        except _DAMAGES as error:
            raise ArchiveDamaged(_("this is no zip, or it is incomplete")) from error
        members = self._zip.infolist()
        if sum(each.file_size for each in members) > limits.uploaded_size:
            raise LimitExceeded(
                _(
                    "the files of the zip have more than ${size} bytes",
                    mapping={"size": limits.uploaded_size},
                )
            )
        self._members: dict[str, zipfile.ZipInfo] = {}
        self._base: zipfile.ZipInfo | None = None
        self.directories: set[str] = set()
        #: The paths as a case-insensitive, normalizing file system compares them.
        self._folded: dict[str, str] = {}
        for member in members:
            self._add(member)

    @property
    def files(self) -> frozenset[str]:
        """The paths of the files."""
        return frozenset(self._members)

    @property
    def base(self) -> Base | None:
        """The transaction and the object of the download, None if unknown."""
        if self._base is None:
            return None
        found = _base_form.fullmatch(self._content(self._base, BASE))
        if found is None:
            raise ArchiveDamaged(
                _("'${path}' names no transaction", mapping={"path": BASE}),
                path=BASE,
                advice=_("Take this file as it was downloaded, or leave it out."),
            )
        return Base(*(bytes.fromhex(each.decode("ascii")) for each in found.groups()))

    def read(self, path: str) -> bytes:
        """Return the content of a file."""
        return self._content(self._members[path], path)

    def _content(self, member: zipfile.ZipInfo, path: str) -> bytes:
        try:
            # `zipfile` reads no more bytes than the size that was checked.
            return self._zip.read(member)
        except _DAMAGES as error:
            raise ArchiveDamaged(
                _("'${path}' is damaged in the zip", mapping={"path": escape(path)}),
                path=path,
            ) from error

    def _add(self, member: zipfile.ZipInfo) -> None:
        name = _name(member)
        parts = paths.split_archive_path(name.rstrip("/"))
        if parts[0] == _ASIDE:
            return
        # Archives have control directories, uploads have none.
        path = "/".join(paths.nfc(paths.check_name(part)) for part in parts)
        _check_kind(member, path)
        above = path.split("/")[:-1]
        for number in range(1, len(above) + 1):
            self._add_directory("/".join(above[:number]))
        if name.endswith("/"):
            self._add_directory(path)
        elif parts[-1] == BASE and not parts[2:]:
            # A deeper file of that name is an object.
            if self._base is not None:
                raise _twice(path, path)
            self._base = member
        else:
            self._fold(path)
            self._members[path] = member

    def _add_directory(self, path: str) -> None:
        if path not in self.directories:
            self._fold(path)
            self.directories.add(path)

    def _fold(self, path: str) -> None:
        other = self._folded.setdefault(paths.fold(path), path)
        if other != path or path in self._members or path in self.directories:
            raise _twice(path, other)


def _twice(path: str, other: str) -> PathRefused:
    mapping = {"path": escape(path), "other": escape(other)}
    if path == other:
        return PathRefused(
            _("'${path}' is in the zip twice", mapping=mapping), path=path
        )
    return PathRefused(
        _("'${path}' and '${other}' are one name on some systems", mapping=mapping),
        path=path,
    )


def _check_number(stream: IO[bytes], most: int) -> None:
    """Refuse a zip of too many members: `zipfile` makes an object of each at once."""
    number, before = 0, b""
    stream.seek(_directory(stream))
    while piece := stream.read(CHUNK):
        number += (before + piece).count(_MEMBER)
        if number > most:
            raise LimitExceeded(
                _("the zip has more than ${number} files", mapping={"number": most})
            )
        before = piece[1 - len(_MEMBER) :]
    stream.seek(0)


def _directory(stream: IO[bytes]) -> int:
    """Return a place at or before the directory of a zip, where `zipfile` finds it."""
    size = stream.seek(0, SEEK_END)
    stream.seek(max(0, size - _LAST))
    last = stream.read()
    bare = last[-_end.size :]
    is_bare = bare.startswith(_END) and bare.endswith(b"\0\0")
    place = len(last) - _end.size if is_bare else last.rfind(_END)
    if _LARGE in last or place < 0 or len(last) < place + _end.size:
        # A large one has its directory anywhere.
        return 0
    length = int(_end.unpack_from(last, place)[-3])
    return max(0, size - len(last) + place - length)


def _name(member: zipfile.ZipInfo) -> str:
    """Return the name of a member, which has to be UTF-8, with or without the flag."""
    if member.flag_bits & _UTF8 or member.orig_filename.isascii():
        return member.orig_filename
    try:
        return member.orig_filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        raise PathRefused(
            _(
                "the name '${name}' is not in UTF-8",
                mapping={"name": escape(member.orig_filename)},
            ),
            advice=_(
                "Make the zip with a program that writes names in UTF-8, or upload the "
                "folder."
            ),
        ) from None


def _check_kind(member: zipfile.ZipInfo, path: str) -> None:
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise PathRefused(
            _("'${path}' is a link or a device", mapping={"path": escape(path)}),
            path=path,
        )
    if member.flag_bits & _ENCRYPTED:
        raise PathRefused(
            _("'${path}' is encrypted", mapping={"path": escape(path)}), path=path
        )
    if member.compress_type not in _METHODS:
        raise PathRefused(
            _(
                "'${path}' is compressed in a way that is not known",
                mapping={"path": escape(path)},
            ),
            path=path,
        )
