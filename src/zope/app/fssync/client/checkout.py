"""The verbs that bring objects from a server: checkout and update."""

from __future__ import annotations

import os
from collections.abc import Mapping
from os.path import join
from typing import BinaryIO

from zope.app.fssync.client import compat36
from zope.app.fssync.client.addresses import check_address
from zope.app.fssync.client.addresses import is_elsewhere
from zope.app.fssync.client.addresses import note_top
from zope.app.fssync.client.response import Answer
from zope.app.fssync.client.response import Answers
from zope.app.fssync.client.response import Closing
from zope.app.fssync.client.response import everything
from zope.app.fssync.client.response import only_name
from zope.app.fssync.client.workingcopy import WorkingCopy
from zope.app.fssync.client.workingcopy.newtree import Unusual
from zope.app.fssync.client.workingcopy.serverstate import States
from zope.app.fssync.client.workingcopy.statcache import Unchanged
from zope.app.fssync.client.workingcopy.streamcheckout import Arrival
from zope.app.fssync.protocol.headers import SEEN
from zope.app.fssync.protocol.headers import STATE
from zope.app.fssync.protocol.headers import STREAMED
from zope.fssync import fsutil
from zope.fssync import paths
from zope.fssync.changesetmerger import Incomplete
from zope.fssync.errors import Error
from zope.fssync.fileinterfaces import IFileTree

__all__ = ["Arrivals"]


class Arrivals(Answers):
    """Brings what is on the server."""

    def checkout(self, target: str) -> None:
        """Copy the object of the root URL into the directory ``target``."""
        rootpath = self.network.rootpath
        if not rootpath:
            raise Error("root url not set")
        if self.metadata.getentry(target):
            raise Error("target already registered", target, path=target)
        if os.path.lexists(target) and not os.path.isdir(target):
            raise Error("target should be a directory", target, path=target)
        name = rootpath.rstrip("/").rpartition("/")[2] or "root"
        self._check_same_server(target)
        wanted = everything(self._known(target, rootpath))
        fp, headers = self._asked(rootpath, wanted)
        if STREAMED not in headers or os.path.lexists(target):
            self._checkout_merged(target, name, rootpath, fp, headers)
        elif not self._checkout_arriving(target, fp):
            fp, headers = self._asked(rootpath, wanted)
            self._checkout_merged(target, name, rootpath, fp, headers)
        self.network.keep_password()

    def _known(self, target: str, path: str) -> str | None:
        """Return what has been seen of an object that is checked out once more."""
        if self.network.readrooturl(target) is None:
            return None
        return self._states(target).told(path.rstrip("/") or "/")

    def _checkout_arriving(self, target: str, fp: BinaryIO) -> bool:
        """Write a checkout as it comes; False if it has to be received first."""
        try:
            with (
                fp,
                WorkingCopy.making(target) as copy,
                self._changes(copy, "checkout") as changes,
                Arrival(changes, self.metadata, target) as arrival,
            ):
                arrival.receive(fp)
                closing = arrival.closing
                said = Closing(closing.get(STATE), closing.get(SEEN))
                self._note_checkout(copy, changes, arrival.name, target, said)
                self._tell_left_out(closing)
                arrival.replay(self.reporter)
        except Unusual:
            return False
        return True

    def _checkout_merged(
        self,
        target: str,
        name: str,
        path: str,
        fp: BinaryIO,
        headers: Mapping[str, str],
    ) -> None:
        with (
            self._answer(path, fp, headers) as answer,
            WorkingCopy.making(target) as copy,
            self._changes(copy, "checkout") as changes,
        ):
            compat36.check_login(self.network, path)
            top = only_name(answer.archive, name)
            entry = answer.archive.getMetadata().getentry(top)
            name = changes.file_name(top, entry.get("key", top))
            self._check_same_object(answer, join(target, name), top)
            self._merge(answer, target, name)
            self._note_checkout(copy, changes, name, target, answer)

    def _note_checkout(
        self,
        copy: WorkingCopy,
        changes: IFileTree,
        top: str,
        target: str,
        said: Answer | Closing,
    ) -> None:
        path = check_address(self.network.rootpath or "/").rstrip("/") or "/"
        self._remember(States(changes, copy.root), path, said)
        before, url = self.network.readrooturl(target), str(self.network.rooturl)
        note_top(self.metadata, changes, copy.root, before, top, url)
        changes.write(join(copy.control, paths.ROOT), [f"{url}\n".encode()])

    def _check_same_server(self, target: str) -> None:
        """Objects of one server only can share a working copy."""
        url = self.network.readrooturl(target)
        if url and not self.network.same_server(url):
            raise Error(
                "target is a working copy of another server: '%s'",
                target,
                path=target,
                advice="Name another directory.",
            )

    def _check_same_object(self, answer: Answer, local: str, top: str) -> None:
        """Objects of the same name need a directory each."""
        said = answer.archive.getMetadata().getentry(top)
        if is_elsewhere(self.metadata.getentry(local), said):
            raise Error(
                "'%s' was checked out from another place",
                local,
                path=local,
                advice="Name another directory.",
            )

    def update(self, target: str, dry_run: bool = False) -> None:
        """Bring the changes of the server into ``target``.

        With ``dry_run`` it is only told what would become of them.
        """
        with self._session(target, "update"):
            self._unmerged = False
            path = self._address(target)
            head, tail = fsutil.split(target)
            states = self._states(target)
            if not self.files.isdir(target):
                # One file costs little, and may have to be restored.
                self._update_all(path, head, tail, states)
            elif not self._update_changes(path, target, states):
                self._restart()
                self._update_all(path, head, tail, self._states(target))
            if dry_run:
                self._restart()

    def _is_whole(self, target: str) -> bool:
        """Is nothing lost?  What is would not be among the changes."""
        root = WorkingCopy.find(target).root
        with Unchanged(self.files, self.metadata, root) as unchanged:
            return unchanged.is_whole(target)

    def _update_changes(self, path: str, target: str, states: States) -> bool:
        """Bring what changed since the state that is known; False if that fails."""
        state = states.get(path)
        if state is None or not self._is_whole(target):
            return False
        head, tail = fsutil.split(target)
        with self._received(path, state) as answer:
            try:
                self._merge(answer, head, tail)
            except Incomplete:
                return False
            self._remember(states, path, answer)
        return True

    def _update_all(self, path: str, head: str, tail: str, states: States) -> None:
        with self._received(path, everything(states.told(path))) as answer:
            compat36.check_anonymous(
                self.network, self.files, answer.archive, join(head, tail)
            )
            self._merge(answer, head, tail)
            self._remember(states, path, answer)
