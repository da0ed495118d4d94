"""Small archives, made smaller for the way.

Only archives up to a limit are deflated, so that no more than that can come out
of what is inflated.
"""

from __future__ import annotations

import io
import os
import zlib
from typing import IO

from zope.fssync.errors import ArchiveDamaged
from zope.fssync.errors import LimitExceeded
from zope.fssync.fileinterfaces import IReadable
from zope.fssync.limits import CHUNK
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import Limits

__all__ = ["DEFLATE", "deflated", "inflated"]

#: The one coding there is, see RFC 1950.
DEFLATE = "deflate"


def deflated(stream: IO[bytes], limits: Limits = DEFAULT) -> bytes | None:
    """Return what is in a seekable stream, deflated; None if that is too large."""
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    if size > limits.deflated_size:
        return None
    return zlib.compress(stream.read(size))


def inflated(stream: IReadable, limits: Limits = DEFAULT) -> IO[bytes]:
    """Return what a stream was deflated from.

    Raises `LimitExceeded` if that is too large, `ArchiveDamaged` if it is none.
    """
    limit = limits.deflated_size
    inflater = zlib.decompressobj()
    try:
        data = b""
        while not inflater.eof and len(data) <= limit:
            piece = inflater.unconsumed_tail or stream.read(CHUNK)
            if not piece:
                break
            data += inflater.decompress(piece, limit + 1 - len(data))
    except zlib.error as error:
        raise ArchiveDamaged(f"a body is not deflated as it says: {error}") from error
    if len(data) > limit:
        raise LimitExceeded(f"a deflated body of more than {limit} bytes")
    if not inflater.eof or inflater.unused_data or stream.read(1):
        raise ArchiveDamaged("a deflated body is not whole")
    return io.BytesIO(data)
