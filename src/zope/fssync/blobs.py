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

PersistentId = Callable[[Any], str | None]

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


def holds_blob(obj: object, persistent_id: PersistentId | None) -> bool:
    """Return True if a pickle of ``obj`` would lead to a blob.

    ``persistent_id`` names the objects outside of it, as for `zope.fssync.xmlpickle`.
    """
    if type(obj) in _SCALARS or not _leads_to_blob(_Rough(obj, persistent_id), obj):
        return False
    # Next to no object holds one: few are walked through twice.
    return _leads_to_blob(_Exact(obj, persistent_id), obj)


def _leads_to_blob(walk: _Rough, obj: object) -> bool:
    try:
        walk.dump(obj)
    except _Found:
        return True
    except Exception:
        # It cannot be written at all: the writer says why.
        return walk.goes_too_far
    return False


class _Found(BaseException):
    """Ends the walk."""


class _Nowhere:
    def write(self, data: object) -> None:
        """Drop what is written."""


class _Rough(pickle.Pickler):
    """Goes where a pickle leads, many times faster than one is written.

    Only instances are asked whether they lie outside, and the object itself is not.
    """

    goes_too_far = True

    def __init__(self, obj: object, persistent_id: PersistentId | None) -> None:
        # Since protocol 4 the bytes are handed over as they come.
        super().__init__(_Nowhere(), 4)
        self._obj = obj
        self._outside = persistent_id

    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, type):
            return NotImplemented
        kind = type(obj)
        if is_blob(kind):
            raise _Found
        if self._is_outside(obj):
            return tuple, ()
        # Imported here: the writer needs this module.
        from zope.fssync.xmlpickle.btree import btree_state
        from zope.fssync.xmlpickle.btree import flat_btree

        if flat_btree(kind):
            # Its buckets lead to one another, too deep for any pickler.
            return tuple, (btree_state(obj) or (),)
        return NotImplemented

    def _is_outside(self, obj: Any) -> bool:
        if self._outside is None or obj is self._obj:
            return False
        return self._outside(obj) is not None


class _Exact(_Rough):
    """Goes nowhere else: everything but scalars is asked."""

    goes_too_far = False

    def persistent_id(self, obj: Any) -> str | None:
        if type(obj) in _SCALARS or self._outside is None:
            return None
        return self._outside(obj)
