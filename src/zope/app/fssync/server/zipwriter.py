"""Write a zip in pieces, with little memory.

Its central directory is kept in a temporary file: `zipfile` would keep an object for
each member in memory.
"""

from __future__ import annotations

import struct
import tempfile
import zlib
from collections.abc import Iterable
from collections.abc import Iterator

from zope.fssync.limits import ZIP64_SIZE
from zope.fssync.streams import chunks

__all__ = ["ZipWriter"]

#: The time of all members, the first of MS-DOS, so that the same objects make the same
#: bytes.
_DATE = 0x21

#: Flags: the name is UTF-8; the sizes of a file follow its content.
_FLAGS, _FILE_FLAGS = 0x800, 0x808

_STORED, _DEFLATED = 0, 8

#: The versions of the format that readers need, without and with large members.
_NEEDED, _NEEDED_FOR_LARGE = 20, 45

#: Made on a POSIX system: the mode of a file is included.
_MADE_ON = 0x300

#: Marks a value that is in the extra field, since it does not fit here.
_ELSEWHERE = 0xFFFFFFFF
_MANY = 0xFFFF

#: The smallest value that is in the extra field.
_LARGE = _ELSEWHERE


class ZipWriter:
    """Write members, then the directory; the methods yield the bytes to send."""

    def __init__(self) -> None:
        self._directory = tempfile.TemporaryFile()  # noqa: SIM115
        self._offset = 0
        self._number = 0

    def close(self) -> None:
        """Close the temporary file."""
        self._directory.close()

    def member(
        self, name: str, size: int, pieces: Iterable[bytes], mode: int
    ) -> Iterator[bytes]:
        """Yield a member; ``size`` is the expected number of its bytes.

        The name of a directory ends in a slash.
        """
        data = name.encode("utf-8")
        is_directory = name.endswith("/")
        is_large = size >= ZIP64_SIZE
        how = (_FLAGS, _STORED) if is_directory else (_FILE_FLAGS, _DEFLATED)
        needed = _NEEDED_FOR_LARGE if is_large else _NEEDED
        extra = struct.pack("<HHQQ", 1, 16, 0, 0) if is_large else b""
        sizes = (_ELSEWHERE, _ELSEWHERE) if is_large else (0, 0)
        begin = self._offset
        head = struct.pack(
            "<4sHHHHHLLLHH",
            *(b"PK\x03\x04", needed, *how, 0, _DATE, 0),
            *(*sizes, len(data), len(extra)),
        )
        yield self._count(head + data + extra)
        crc = packed = whole = 0
        deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        for piece in pieces:
            crc = zlib.crc32(piece, crc)
            whole += len(piece)
            packed += len(found := deflate.compress(piece))
            if found:
                yield self._count(found)
        if not is_directory:
            packed += len(found := deflate.flush())
            form = "<4sLQQ" if is_large else "<4sLLL"
            after = struct.pack(form, b"PK\x07\x08", crc, packed, whole)
            yield self._count(found + after)
        self._note(data, how, crc, packed, whole, begin, mode)

    def _count(self, data: bytes) -> bytes:
        self._offset += len(data)
        return data

    def _note(
        self,
        name: bytes,
        how: tuple[int, int],
        crc: int,
        packed: int,
        whole: int,
        begin: int,
        mode: int,
    ) -> None:
        """Write the entry of a member in the directory."""
        sizes = (whole, packed, begin)
        shown = [each if each < _LARGE else _ELSEWHERE for each in sizes]
        large = [each for each in sizes if each >= _LARGE]
        extra = b""
        if large:
            extra = struct.pack(f"<HH{len(large)}Q", 1, 8 * len(large), *large)
        version = _NEEDED_FOR_LARGE if large else _NEEDED
        is_directory = name.endswith(b"/")
        self._directory.write(
            struct.pack(
                "<4sHHHHHHLLLHHHHHLL",
                *(b"PK\x01\x02", _MADE_ON | version, version, *how),
                *(0, _DATE, crc, shown[1], shown[0]),
                *(len(name), len(extra), 0, 0, 0),
                mode << 16 | (0x10 if is_directory else 0),
                shown[2],
            )
            + name
            + extra
        )
        self._number += 1

    def directory(self) -> Iterator[bytes]:
        """Yield the central directory, which ends the zip."""
        size = self._directory.tell()
        self._directory.seek(0)
        yield from chunks(self._directory)
        begin, number = self._offset, self._number
        if number >= _MANY or max(begin, size) >= _LARGE:
            yield struct.pack(
                "<4sQHHLLQQQQ",
                *(b"PK\x06\x06", 44, _NEEDED_FOR_LARGE, _NEEDED_FOR_LARGE, 0, 0),
                *(number, number, size, begin),
            )
            yield struct.pack("<4sLQL", b"PK\x06\x07", 0, begin + size, 1)
        yield struct.pack(
            "<4sHHHHLLH",
            *(b"PK\x05\x06", 0, 0, min(number, _MANY), min(number, _MANY)),
            *(min(size, _ELSEWHERE), min(begin, _ELSEWHERE), 0),
        )
