"""Recognize objects that were moved without zsync, by similar missing and new ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from collections.abc import Sequence
from os.path import join
from typing import TYPE_CHECKING
from typing import Any

from zope.app.fssync.client.session import Session
from zope.app.fssync.client.session import reading
from zope.fssync import fsutil
from zope.fssync import paths
from zope.fssync.descriptionnames import description_name
from zope.fssync.limits import KEPT_CONTENT
from zope.fssync.limits import RENAMES_COMPARED

if TYPE_CHECKING:
    from zope.fssync.fileinterfaces import IFileTree

__all__ = ["likely_moves", "moved_by_hand"]


def likely_moves(
    session: Session, missing: Sequence[str], new: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """Yield pairs of a missing path and the new one that it seems to have.

    A directory is recognized by its control data, in layout 3 by more than half of the
    names in it; a file by its original content, a small one by more than half of the
    lines.  Of many files only some are compared.
    """
    free = [path.rstrip("/") for path in new[:RENAMES_COMPARED]]
    for path in missing[:RENAMES_COMPARED]:
        original = fsutil.getoriginal(path)
        is_file = session.files.isfile(original)
        found = [
            (likeness, each)
            for each in free
            if (
                likeness := _likeness(session, original, each)
                if is_file
                else _likeness_of_directories(session, path, each)
            )
        ]
        if found:
            best = max(found, key=lambda pair: pair[0])[1]
            free.remove(best)
            yield path, best


def moved_by_hand(
    new: Sequence[str], missing: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """Yield likely moves to ``new`` files, and those of ``missing`` ones."""
    if new:
        yield from _moves_to(reading(new[0]), new)
    if missing:
        yield from _moves_from(reading(missing[0]), missing)


def _moves_to(session: Session, new: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield likely moves to new files from those that are missing beside them."""
    folders = dict.fromkeys(fsutil.split(path)[0] for path in new)
    missing = [
        join(folder, name)
        for folder in folders
        for name in session.metadata.getnames(folder)
        if "flag" not in session.metadata.getentry(join(folder, name))
        and not session.files.exists(join(folder, name))
    ]
    if missing:
        yield from likely_moves(session, missing, new)


def _moves_from(session: Session, missing: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield likely moves of missing files to new ones beside them."""
    folders = dict.fromkeys(fsutil.split(path)[0] for path in missing)
    new = [
        join(folder, name)
        for folder in folders
        if session.files.isdir(folder)
        for name in session.files.listdir(folder)
        if name != paths.CONTROL
        and not session.metadata.getentry(join(folder, name))
        and not session.ignores(join(folder, name), False)
    ]
    if new:
        yield from likely_moves(session, missing, new)


def _likeness_of_directories(session: Session, missing: str, path: str) -> float:
    """Return the similarity of a new directory to a received one, from 0 to 1."""
    files = session.files
    if not files.isdir(path):
        return 0
    if not files.is_described(path):
        return float(files.exists(join(path, paths.CONTROL, paths.ENTRIES)))
    sent = files.stored_entries(files.place(missing))
    if sent:
        return _share(Counter(sent.keys()), Counter(_content(files, path)))
    described, text = files.described(missing), join(path, description_name(""))
    if described is None or files.tree.kind(text) != "file":
        return 0
    with files.tree.open(text) as stream:
        return float(stream.read() == described.versions()[0])


def _content(files: IFileTree, path: str) -> list[str]:
    return [name for name in files.listdir(path) if name != paths.CONTROL]


def _likeness(session: Session, original: str, path: str) -> float:
    """Return the similarity of a new file to a received one, from 0 to 1."""
    files = session.files
    if not files.isfile(path):
        return 0
    if session.same_content(original, path):
        return 1
    if max(files.size(original), files.size(path)) > KEPT_CONTENT:
        return 0
    lines = []
    for each in (original, path):
        with files.open(each) as stream:
            lines.append(Counter(stream.read().splitlines()))
    return _share(*lines)


def _share(first: Counter[Any], second: Counter[Any]) -> float:
    """Return the common share of both; 0 for less than half."""
    common, total = (first & second).total(), first.total() + second.total()
    return 2 * common / total if 4 * common > total else 0
