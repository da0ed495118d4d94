"""Blobs: files of a database, whose bytes are no part of any pickle.

A pickle that led to one would bring back an empty file.  In the pickle of a whole
object a reference stands for it, ``blob:1``, and its bytes are an extra of the object,
``blob-1``.  They are numbered in the order in which the pickle names them.

Blobs in a part of an object, the annotation ``note`` say, are parts beside it,
``note.blob-1``.  Where the parts of an object cannot be listed in this way, what holds
a blob is left out.
"""

from __future__ import annotations

import pickle
import re
import sys
from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

from zope.fssync.errors import PickleRefused
from zope.fssync.messages import _

__all__ = [
    "ADVICE",
    "BLOB",
    "REFUSAL",
    "SCALARS",
    "Numbers",
    "Source",
    "blob_class",
    "extra_name",
    "holds_blob",
    "is_blob",
    "is_reference",
    "part_name",
    "part_of",
    "refusal",
    "refuse_blob",
]

#: The class, which has no subclasses.
BLOB = "ZODB.blob.Blob"

#: The form of references to blobs, by their number.
_reference = re.compile(r"blob:([1-9][0-9]{0,5})")

#: The names of parts that are the blobs of others.
_beside = re.compile(r"(.+)\.(blob-[1-9][0-9]{0,5})", re.DOTALL)

REFUSAL = _("a blob has no bytes in a pickle")

ADVICE = _("Register a synchronizer that writes its bytes as the body of a file.")

PersistentId = Callable[[Any], str | None]

#: Types that are never asked about: they refer to nothing.
SCALARS = frozenset((type(None), bool, int, float, str, bytes))


def blob_class() -> type | None:
    """Return the class of blobs; None as long as nobody has imported the ZODB."""
    module = sys.modules.get("ZODB.blob")
    return None if module is None else module.Blob


def is_blob(kind: type) -> bool:
    """Return True if instances of a class are blobs."""
    blob = blob_class()
    return blob is not None and issubclass(kind, blob)


class Numbers:
    """Gives numbers to the blobs of one pickle.

    ``found`` has the blobs by the names of their extras.
    """

    def __init__(self) -> None:
        self.found: dict[str, Any] = {}
        self._references: dict[int, str] = {}

    def __call__(self, blob: Any) -> str:
        """Return the reference to a blob."""
        reference = self._references.get(id(blob))
        if reference is None:
            number = len(self.found) + 1
            reference = self._references[id(blob)] = f"blob:{number}"
            self.found[extra_name(reference)] = blob
        return reference


class Source:
    """Finds the blobs that a pickle refers to: those there are, or new ones.

    ``known`` are the blobs of the object that is replaced, by the names of their
    extras; ``make(name)`` returns a new one.
    """

    def __init__(self, known: Mapping[str, Any], make: Callable[[str], Any]) -> None:
        self.given: dict[str, Any] = {}
        self._known = known
        self._make = make

    def __call__(self, reference: str) -> Any:
        """Return the blob of a reference."""
        name = extra_name(reference)
        if name not in self.given:
            known = self._known.get(name)
            self.given[name] = self._make(name) if known is None else known
        return self.given[name]


def is_reference(text: str) -> bool:
    """Return True if a reference in a pickle stands for a blob."""
    return _reference.fullmatch(text) is not None


def extra_name(reference: str) -> str:
    """Return the name of the extra with the bytes of a blob."""
    match = _reference.fullmatch(reference)
    if match is None:
        raise PickleRefused(
            _(
                "unknown reference to an object: ${reference}",
                mapping={"reference": reference},
            )
        )
    return f"blob-{match[1]}"


def part_name(key: str, name: str) -> str:
    """Return the name of the part that is the blob ``name`` of the part ``key``."""
    return f"{key}.{name}"


def part_of(key: str) -> tuple[str, str] | None:
    """Return what `part_name` made a name of, None if it did not."""
    match = _beside.fullmatch(key)
    return None if match is None else (match[1], match[2])


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
    if type(obj) in SCALARS or not _leads_to_blob(_Rough(obj, persistent_id), obj):
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
        if type(obj) in SCALARS or self._outside is None:
            return None
        return self._outside(obj)
