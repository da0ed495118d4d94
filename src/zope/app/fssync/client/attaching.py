"""Attach: make the control data for existing files.

A working copy of layout 3 from a clone of git has content and descriptions.  The
present state of the server becomes their base, and no file is changed: files that
differ from the server count as edited, missing ones as lost.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from os.path import join

from zope.app.fssync.client.absent import note
from zope.app.fssync.client.addresses import check_address
from zope.app.fssync.client.addresses import note_top
from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.response import Response
from zope.app.fssync.client.response import everything
from zope.app.fssync.client.response import fetch
from zope.app.fssync.client.response import is_anonymous
from zope.app.fssync.client.response import only_name
from zope.app.fssync.client.session import ChangingSession
from zope.app.fssync.client.session import changing
from zope.app.fssync.client.workingcopy import layout
from zope.app.fssync.client.workingcopy.serverstate import States
from zope.app.fssync.client.workingcopy.workingcopy import WorkingCopy
from zope.app.fssync.protocol.headers import transaction_of
from zope.fssync import fsutil
from zope.fssync import paths
from zope.fssync.descriptionnames import local_name
from zope.fssync.errors import Error
from zope.fssync.files import Tree
from zope.fssync.mergesource import ArchiveSource
from zope.fssync.metadata import Entries
from zope.fssync.metadata import dump_entries
from zope.fssync.metadata import dump_received
from zope.fssync.metadata import entry_of
from zope.fssync.repository import SnarfRepository
from zope.fssync.streams import chunks

__all__ = ["attach"]

_SPECIALS = (paths.EXTRA, paths.ANNOTATIONS)


def attach(
    network: Network,
    target: str,
    reporter: Callable[[str], object],
    control: str | None = None,
) -> ChangingSession:
    """Make ``target`` a working copy of the object of the root URL.

    The object is a directory in ``target``.  Its control data are written to the
    directory ``control``, if one is given.  Return the session.
    """
    path = check_address(network.rootpath or "/").rstrip("/") or "/"
    _check_free(target)
    if control is not None:
        from zope.app.fssync.client.workingcopy.outside import check_free

        check_free(os.path.realpath(target), control)
    with (
        fetch(network, path, everything(None)) as response,
        WorkingCopy.making(target, layout.DESCRIBED, control) as copy,
        changing(copy, "attach", reporter) as session,
    ):
        name = _Attachment(session, response.archive)(target, path)
        _finish(session, network, response, path, name)
    network.keep_password()
    return session


def _check_free(target: str) -> None:
    tree = Tree()
    if not tree.isdir(target):
        raise Error(
            f"'{target}' is no directory",
            path=target,
            advice="'zsync checkout' makes a working copy where nothing is yet.",
        )
    for control in (paths.DATA, paths.CONTROL):
        if tree.exists(join(target, control)):
            raise Error(
                f"'{target}' is a working copy already",
                path=target,
                advice=f"If its control data is of no use any more, remove {control}.",
            )


def _finish(
    session: ChangingSession,
    network: Network,
    response: Response,
    path: str,
    name: str,
) -> None:
    """Store the URL, the state and the absent objects."""
    session.transaction = transaction_of(response.state)
    states = States(session.files, session.root)
    states.take(path, response.state, response.seen)
    url = str(network.rooturl)
    note_top(session.metadata, session.files, session.root, None, name, url)
    root = join(session.root, paths.CONTROL, paths.ROOT)
    session.files.write(root, [f"{url}\n".encode()])
    local = join(session.root, name)
    note(session, local, response.closing, is_anonymous(network))


class _Attachment:
    """Writes the entries and originals of an archive, and no other file."""

    def __init__(self, session: ChangingSession, archive: SnarfRepository) -> None:
        self.files = session.files
        self.archive = archive
        self.source = ArchiveSource(archive)

    def __call__(self, target: str, path: str) -> str:
        top = only_name(self.archive, path.rpartition("/")[2] or "root")
        entry = self.source.getentry(top)
        name = local_name(top, entry.get("key", top))
        if self.files.kind(join(target, name)) != self.source.kind(top):
            kind = "directory" if self.source.kind(top) == "dir" else "file"
            raise Error(
                f"there is no {kind} '{join(target, name)}'",
                path=join(target, name),
                advice="Name the directory that it is in, as checkout has made it.",
            )
        self._directory(os.path.realpath(target), "", [top])
        return name

    def _directory(self, local: str, remote: str, names: list[str]) -> None:
        def descend(here: str, there: str) -> None:
            self._directory(here, there, self.source.getnames(there))
            self.source.release(there)

        entries = self._items(local, remote, names, descend)
        # By itself: nothing is described anew.
        place = self.files.place(local)
        efile = join(place.control, paths.ENTRIES)
        self.files.tree.write(efile, [dump_entries(entries)])
        if entries:
            self.files.base_at(place).write(paths.RECEIVED, dump_received(entries))

    def _items(
        self,
        local: str,
        remote: str,
        names: list[str],
        descend: Callable[[str, str], None],
    ) -> Entries:
        """Write the control data of some items; return their entries."""
        entries: Entries = {}
        for name in names:
            there = paths.join_archive_path(remote, name)
            said = self.source.getentry(there)
            file = local_name(name, said.get("key", name))
            entries[file] = entry_of(file, name, said)
            here = join(local, file)
            for what in _SPECIALS:
                self._special(
                    fsutil.getspecial(here, what), _special_of(remote, name, what)
                )
            if self.source.kind(there) == "dir":
                descend(here, there)
            else:
                self._original(here, there)
        return entries

    def _special(self, local: str, remote: str) -> None:
        """Write the control data of extras or annotations, and of their own."""
        if self.source.kind(remote) != "dir":
            return
        names = self.source.getnames(remote)
        entries = self._items(local, remote, names, self._special)
        self.source.release(remote)
        efile = join(local, paths.CONTROL, paths.ENTRIES)
        self.files.pack(efile, dump_entries(entries))

    def _original(self, local: str, remote: str) -> None:
        with self.source.open(remote) as stream:
            self.files.write(fsutil.getoriginal(local), chunks(stream))


def _special_of(remote: str, name: str, what: str) -> str:
    return paths.join_archive_path(remote, paths.CONTROL, what, name)
