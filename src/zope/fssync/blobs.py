"""Blobs: files of a database, whose bytes are no part of any pickle.

A pickle that leads to one would bring back an empty file.  So none is written,
none is read, and what holds one is left out where nothing describes its class.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable
from typing import Any

from zope.fssync.errors import PickleRefused

__all__ = [
    "ADVICE",
    "BLOB",
    "REFUSAL",
    "holds_blob",
    "is_blob",
    "refusal",
    "refuse_blob",
]

#: The class, which has no subclasses.
BLOB = "ZODB.blob.Blob"

REFUSAL = "a blob has no bytes in a pickle"

ADVICE = "Register a synchronizer that writes its bytes as the body of a file."

#: Types that are never asked about.
_SCALARS = frozenset((type(None), bool, int, float, str, bytes))


def is_blob(kind: type) -> bool:
    """Are instances of a class blobs?  This package needs no database itself."""
    module = sys.modules.get("ZODB.blob")
    return module is not None and issubclass(kind, module.Blob)


def refuse_blob(kind: type) -> None:
    """Raise `PickleRefused` for a class of blobs."""
    if is_blob(kind):
        raise refusal()


def refusal() -> PickleRefused:
    """Return the error for a pickle that leads to a blob, or names the class."""
    return PickleRefused(REFUSAL, advice=ADVICE)


def holds_blob(obj: object, persistent_id: Callable[[Any], str | None] | None) -> bool:
    """Return True if a pickle of ``obj`` would lead to a blob.

    ``persistent_id`` names the objects outside of it, as for `zope.fssync.xmlpickle`.
    """
    try:
        _Walk(persistent_id).dump(obj)
    except _Found:
        return True
    except Exception:
        # It cannot be written at all: the writer says why.
        return False
    return False


class _Found(BaseException):
    """Ends the walk."""


class _Nowhere:
    def write(self, data: object) -> None:
        """Drop what is written."""


class _Walk(pickle.Pickler):
    """Goes where a pickle leads, many times faster than one is written."""

    def __init__(self, persistent_id: Callable[[Any], str | None] | None) -> None:
        # Since protocol 4 the bytes are handed over as they come.
        super().__init__(_Nowhere(), 4)
        self._outside = persistent_id

    def persistent_id(self, obj: Any) -> str | None:
        kind = type(obj)
        if kind in _SCALARS:
            return None
        if is_blob(kind):
            raise _Found
        return None if self._outside is None else self._outside(obj)

    def reducer_override(self, obj: Any) -> Any:
        # Imported here: the writer needs this module.
        from zope.fssync.xmlpickle.btree import btree_state
        from zope.fssync.xmlpickle.btree import flat_btree

        if flat_btree(type(obj)):
            # Its buckets lead to one another, too deep for any pickler.
            return tuple, (btree_state(obj) or (),)
        return NotImplemented
