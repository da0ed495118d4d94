"""Import: make a new object of plain files that are in no working copy."""

from __future__ import annotations

import os
from collections.abc import Callable
from os.path import join
from typing import IO

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
from zope.fssync.files import Tree
from zope.fssync.metadata import dump_entries
from zope.fssync.report import Change
from zope.fssync.snarf import Snarfer
from zope.fssync.terminal import escape

__all__ = ["import_directory"]

#: An entry of what the server has not sent.
_NEW = {"flag": "added"}


def import_directory(
    network: Network,
    source: str,
    target: str,
    note: str,
    dry_run: bool,
    reporter: Callable[[str], object],
) -> str:
    """Make the object ``target``, a URL or a path, of a directory or a file.

    Return what the server says.
    """
    submission = _Submission(source, reporter)
    _turn_to(network, target)
    return send(network, submission, submission.name, note, dry_run)


def _turn_to(network: Network, target: str) -> None:
    """Let the root URL be that of a new object, which has no file yet."""
    if "://" in target:
        network.setrooturl(target)
        return
    located = fsutil.located(target)
    session = reading(os.path.dirname(located))
    if session.metadata.getentry(located) or session.files.exists(located):
        raise Error(
            f"'{escape(target)}' already exists",
            path=target,
            advice="'zsync add' registers files of a working copy.",
        )
    name = os.path.basename(located)
    check_name(target, name)
    above = locate(session, network, os.path.dirname(located))
    network.rootpath = f"{above.rstrip('/')}/{paths.nfc(name)}"


class _Submission:
    """Writes the archive of a directory or a file."""

    def __init__(self, source: str, reporter: Callable[[str], object]) -> None:
        self.source = source
        self.reporter = reporter
        self.root = os.path.realpath(source)
        self.name = os.path.basename(self.root)
        self.tree = Tree(os.path.dirname(self.root))
        self.ignored = Ignored(self.tree, self.root)
        if self.tree.kind(self.root) not in ("dir", "file"):
            raise Error(
                f"'{escape(source)}' is neither a directory nor a file", path=source
            )
        check_name(source, self.name)

    def __call__(self, stream: IO[bytes]) -> None:
        snarfer = Snarfer(stream)
        self._add(snarfer, "", self.name)
        self._add_entries(snarfer, "", [self.name])

    def _add(self, snarfer: Snarfer, inside: str, path: str) -> None:
        place = join(self.root, inside) if inside else self.root
        shown = join(self.source, inside) if inside else self.source
        if self.tree.kind(place) == "file":
            with self.tree.open(place) as stream:
                snarfer.addstream(stream, self.tree.size(place), path)
            self.reporter(Change(report.SENT, shown, detail=report.ADDED))
            return
        snarfer.adddir(f"{path}/")
        self.reporter(Change(report.SENT, join(shown, ""), detail=report.ADDED))
        names = list(self._names(place, inside, shown))
        self._add_entries(snarfer, f"{path}/", names)
        for name in names:
            below = f"{inside}/{name}" if inside else name
            self._add(snarfer, below, f"{path}/{name}")

    def _names(self, place: str, inside: str, shown: str) -> list[str]:
        """Return the names of what is to be sent of a directory."""
        found: dict[str, str] = {}
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
                self.reporter(Change(report.UNREGISTERED, path, "?"))
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

    def _add_entries(self, snarfer: Snarfer, prefix: str, names: list[str]) -> None:
        path = f"{prefix}{paths.CONTROL}/{paths.ENTRIES}"
        snarfer.addbytes(dump_entries(dict.fromkeys(names, _NEW)), path)
