"""Show differences between an old state of an object and a later one, or the files."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack
from http import HTTPStatus
from os.path import join
from typing import TYPE_CHECKING

from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.diff import Compare
from zope.app.fssync.client.diff import described_by
from zope.app.fssync.client.diff import named
from zope.app.fssync.client.history import Place
from zope.app.fssync.client.history import fetch_old
from zope.app.fssync.client.history import place_of
from zope.app.fssync.client.leftout import LeftOut
from zope.app.fssync.client.response import only_name
from zope.app.fssync.client.revisions import NEWEST
from zope.app.fssync.client.revisions import resolve
from zope.app.fssync.client.session import reading
from zope.fssync import fsutil
from zope.fssync import paths
from zope.fssync.description.described import as_part
from zope.fssync.description.described import described_entry
from zope.fssync.description.described import is_describable
from zope.fssync.description.described import text_of
from zope.fssync.description.model import Part
from zope.fssync.errors import NoLongerThere
from zope.fssync.errors import ServerRefused
from zope.fssync.merge.diffformat import DiffOptions
from zope.fssync.merge.diffformat import differences
from zope.fssync.mergesource import ArchiveSource
from zope.fssync.mergesource import TreeSource
from zope.fssync.metadata import Entry
from zope.fssync.sides import ABSENT
from zope.fssync.sides import Side

if TYPE_CHECKING:
    from zope.fssync.fileinterfaces import IFileTree
    from zope.fssync.fileinterfaces import IMetadata

__all__ = [
    "Comparison",
    "compare_revisions",
    "has_parts",
    "old_side",
    "side_of",
]


def compare_revisions(
    network: Network,
    target: str,
    revisions: tuple[str, str | None],
    options: str,
    write: Callable[[bytes], object],
    begin: Callable[[str], object],
    compare: Compare | None = None,
) -> None:
    """Show how an object differs between two revisions.

    ``target`` is a path or a URL; for a path the second revision may be None, which
    stands for the files as they are here.  ``compare`` is as for `Differ`.
    """
    first, second = revisions
    if second is None and "://" in target:
        second = "HEAD"
    with ExitStack() as stack:
        before = old_side(stack, network, target, first)
        if second is None:
            after = _working(target)
        else:
            after = old_side(stack, network, target, second)
        if before.kind is None and after.kind is None:
            raise NoLongerThere(f"'{target}' was at neither time there", path=target)
        shown = target
        if "://" in target:
            shown = os.path.basename(after.path or before.path or target)
        parts = has_parts(target)
        comparison = Comparison(
            DiffOptions.parse(options), write, begin, compare, parts
        )
        if second is None:
            comparison.left_out = reading(target).left_out
        comparison.show(before, after, shown)


def old_side(stack: ExitStack, network: Network, target: str, revision: str) -> Side:
    """Return the old state of a path or a URL, readable until the stack is closed.

    BASE is read from the pristine copies here.
    """
    if revision == "BASE" and "://" not in target:
        return _received(target)
    at = resolve(network, target, revision)
    return side_of(stack, network, place_of(network, target), at)


def side_of(
    stack: ExitStack, network: Network, place: Place, at: str, shallow: bool = False
) -> Side:
    """Return the state of an object of the server after the transaction ``at``.

    ``shallow`` leaves out its items.
    """
    try:
        response = stack.enter_context(fetch_old(network, place, at, shallow))
    except ServerRefused as error:
        if error.status != HTTPStatus.NOT_FOUND or at == NEWEST:
            raise
        # The object did not exist at that time.
        return ABSENT
    archive = response.archive
    return Side(ArchiveSource(archive), only_name(archive, ""))


def has_parts(target: str) -> bool:
    """Return whether the extras and annotations of an object are files here."""
    if "://" in target:
        return False
    session = reading(target)
    return session.root is None or not session.files.is_described(session.root)


def _working(target: str) -> Side:
    return _here(target, TreeSource)


def _received(target: str) -> Side:
    return _here(target, _Received)


def _here(target: str, source: type[TreeSource]) -> Side:
    session = reading(target)
    path = session.single(target)
    if not session.metadata.getentry(path):
        return ABSENT
    return Side(source(session.metadata, session.files), path, False)


class _Received(TreeSource):
    """The working copy without local changes, commits of its own included."""

    def __init__(self, metadata: IMetadata, files: IFileTree) -> None:
        super().__init__(metadata, files)
        self._files = files
        self._getentry = metadata.getentry
        self.getentry = self._entry
        self.kind = self._kind
        self.open = lambda path: files.open(fsutil.getoriginal(path))

    def _entry(self, path: str) -> Entry:
        found = self._getentry(path)
        if found.get("flag") == "added":
            return {}
        return {name: value for name, value in found.items() if name != "flag"}

    def _kind(self, path: str) -> str | None:
        if self._files.isfile(fsutil.getoriginal(path)):
            return "file"
        return "dir" if self._files.isdir(path) else None


class Comparison:
    """Show the files that differ, with all that belongs to them.

    Other values of an object are shown as its description; with ``parts`` as the files
    of a working copy of layout 1 or 2.
    """

    def __init__(
        self,
        options: DiffOptions,
        write: Callable[[bytes], object],
        begin: Callable[[str], object],
        compare: Compare | None = None,
        parts: bool = False,
    ) -> None:
        self._compare = compare
        self._has_parts = parts
        #: What the working copy leaves out, which is not missing there.
        self.left_out: LeftOut | None = None
        self._options = options
        self._write = write
        self._begin = begin

    def show(self, before: Side, after: Side, shown: str) -> None:
        """Compare two objects, which are called ``shown``."""
        if "file" in (before.kind, after.kind):
            self._files(before, after, shown)
        self._children(before, after, shown)
        if not self._has_parts:
            self._described(before, after, shown)
        for what in (paths.ANNOTATIONS, paths.EXTRA):
            place = fsutil.getspecial(shown, what)
            self._specials(before.special(what), after.special(what), place)

    def _specials(self, before: Side, after: Side, shown: str) -> None:
        """Show the parts of an object that no description has shown."""
        if self._has_parts:
            self._children(before, after, shown)
            return
        old, new = before.children(), after.children()
        for name in sorted(old.keys() | new.keys()):
            pair = old.get(name, ABSENT), new.get(name, ABSENT)
            if not all(is_describable(side.content()) for side in pair):
                self._files(*pair, join(shown, name))
            self._specials(*pair, join(shown, name))

    def _described(self, before: Side, after: Side, shown: str) -> None:
        """Show the differences between the descriptions of two objects."""
        path = described_by(shown, "dir" in (before.kind, after.kind))
        texts = _description(before), _description(after)
        if texts[0] != texts[1]:
            self._differences(*texts, path)

    def _children(self, before: Side, after: Side, shown: str) -> None:
        old, new = before.children(), after.children()
        for key in sorted(old.keys() | new.keys()):
            if key not in new and self._leaves_out(after, key):
                continue
            pair = old.get(key, ABSENT), new.get(key, ABSENT)
            name = next(side.path for side in reversed(pair) if side.path is not None)
            self.show(*pair, join(shown, os.path.basename(name)))

    def _leaves_out(self, folder: Side, key: str) -> bool:
        """Return True if the working copy leaves an object out."""
        if self.left_out is None or folder.is_archive or folder.path is None:
            return False
        return self.left_out.leaves_out_item(folder.path, key, None)

    def _files(self, before: Side, after: Side, shown: str) -> None:
        old, new = (
            side.content() if side.kind == "file" else None for side in (before, after)
        )
        self._differences(old, new, shown)

    def _differences(self, old: bytes | None, new: bytes | None, shown: str) -> None:
        """Show the differences of a file; None if it does not exist."""
        if self._compare is not None:
            if old != new:
                self._compare(shown, old or b"", new or b"")
            return
        labels = (
            named("a", None if old is None else shown, shown),
            named("b", None if new is None else shown, shown),
        )
        self._begin(shown)
        for line in differences(old or b"", new or b"", *labels, self._options):
            self._write(line)


def _description(side: Side) -> bytes | None:
    """Return the description of an object, None of none."""
    if side.kind is None:
        return None
    parts: dict[str, Part] = {}
    for what in (paths.ANNOTATIONS, paths.EXTRA):
        _add_parts(side.special(what), what, parts)
    return text_of(_entry(side), parts)


def _entry(side: Side) -> Entry:
    """Return the entry of a side; archives have other names than files here."""
    return {name: value for name, value in side.entry.items() if name != "key"}


def _add_parts(side: Side, path: str, parts: dict[str, Part]) -> None:
    for name, part in side.children().items():
        below = f"{path}/{name}"
        if part.kind == "dir":
            parts[below] = Part(described_entry(_entry(part)), None)
            _add_parts(part, below, parts)
        else:
            parts[below] = as_part(_entry(part), part.content())
