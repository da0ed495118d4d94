"""Digests of content, which stand for a base that need not be sent."""

from __future__ import annotations

import hashlib
from typing import Any

__all__ = ["BASE", "digest_of", "has_digest"]

#: Attribute of an entry that stands for a base that was not sent.
BASE = "base"


def has_digest(synchronizer: Any, digest: str) -> bool:
    """Has what the synchronizer dumps this digest?"""
    sink = _Hashing()
    synchronizer.dump(sink)
    return sink.digest() == digest


def digest_of(stream: Any) -> str:
    """Return the digest of the rest of a stream."""
    sink = _Hashing()
    while data := stream.read(1 << 18):
        sink.write(data)
    return sink.digest()


class _Hashing:
    """A file of which only the digest is kept."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def write(self, data: bytes) -> None:
        self._hash.update(data)

    def digest(self) -> str:
        return f"sha256:{self._hash.hexdigest()}"
