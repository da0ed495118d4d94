"""Pairs the items of an object with the entries of a directory.

Keys of objects and names of files differ where a file system needs it: an
entry then has the key.  Object trees are walked by key, repositories by name.
"""

from __future__ import annotations

from typing import Any
from typing import NamedTuple

from zope.fssync import paths
from zope.fssync.errors import NameRefused
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import IArchiveRepository
from zope.fssync.interfaces import IMetadata
from zope.fssync.interfaces import IRepository
from zope.fssync.messages import _
from zope.fssync.metadata import can_hold
from zope.fssync.registry import names
from zope.fssync.terminal import escape

__all__ = ["Pair", "archived_name", "child", "forget", "original_key", "pairs"]


class Pair(NamedTuple):
    """An item, an entry or both: file name, key, and whether the item exists."""

    name: str
    path: str
    key: Any
    present: bool


def pairs(
    synchronizer: Any,
    path: str,
    metadata: IMetadata,
    repository: IRepository,
    partly: bool = False,
) -> list[Pair]:
    """Return what is in an object, in the directory ``path``, or in both.

    Sorted by name; an item that has no entry is named by its key, or left out
    if what is in the directory is only ``partly`` there.
    """
    # Guarded iterators make a guard for each part of a pair that is looked at.
    keys = {pair[0] for pair in synchronizer.iteritems()}
    found = []
    entered = set()
    for name in metadata.getnames(path):
        where = repository.join(path, name)
        key = _key_at(where, metadata.getentry(where), name, keys)
        if key in keys:
            # Numbers that others chose may all have the same hash.
            entered.add(key)
        found.append(Pair(name, where, key, key in keys))
    for key in () if partly else keys - entered:
        name = str(key)
        if not can_hold(name):
            # It was withheld from the client, see `Checkout`.
            continue
        found.append(Pair(name, repository.join(path, name), key, True))
    found.sort(key=_by_name)
    return found


def _key_at(path: str, entry: dict[str, str], name: str, keys: Any) -> Any:
    try:
        return original_key(entry, name, keys)
    except NameRefused as error:
        raise NameRefused(
            _(
                "${path}: ${reason}",
                mapping={"path": escape(path), "reason": error.message},
            ),
            path=path,
            advice=error.advice,
        ) from error
    except (ValueError, TypeError, ArithmeticError) as error:
        raise SynchronizationError(
            _(
                "${path}: the key is no ${type}",
                mapping={"path": escape(path), "type": entry.get("keytype")},
            ),
            path=path,
        ) from error


def _by_name(pair: Pair) -> str:
    return pair.name


def original_key(entry: dict[str, str], name: str, keys: Any = ()) -> Any:
    """Return the key of the object that a file stands for.

    A name without a key was given by the file system of a client, which may
    decompose characters; new objects get composed names.
    """
    text = entry.get("key", name)
    keytype = names.keytype(entry.get("keytype", "builtins.str"))
    if keytype is not str:
        return keytype(text)
    if "key" not in entry and text not in keys:
        return paths.nfc(text)
    return text


def archived_name(metadata: IMetadata, dir: str, key: str) -> str:
    """Return the file name in ``dir`` of the object with a key.

    The key itself if no entry has it.
    """
    for name in metadata.getnames(dir):
        entry = metadata.getentry(f"{dir}/{name}" if dir else name)
        if entry.get("key", name) == key or paths.nfc(name) == key:
            found: str = name
            return found
    return key


def child(synchronizer: Any, key: Any) -> Any:
    """Return the item of a directory.

    A synchronizer may list items, a site manager say, that it does not find.
    """
    try:
        return synchronizer[key]
    except KeyError:
        for each, value in synchronizer.iteritems():
            if each == key:
                return value
        raise


def forget(metadata: IMetadata, repository: IRepository, dir: str) -> None:
    """Forget the entries of a directory in an archive, to keep memory flat.

    Those of a working copy may have changes that its owner has not written yet.
    """
    if IArchiveRepository.providedBy(repository):
        metadata.release(dir)
