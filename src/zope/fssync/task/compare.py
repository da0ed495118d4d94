"""Comparing objects with files, in pieces: no body is ever held as a whole.

Only pickles are, they have a limit; where their bytes differ their canonical
forms decide, so that a pickle another release wrote is no change.
"""

from __future__ import annotations

import io
from typing import Any

from zope.component import queryUtility

from zope.fssync import aliases
from zope.fssync import pickle
from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import PickleRefused
from zope.fssync.interfaces import IDefaultSynchronizer
from zope.fssync.interfaces import ILimits
from zope.fssync.interfaces import IReadable
from zope.fssync.interfaces import IRepository
from zope.fssync.limits import DEFAULT
from zope.fssync.metadata import BASE
from zope.fssync.synchronizer import dottedname

__all__ = [
    "describes",
    "equals",
    "is_retyped",
    "isfile",
    "same_files",
]


def equals(repository: IRepository, path: str, synchronizer: Any) -> bool:
    """Return whether a file has the content that the synchronizer dumps."""
    stream = repository.readable(path)
    try:
        if IDefaultSynchronizer.providedBy(synchronizer):
            return _equal_pickles(stream, synchronizer)
        return _equal_bytes(stream, synchronizer)
    finally:
        stream.close()


def same_files(repository: IRepository, path1: str, path2: str) -> bool:
    """Return whether two files of the repository have the same bytes."""
    return bool(
        repository.compare(repository.readable(path1), repository.readable(path2))
    )


def isfile(repository: IRepository, path: str) -> bool:
    """Return whether there is a file at ``path``."""
    return repository.exists(path) and not repository.isdir(path)


class _Different(Exception):
    """Ends a dump at the first piece that differs."""


class _Comparing:
    """A file that raises `_Different` unless what is written can be read too."""

    def __init__(self, readable: IReadable) -> None:
        self.readable = readable

    def write(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            echo = self.readable.read(len(rest))
            if not echo or rest[: len(echo)] != echo:
                raise _Different
            rest = rest[len(echo) :]


def _equal_bytes(readable: IReadable, synchronizer: Any) -> bool:
    try:
        synchronizer.dump(_Comparing(readable))
    except _Different:
        return False
    return not readable.read(1)


def _equal_pickles(readable: IReadable, synchronizer: Any) -> bool:
    dumped = io.BytesIO()
    synchronizer.dump(dumped)
    current = dumped.getvalue()
    limit = queryUtility(ILimits, default=DEFAULT).pickle_size
    stored = readable.read(limit + 1)
    if stored == current:
        return True
    if len(stored) > limit:
        return False
    try:
        # References stay what they are: nothing is looked up.
        return pickle.canonical(stored) == pickle.canonical(current)
    except (PickleRefused, LimitExceeded):
        # A pickle that cannot be loaded differs from any that was stored.
        return False


#: Attributes of an entry that are not metadata of the synchronizer.
_BOOKKEEPING = frozenset((BASE, "conflict", "flag", "id", "key", "keytype", "type"))


def describes(entry: dict[str, str], synchronizer: Any) -> bool:
    """Return True if an entry is what the synchronizer would write.

    Such an entry need not be applied: users who may not change an object may still
    commit other objects beside it.
    """
    metadata = synchronizer.metadata() or {}
    current = {name: value for name, value in metadata.items() if value}
    wanted = {name: v for name, v in entry.items() if name not in _BOOKKEEPING}
    return wanted == current or _modern(wanted) == _modern(current)


def _modern(metadata: dict[str, str]) -> dict[str, frozenset[str]]:
    return {
        name: frozenset(map(aliases.modern, value.split()))
        for name, value in metadata.items()
    }


def is_retyped(synchronizer: Any, klass: type, entry: dict[str, str]) -> bool:
    """Return whether an entry is for an object of another class."""
    wanted = entry.get("type")
    if not wanted or aliases.modern(wanted) == dottedname(klass):
        return False
    # The class of what is pickled stands in the pickle.
    pickled = IDefaultSynchronizer.providedBy(synchronizer)
    return not pickled or bool(entry.get("factory"))
