"""Inflate what others have deflated, within limits."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

__all__ = ["inflate"]


def inflate(pieces: Iterable[bytes], limit: int) -> bytes:
    """Return what was deflated into ``pieces``, if that is at most ``limit`` bytes.

    Of more, one byte more is returned, which shows it.  Raises `ValueError` for
    anything that is not deflated, not whole, or followed by more.
    """
    inflater = zlib.decompressobj()
    data = bytearray()
    for piece in pieces:
        if inflater.eof:
            raise ValueError("there is more behind its end")
        try:
            data += inflater.decompress(piece, limit + 1 - len(data))
        except zlib.error as error:
            raise ValueError(str(error)) from error
        if len(data) > limit:
            return bytes(data)
    if not inflater.eof or inflater.unused_data:
        raise ValueError("it is not whole")
    return bytes(data)
