"""Import: make new objects from plain files outside of working copies."""

from __future__ import annotations

import os
from collections.abc import Callable
from collections.abc import Iterable
from functools import partial
from http import HTTPStatus
from os.path import join
from typing import IO

from zope.app.fssync.client import listing
from zope.app.fssync.client.checkin import send
from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.ignoring import Ignored
from zope.app.fssync.client.response import locate
from zope.app.fssync.client.schedule import check_name
from zope.app.fssync.client.session import reading
from zope.fssync import fsutil
from zope.fssync import paths
from zope.fssync import report
from zope.fssync.errors import Error
from zope.fssync.errors import ServerRefused
from zope.fssync.files import Tree
from zope.fssync.metadata import Entry
from zope.fssync.metadata import dump_entries
from zope.fssync.report import Change
from zope.fssync.snarf import Snarfer
from zope.fssync.terminal import escape

__all__ = ["Source", "import_directory", "new_entries"]

#: An entry of a new object.
_NEW = {"flag": "added"}


def import_directory(
    network: Network,
    source: str,
    target: str,
    note: str,
    dry_run: bool,
    reporter: Callable[[str], object],
    force: bool = False,
) -> str:
    """Make the object ``target``, a URL or a path, of a directory or a file.

    The files are added to a folder that exists, see `zope.app.fssync.client.filling`.
    Return the message of the server.
    """
    found = Source(source)
    _turn_to(network, target)
    if found.kind("") == "dir" and _is_folder(network):
        from zope.app.fssync.client.filling import fill

        return fill(network, found, target, note, dry_run, force, reporter)
    return send(network, partial(found.write, reporter), found.name, note, dry_run)


def _is_folder(network: Network) -> bool:
    """Return True if the root URL is that of an existing folder."""
    try:
        found = listing.fetch(network, network.rootpath or "/")
    except ServerRefused as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise
        # Nothing is there, or the server is one of 3.6.0.
        return False
    return found.top.kind == "directory"


def _turn_to(network: Network, target: str) -> None:
    """Set the root URL to that of an object, which may not have a file yet."""
    if "://" in target:
        network.setrooturl(target)
        return
    located = fsutil.located(target)
    session = reading(os.path.dirname(located))
    entry = session.metadata.getentry(located)
    if entry and entry.get("flag") != "added" and session.files.isdir(located):
        network.rootpath = locate(session, network, located)
        return
    if entry or session.files.exists(located):
        raise Error(
            f"'{escape(target)}' already exists",
            path=target,
            advice="'zsync add' registers files of a working copy.",
        )
    name = os.path.basename(located)
    check_name(target, name)
    above = locate(session, network, os.path.dirname(located))
    network.rootpath = f"{above.rstrip('/')}/{paths.nfc(name)}"


class Source:
    """A directory or a file outside of working copies, without ignored files.

    Paths in it, ``inside``, have slashes; its own path is empty.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.root = os.path.realpath(source)
        self.name = os.path.basename(self.root)
        self.tree = Tree(os.path.dirname(self.root))
        self.ignored = Ignored(self.tree, self.root)
        if self.kind("") not in ("dir", "file"):
            raise Error(
                f"'{escape(source)}' is neither a directory nor a file", path=source
            )
        check_name(source, self.name)

    def _place(self, inside: str) -> str:
        return join(self.root, inside) if inside else self.root

    def shown(self, inside: str) -> str:
        """Return a path in the form that the user gave."""
        return join(self.source, inside) if inside else self.source

    def kind(self, inside: str) -> str | None:
        """Return ``file``, ``dir``, ``other`` or None."""
        return self.tree.kind(self._place(inside))

    def open(self, inside: str) -> IO[bytes]:
        """Open a file to read it."""
        return self.tree.open(self._place(inside))

    def write(self, reporter: Callable[[str], object], stream: IO[bytes]) -> None:
        """Write an archive of all files as new objects."""
        snarfer = Snarfer(stream)
        self.add(snarfer, "", self.name, reporter)
        _add_entries(snarfer, "", [self.name])

    def add_file(self, snarfer: Snarfer, inside: str, path: str) -> None:
        """Add a file to an archive."""
        with self.open(inside) as stream:
            snarfer.addstream(stream, self.tree.size(self._place(inside)), path)

    def add(
        self,
        snarfer: Snarfer,
        inside: str,
        path: str,
        reporter: Callable[[str], object],
    ) -> None:
        """Add a new file, or a directory with all it contains, to an archive."""
        shown = self.shown(inside)
        if self.kind(inside) == "file":
            self.add_file(snarfer, inside, path)
            reporter(Change(report.SENT, shown, detail=report.ADDED))
            return
        snarfer.adddir(f"{path}/")
        reporter(Change(report.SENT, join(shown, ""), detail=report.ADDED))
        names = list(self.names(inside, reporter))
        _add_entries(snarfer, f"{path}/", names)
        for name in names:
            below = f"{inside}/{name}" if inside else name
            self.add(snarfer, below, f"{path}/{name}", reporter)

    def names(
        self, inside: str, reporter: Callable[[str], object] = lambda change: None
    ) -> list[str]:
        """Return the names in a directory that are to be sent."""
        found: dict[str, str] = {}
        place, shown = self._place(inside), self.shown(inside)
        for name in self.tree.listdir(place):
            kind = self.tree.kind(join(place, name))
            below = f"{inside}/{name}" if inside else name
            path = join(shown, name)
            if paths.is_control(name):
                raise Error(
                    f"'{escape(shown)}' belongs to a working copy",
                    path=shown,
                    advice="Nothing was sent. 'zsync checkin' copies one to a server.",
                )
            if self.ignored(below, kind == "dir"):
                continue
            if kind not in ("dir", "file"):
                # Links and devices are not content.
                reporter(Change(report.UNREGISTERED, path, "?"))
                continue
            check_name(path, name)
            twin = found.setdefault(paths.nfc(name), name)
            if twin != name:
                raise Error(
                    f"'{escape(path)}' and {twin!a} are one name to the server",
                    path=path,
                    advice="Nothing was sent. Give one of them another name.",
                )
        return list(found.values())


def new_entries(names: Iterable[str]) -> dict[str, Entry]:
    """Return the entries of new objects."""
    return {name: dict(_NEW) for name in names}


def _add_entries(snarfer: Snarfer, prefix: str, names: Iterable[str]) -> None:
    path = f"{prefix}{paths.CONTROL}/{paths.ENTRIES}"
    snarfer.addbytes(dump_entries(new_entries(names)), path)
