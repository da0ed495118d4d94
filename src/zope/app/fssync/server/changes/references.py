"""The references in the data of a record."""

from __future__ import annotations

from ZODB.serialize import referencesf

__all__ = ["references_of"]


def references_of(data: bytes | None) -> set[bytes]:
    """Return the oids that a record refers to; one that was undone has no data."""
    # The operations of a pickle for references are P, in a text, and Q.  Without these
    # bytes it has none, and need not be read.
    if not data or (b"Q" not in data and b"P" not in data):
        return set()
    return set(referencesf(data))
