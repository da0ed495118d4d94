"""The verbs that look after a working copy: cleanup and doctor."""

from __future__ import annotations

import os
from os.path import join
from typing import TYPE_CHECKING
from typing import Any

from zope.app.fssync.client.commit import Exchange
from zope.app.fssync.client.workingcopy import WorkingCopy
from zope.fssync.errors import AccessDenied
from zope.fssync.errors import Error
from zope.fssync.errors import TransferError

if TYPE_CHECKING:
    from zope.app.fssync.client.doctor import Doctor

__all__ = ["Care"]


class Care(Exchange):
    """Puts a working copy in order."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        #: The paths of what `doctor` could not repair.
        self.damaged: list[str] = []

    def cleanup(self, target: str) -> None:
        """Finish or drop what interrupted commands left where ``target`` is."""
        for line in WorkingCopy.find(target).clean():
            self._report(line)

    def doctor(self, target: str) -> None:
        """Verify the control data of ``target``, and repair what is damaged."""
        from zope.app.fssync.client.doctor import Doctor

        copy = WorkingCopy.find(target)
        for line in filter(None, [copy.discard_journal(), *copy.clean()]):
            self._report(line)
        target = os.path.realpath(target)
        with self._changes(copy, "doctor") as files:
            doctor = Doctor(self.metadata, files, self._report)
            if target == copy.root:
                doctor.directory(target)
            else:
                doctor.examine(target)
            if doctor.damages:
                self._repair(doctor, copy)
            self.damaged.extend(doctor.left)
            self.conflicts.extend(doctor.conflicts)

    def _repair(self, doctor: Doctor, copy: WorkingCopy) -> None:
        top, path = self._patient([damage.owner for damage in doctor.damages], copy)
        try:
            with self._received(path) as answer:
                doctor.repair(answer.archive, top)
        except (TransferError, AccessDenied) as error:
            for damage in doctor.damages:
                doctor.give_up(damage.path, f"{damage.reason}; {error.message}")

    def _patient(self, owners: list[str], copy: WorkingCopy) -> tuple[str, str]:
        """The object with all that is damaged in it, and its path on the server."""
        self.network.loadrooturl(copy.root)
        path = os.path.commonpath(owners)
        while path.startswith(join(copy.root, "")):
            try:
                entry = self.metadata.getentry(path)
            except Error:
                entry = {}
            if entry.get("id"):
                return path, self._address(path)
            path = os.path.dirname(path)
        name = (self.network.rootpath or "").rstrip("/").rpartition("/")[2] or "root"
        return join(copy.root, name), self.network.rootpath or "/"
