"""Export: the content of an object as plain files, without control data."""

from __future__ import annotations

import os
from collections.abc import Callable
from os.path import join
from typing import TYPE_CHECKING

from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.response import fetch
from zope.app.fssync.client.response import only_name
from zope.app.fssync.client.session import Session
from zope.app.fssync.client.session import reading
from zope.fssync import fsutil
from zope.fssync import paths
from zope.fssync import report
from zope.fssync.errors import Error
from zope.fssync.files import Tree
from zope.fssync.mergesource import ArchiveSource
from zope.fssync.mergesource import TreeSource
from zope.fssync.report import Change
from zope.fssync.streams import chunks
from zope.fssync.terminal import escape

if TYPE_CHECKING:
    from zope.fssync.fileinterfaces import IMergeSource

__all__ = ["export_copy", "export_url"]


def export_url(
    network: Network,
    url: str,
    directory: str,
    force: bool,
    reporter: Callable[[str], object],
) -> None:
    """Write the content of the object at a URL into a directory."""
    network.setrooturl(url)
    assert network.location is not None
    path = network.location.path
    tree = _ready(directory, force)
    name = path.rstrip("/").rpartition("/")[2] or "root"
    with fetch(network, path) as response:
        source = ArchiveSource(response.archive)
        top = only_name(response.archive, name)
        _Export(source, tree, directory, reporter).top(top)
    network.keep_password()


def export_copy(
    target: str, directory: str, force: bool, reporter: Callable[[str], object]
) -> None:
    """Write the registered files of a working copy into a directory, with changes."""
    session = reading(target)
    target = fsutil.located(session.single(target))
    session.entry(target)
    if _is_within(os.path.realpath(directory), target) and force:
        raise Error(
            f"'{escape(directory)}' is in what is to be exported",
            path=directory,
            advice="Name a directory outside of it.",
        )
    source = TreeSource(session.metadata, session.files)
    tree = _ready(directory, force)
    _Export(source, tree, directory, reporter).top(target)


def _is_within(path: str, directory: str) -> bool:
    return path == directory or path.startswith(join(directory, ""))


def _ready(directory: str, force: bool) -> Tree:
    """Return the directory to write into; refuse one that is not empty."""
    tree = Tree(os.path.realpath(directory))
    is_there = tree.isdir(tree.root)
    if os.path.lexists(directory) and not is_there:
        raise Error(f"'{escape(directory)}' is no directory", path=directory)
    metadata = Session().metadata
    if metadata.getentry(directory) or metadata.getnames(directory):
        raise Error(
            f"'{escape(directory)}' is a part of a working copy",
            path=directory,
            advice="Name another directory.",
        )
    if is_there and tree.listdir(tree.root) and not force:
        raise Error(
            f"'{escape(directory)}' is not empty",
            path=directory,
            advice="Name another directory; with --force files are replaced there.",
        )
    return tree


class _Export:
    """Writes the files of a source into a tree, which is shown as ``directory``."""

    def __init__(
        self,
        source: IMergeSource,
        tree: Tree,
        directory: str,
        reporter: Callable[[str], object],
    ) -> None:
        self.source = source
        self.tree = tree
        self.directory = directory
        self.reporter = reporter
        self._written: set[str] = set()

    def top(self, path: str) -> None:
        """Export an object: a folder becomes the directory, a file is put into it."""
        self.tree.mkdir(self.tree.root)
        if self.source.kind(path) == "dir":
            self._content(path, "")
        else:
            self._object(path, "")

    def _content(self, path: str, place: str) -> None:
        for name in self.source.getnames(path):
            self._object(os.path.join(path, name), place)
        self.source.release(path)

    def _object(self, path: str, place: str) -> None:
        entry = self.source.getentry(path)
        if entry.get("flag") == "removed" or "withheld" in entry:
            return
        kind = self.source.kind(path)
        if kind not in ("file", "dir"):
            self.reporter(Change(report.MISSING, path, "!"))
            return
        name = os.path.basename(path)
        where = join(place, paths.file_name(name, entry.get("key", name)))
        self._check_free(where, kind)
        if kind == "dir":
            self.tree.mkdir(join(self.tree.root, where))
            self._tell(report.CREATED, f"{where}/")
            self._content(path, where)
            return
        target = join(self.tree.root, where)
        was_there = self.tree.exists(target)
        with self.source.open(path) as stream:
            self.tree.write(target, chunks(stream))
        self._tell(report.UPDATED if was_there else report.CREATED, where)

    def _check_free(self, where: str, kind: str) -> None:
        """Raise an error if the name is taken, or exported twice."""
        place = join(self.tree.root, where)
        known = where
        if self.tree.folds(self.tree.root):
            known = where.casefold()
        if known in self._written or self.tree.kind(place) not in (None, kind):
            shown = join(self.directory, where)
            raise Error(f"'{escape(shown)}' is in the way", path=shown)
        self._written.add(known)

    def _tell(self, action: str, where: str) -> None:
        self.reporter(Change(action, join(self.directory, where)))
