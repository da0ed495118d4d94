"""Find damage in the control data of a working copy, and repair it.

Lost control data are fetched from the server.  No file that the user edits is written
or removed.  A file that may have edits, and whose original was lost, is marked as a
conflict, so that a commit overwrites nothing unseen.
"""

from __future__ import annotations

import os
from os.path import join
from typing import TYPE_CHECKING
from typing import NamedTuple

from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.response import fetch
from zope.app.fssync.client.response import locate
from zope.app.fssync.client.session import ChangingSession
from zope.app.fssync.client.workingcopy.serverstate import States
from zope.app.fssync.client.workingcopy.workingcopy import WorkingCopy
from zope.fssync import fsutil
from zope.fssync import paths
from zope.fssync.errors import AccessDenied
from zope.fssync.errors import Error
from zope.fssync.errors import TransferError
from zope.fssync.fsmerger import FSMerger
from zope.fssync.mergesource import ArchiveSource
from zope.fssync.metadata import MOVED
from zope.fssync.metadata import Entry
from zope.fssync.metadata import name_of
from zope.fssync.report import is_of_other_kind
from zope.fssync.repository import SnarfRepository
from zope.fssync.streams import chunks
from zope.fssync.streams import same_content
from zope.fssync.terminal import escape

if TYPE_CHECKING:
    from zope.fssync.fileinterfaces import IMergeSource

__all__ = ["Damage", "Doctor", "cleanup", "doctor"]

_specials = (paths.EXTRA, paths.ANNOTATIONS)


def cleanup(target: str) -> list[str]:
    """Finish or drop the changes of interrupted commands; return a line for each."""
    return WorkingCopy.find(target).clean()


def discard_journal(copy: WorkingCopy) -> list[str]:
    """Clean up even if the journal cannot be read, which is moved away then."""
    return [line for line in [copy.discard_journal(), *copy.clean()] if line]


def doctor(session: ChangingSession, network: Network, target: str) -> list[str]:
    """Verify the control data of ``target``, and repair it.

    Return the paths of what could not be repaired.
    """
    target = os.path.realpath(target)
    doctor = Doctor(session)
    if target == session.root:
        doctor.directory(target)
    else:
        doctor.examine(target)
    if doctor.damages:
        _repair(doctor, network)
    states = States(session.files, session.root)
    if not states.fit(session.root):
        states.distrust()
        session.reporter(
            f"repaired {States.path(session.root)}: older files were put back: the "
            "next update compares all of them"
        )
    return doctor.left


def _repair(doctor: Doctor, network: Network) -> None:
    """Fetch the smallest object that has all damage in it, and repair the damage."""
    session = doctor.session
    network.loadrooturl(session.root)
    owners = [doctor.origin(damage.owner) for damage in doctor.damages]
    top, path = _smallest(session, network, os.path.commonpath(owners))
    try:
        with fetch(network, path) as response:
            doctor.repair(response.archive, top)
    except (TransferError, AccessDenied) as error:
        for damage in doctor.damages:
            doctor.give_up(damage.path, f"{damage.reason}; {error.message}")


def _smallest(session: ChangingSession, network: Network, path: str) -> tuple[str, str]:
    """Return the object that ``path`` is or lies in, and its path on the server."""
    while path.startswith(join(session.root, "")):
        try:
            entry = session.metadata.getentry(path)
        except Error:
            entry = {}
        if entry.get("id"):
            return path, locate(session, network, path)
        path = os.path.dirname(path)
    name = (network.rootpath or "").rstrip("/").rpartition("/")[2] or "root"
    return join(session.root, name), network.rootpath or "/"


class Damage(NamedTuple):
    """Damage to the entries of a directory, or to the original of a file.

    ``what`` is "entries" or "original", ``path`` that of the directory or file.
    """

    what: str
    path: str
    reason: str

    @property
    def owner(self) -> str:
        """The path of the object that it belongs to."""
        parts = self.path.split(os.sep)
        if paths.CONTROL in parts:
            index = parts.index(paths.CONTROL)
            parts = [*parts[:index], parts[index + 2]]
        return os.sep.join(parts)


class Doctor:
    """Examine the registered objects below a directory, and repair them.

    ``left`` collects the paths that could not be repaired.  A file that the system
    fails to read is an error, not damage: it may still exist.
    """

    def __init__(self, session: ChangingSession) -> None:
        self.session = session
        self.metadata = session.metadata
        self.files = session.files
        self.report = session.reporter
        self.damages: list[Damage] = []
        self.left: list[str] = []
        #: The lost contents of packs, by directory; None for all of them.
        self._lost: dict[str, set[str] | None] = {}

    def give_up(self, path: str, reason: str) -> None:
        """Report a path that cannot be repaired."""
        self.left.append(path)
        self.report(f"damaged {self.files.shown(path)}: {reason}")

    def origin(self, path: str) -> str:
        """Return the path on the server for a local one; that of a moved object is old.

        It is the path of an object, or of a file that belongs to one.
        """
        parts = path.split(os.sep)
        if paths.CONTROL in parts:
            index = parts.index(paths.CONTROL)
            if len(parts) < index + 3:
                return path
            owner = os.sep.join([*parts[:index], parts[index + 2]])
            special = fsutil.getspecial(self.origin(owner), parts[index + 1])
            return join(special, *parts[index + 3 :])
        above = path
        while above.startswith(join(self.session.root, "")):
            if MOVED in self._entry(above):
                old = self.session.other_place(above)
                assert old is not None
                return self.origin(old + path[len(above) :])
            above = os.path.dirname(above)
        return path

    def _entry(self, path: str) -> Entry:
        """Return the entry of a path, an empty one if it cannot be read."""
        try:
            return self.metadata.getentry(path)
        except Error:
            return {}

    # Examining

    def examine(self, target: str) -> None:
        """Examine an object and all registered objects below it."""
        self._pack(fsutil.split(target)[0])
        self._examine(target)

    def _examine(self, target: str) -> None:
        try:
            entry = self.metadata.getentry(target)
        except Error as error:
            self._note("entries", fsutil.split(target)[0], error.message)
            entry = {}
        was_file = self.files.isfile(fsutil.getoriginal(target))
        if is_of_other_kind(entry):
            # Found before: the user decides.
            return
        if was_file and self.files.isdir(target) and _is_sent(entry):
            self._note("original", target, "a directory stands in the place of a file")
        elif self.files.isdir(target):
            self.directory(target, required=bool(entry) and _is_sent(entry))
        elif entry:
            self._file(target, entry)
        if entry:
            self._examine_specials(target)

    def _note(self, what: str, path: str, reason: str) -> None:
        damage = Damage(what, path, reason)
        if damage not in self.damages:
            self.damages.append(damage)

    def directory(self, path: str, required: bool = False) -> None:
        """Examine the registered objects in a directory, and below."""
        control = join(path, paths.CONTROL)
        if self.files.kind(control) not in ("dir", None):
            self.give_up(control, "it is no directory; move it away")
            return
        self._pack(path)
        try:
            names = self.metadata.getnames(path)
        except Error as error:
            self._note("entries", path, error.message)
            names = [name for name in self.files.listdir(path) if name != paths.CONTROL]
            for name in names:
                if self.files.isdir(join(path, name, paths.CONTROL)):
                    self.directory(join(path, name))
            return
        if required and not self.files.exists(join(control, paths.ENTRIES)):
            self._note("entries", path, "its entries are lost")
        for name in names:
            self._examine(join(path, name))
        self._remove_orphans(path, names)
        self.metadata.release(path)

    def _pack(self, path: str) -> None:
        """Drop the damaged contents of the pack of a directory.

        They are found to be lost when the files are examined.
        """
        if paths.CONTROL in path.split(os.sep):
            return
        try:
            spoiled = self.files.spoiled(path)
            self.files.drop(path, spoiled)
            is_there = any(True for _ in self.files.digests(path))
            self._lost[path] = set(spoiled) if is_there else None
        except Error as error:
            moved = self.files.set_base_aside(path)
            self._lost[path] = None
            self.report(f"repaired {error.message}: moved to {moved}")

    def _file(self, path: str, entry: dict[str, str]) -> None:
        kind = self.files.kind(path)
        if kind == "other":
            self.give_up(path, "it is neither a file nor a directory")
        elif kind == "file" and _is_sent(entry):
            original = fsutil.getoriginal(path)
            try:
                with self.files.open(original) as stream:
                    for _ in chunks(stream):
                        pass
            except FileNotFoundError:
                self._note("original", path, "its original is lost")
            except Error as error:
                self._note("original", path, error.message)

    def _examine_specials(self, path: str) -> None:
        for what in _specials:
            special = fsutil.getspecial(path, what)
            kind = self.files.kind(special)
            if kind == "dir":
                names = set(self.files.listdir(special)) - {paths.CONTROL}
                if names and self._has_lost_entries(path, what):
                    # What a description tells would be taken for new.
                    self._note("entries", special, "its entries are lost")
                self.directory(special, required=bool(names))
            elif kind is not None:
                self.give_up(special, "it is no directory; move it away")

    def _has_lost_entries(self, path: str, what: str) -> bool:
        """Return True if the entries of a described object's parts are lost."""
        directory, name = fsutil.split(path)
        lost = self._lost.get(directory, set())
        if not self.files.is_described(directory):
            return False
        return lost is None or f"{what}/{name}/{paths.CONTROL}/{paths.ENTRIES}" in lost

    def _remove_orphans(self, path: str, names: list[str]) -> None:
        """Remove the data of objects that are not registered, unless it was edited."""
        merger = FSMerger(self.metadata, lambda line: None, files=self.files)
        for what in (paths.ORIGINAL, *_specials):
            folder = join(path, paths.CONTROL, what)
            orphans: set[str] = set()
            if self.files.isdir(folder):
                orphans = set(self.files.listdir(folder)) - {paths.CONTROL, *names}
            for name in sorted(orphans):
                orphan = join(folder, name)
                if self.files.exists(join(path, name)):
                    self._note("entries", path, f"no entry for {escape(name)}")
                elif what != paths.ORIGINAL and merger.removal.is_modified(orphan):
                    self.give_up(orphan, "it was edited and belongs to nothing")
                else:
                    merger.removal.remove_special(join(path, name), what)
                    shown = self.files.shown(orphan)
                    self.report(f"repaired {shown}: it belonged to nothing: removed")

    # Repairing

    def repair(self, archive: SnarfRepository, top: str) -> None:
        """Repair all damage from the archive of ``top``."""
        source = ArchiveSource(archive)
        merger = FSMerger(
            self.metadata, lambda line: None, files=self.files, remote=source
        )
        repair = _Repair(self, merger, source)
        for damage in self.damages:
            counterpart = repair.counterpart(damage.path, top)
            if counterpart is None:
                self.give_up(damage.path, f"{damage.reason}; the server sent none")
            elif damage.what == "entries":
                repair.rebuild(damage, counterpart)
            else:
                repair.restore(damage.path, counterpart, damage.reason)


class _Repair:
    """The repairs, with an archive of the server at hand."""

    def __init__(self, doctor: Doctor, merger: FSMerger, source: IMergeSource) -> None:
        self.doctor = doctor
        self.files = doctor.files
        self.metadata = doctor.metadata
        self.fsmerger = merger
        self.merger = merger.merger
        self.source = source

    def counterpart(self, path: str, top: str) -> str | None:
        """Return the path in the archive of ``top`` for a local path, if any."""
        local = os.path.dirname(top)
        parts = os.path.relpath(self.doctor.origin(path), local).split(os.sep)
        return "" if parts == [os.curdir] else self._descend(local, parts)

    def _descend(self, local: str, parts: list[str]) -> str | None:
        holder = remote = ""
        for part in parts:
            local = join(local, part)
            if part in (paths.CONTROL, *_specials):
                remote = paths.join_archive_path(remote, part)
                continue
            names = self.source.getnames(holder)
            places = (paths.join_archive_path(holder, name) for name in names)
            entries = dict(zip(names, map(self.source.getentry, places), strict=True))
            name = name_of(entries, self._key(local, part))
            if name is None:
                return None
            remote = holder = paths.join_archive_path(remote, name)
        return remote

    def _key(self, path: str, name: str) -> str:
        """Return the name of the object of a file, if it is known."""
        try:
            return self.metadata.getentry(path).get("key", name)
        except Error:
            return name

    def rebuild(self, damage: Damage, remote: str) -> None:
        """Take the entries of a directory from the server.

        Existing originals stay, since edits are based on them.
        """
        path = damage.path
        efile = join(path, paths.CONTROL, paths.ENTRIES)
        self._set_aside(efile, path)
        self.metadata.getmanager(path).required = True
        for name in self.source.getnames(remote):
            below = paths.join_archive_path(remote, name)
            local = join(path, self._local_name(path, name, below))
            known = self.metadata.getentry(local)
            if known and not (fsutil.ispart(local) and known.get("flag") == "added"):
                continue
            self.merger.adopt_entry(local, below)
            original = fsutil.getoriginal(local)
            if self.files.isfile(local) and not self.files.isfile(original):
                self.restore(local, below, "its original is lost")
        self.doctor.report(
            f"repaired {self.files.shown(efile)}: {damage.reason}: taken from the "
            "server; what was to be added or removed has to be registered again"
        )

    def _local_name(self, path: str, name: str, remote: str) -> str:
        """Return the local name of an object: one of its names that a file has."""
        key = self.source.getentry(remote).get("key", name)
        file = self.files.file_name(name, key)
        known = (file, paths.file_name(name, key), name)
        there = (each for each in known if self.files.exists(join(path, each)))
        return next(there, file)

    def _set_aside(self, efile: str, path: str) -> None:
        try:
            self.metadata.getnames(path)
        except Error:
            if self.files.isfile(efile):
                with self.files.open(efile) as stream:
                    self.files.write(f"{efile}.damaged", chunks(stream))
            self.files.remove(efile)

    def restore(self, local: str, remote: str, reason: str) -> None:
        """Take the original of a file from the server."""
        entry = self.metadata.getentry(local)
        planned = dict(entry) if MOVED in entry else None
        self._restore(local, remote, reason)
        if planned is not None:
            # The server knows it at its old place.
            conflict = entry.get("conflict")
            entry.clear()
            entry.update(planned)
            if conflict is not None:
                entry["conflict"] = conflict

    def _restore(self, local: str, remote: str, reason: str) -> None:
        original = fsutil.getoriginal(local)
        if self._is_of_another_kind(local, remote):
            self.fsmerger.obstruct(local, remote)
            self.doctor.session.conflicts.append(local)
            self.doctor.report(f"repaired {local}: {reason}: marked as a conflict")
            return
        if self._is_same(local, remote):
            self.merger.merge_files_fix(local, original, remote)
            self.doctor.report(f"repaired {local}: {reason}: taken from the server")
            return
        self.merger.merge_files_conflict(local, original, remote)
        self.doctor.session.conflicts.append(local)
        self.doctor.report(
            f"repaired {local}: {reason}: taken from the server, from which the file "
            "differs; see 'zsync diff', then 'zsync resolve'"
        )

    def _is_of_another_kind(self, local: str, remote: str) -> bool:
        if self.files.kind(local) != self.source.kind(remote):
            return True
        known = self.metadata.getentry(local).get("type")
        return known not in (None, self.source.getentry(remote).get("type"))

    def _is_same(self, local: str, remote: str) -> bool:
        with self.files.open(local) as here, self.source.open(remote) as there:
            return same_content(here, there)


def _is_sent(entry: Entry) -> bool:
    """Return True for the entry of a received object that is not to be removed."""
    return "flag" not in entry or MOVED in entry
