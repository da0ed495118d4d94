"""Status: compare files with their originals, without the server."""

from __future__ import annotations

import os
from os.path import join
from typing import TYPE_CHECKING

from zope.app.fssync.client.session import Session
from zope.app.fssync.client.workingcopy.statcache import Record
from zope.app.fssync.client.workingcopy.statcache import Unchanged
from zope.app.fssync.client.workingcopy.statscan import ScanResult
from zope.fssync import fsutil
from zope.fssync import paths
from zope.fssync import report
from zope.fssync.metadata import MOVED
from zope.fssync.metadata import MOVED_TO
from zope.fssync.metadata import Entry
from zope.fssync.metadata import has_entries
from zope.fssync.report import Change
from zope.fssync.report import conflict_detail
from zope.fssync.report import last_change

if TYPE_CHECKING:
    from zope.app.fssync.client.workingcopy.compact import CompactTree

__all__ = ["Status", "shown_missing", "status"]


def status(
    session: Session,
    target: str,
    descend_only: bool = False,
    verbose: bool = True,
    conflicts: bool = True,
    ignored: bool = False,
) -> None:
    """Report each file at and below ``target`` that is not as the server sent it.

    With ``verbose`` unchanged files are reported too, with ``descend_only`` an
    unregistered directory is not, with ``ignored`` what is ignored is.  Without
    ``conflicts`` what is in conflict is reported by its edit or its flag, and the
    names are ignored that 3.6.0 ignored.  A description stands for its object.
    """
    target = session.files.owner_of(target) or target
    if session.root is None:
        shown = Status(session, verbose, conflicts=conflicts)
        shown.show(target, descend_only)
        return
    with Unchanged(
        session.files, session.metadata, session.root, session.layout
    ) as unchanged:
        shown = Status(session, verbose, unchanged, conflicts, ignored)
        if not shown.show_known(target):
            shown.show(target, descend_only)


def shown_missing(files: CompactTree, path: str) -> str:
    """Return how an object that is not here is shown: directories with a slash.

    They have no original.
    """
    return path if files.isfile(fsutil.getoriginal(path)) else join(path, "")


class Status:
    """Report the state of files, one line each."""

    def __init__(
        self,
        session: Session,
        verbose: bool,
        unchanged: Unchanged | None = None,
        conflicts: bool = True,
        ignored: bool = False,
    ) -> None:
        self.session = session
        self.metadata = session.metadata
        self.files = session.files
        self.report = session.reporter
        self.verbose = verbose
        self.unchanged = unchanged
        self.conflicts = conflicts
        self.ignored = ignored

    def show(self, target: str, descend_only: bool = False) -> None:
        """Show ``target`` and all below it."""
        entry = self.metadata.getentry(target)
        kind = self.files.kind(target)
        if self._is_conflict(entry):
            self._show_conflict(target, kind, entry)
        elif kind == "file":
            self._show_file(target, entry)
        elif kind == "dir":
            self._show_directory(target, entry, descend_only)
        elif kind == "other":
            self._show_other(target, entry)
        else:
            self._show_missing(target, entry)
        self._show_parts(target, entry)

    def show_known(self, target: str) -> bool:
        """Show ``target`` if it is known to be unchanged, and read nothing of it."""
        directory, name = fsutil.split(target)
        record = self.unchanged and self.unchanged.known(directory, name)
        if not record:
            return False
        self._show_record(target, record)
        return True

    def show_alone(self, target: str) -> None:
        """Show a registered object, without what is in it."""
        entry = self.metadata.getentry(target)
        kind = self.files.kind(target)
        if kind == "dir":
            self._show_directory_itself(target, entry)
        elif kind == "file":
            self._show_file(target, entry)
        else:
            self._show_missing(target, entry)
        self._show_parts(target, entry)

    def _show_parts(self, target: str, entry: Entry) -> None:
        directory, name = fsutil.split(target)
        if not entry and self.files.is_described(directory):
            return
        if self.unchanged is not None and self.unchanged.has_known_parts(
            directory, name
        ):
            return
        is_new = "flag" in entry and MOVED not in entry
        described = self.files.described(target) if entry and not is_new else None
        if described is not None and described.edits:
            self._tell(report.MODIFIED, self.files.description_of(target), "M")
        if described is not None and described.has_received_parts:
            return
        for getwhat in (fsutil.getannotations, fsutil.getextra):
            self._show_specials(getwhat(target), is_new)

    def _is_conflict(self, entry: Entry) -> bool:
        return self.conflicts and "conflict" in entry

    def _show_conflict(self, target: str, kind: str | None, entry: Entry) -> None:
        shown = join(target, "") if kind == "dir" else target
        self._tell_conflict(shown, entry)
        if kind == "dir":
            self._show_children(target)

    def _show_file(self, target: str, entry: Entry) -> None:
        flag = entry.get("flag")
        if not entry:
            self._show_unknown(target)
        elif self._is_moved(entry):
            self._show_moved(target, entry)
            if self._modified(target):
                self._tell(report.MODIFIED, target, "M")
        elif flag:
            self._show_flagged(flag, target)
        elif not self.files.isfile(fsutil.getoriginal(target)):
            self._tell(report.MODIFIED, target, "M(lost-original)", "lost-original")
        elif self._modified(target):
            self._tell(report.MODIFIED, target, "M")
        elif self.verbose:
            self._tell(report.UNCHANGED, target, "=")

    def _show_directory(self, target: str, entry: Entry, descend_only: bool) -> None:
        if entry:
            self._show_directory_itself(target, entry)
            self._show_children(target)
        elif not descend_only:
            self._show_unknown(join(target, ""))

    def _show_directory_itself(self, target: str, entry: Entry) -> None:
        flag = entry.get("flag")
        shown = join(target, "")
        if self._is_moved(entry):
            self._show_moved(shown, entry)
        elif flag:
            self._show_flagged(flag, shown)
        elif self.files.isfile(fsutil.getoriginal(target)):
            # The server has a file there.
            self._tell(report.OTHER, shown, "M(unrecognized)")
        elif self._has_lost_entries(target):
            self._tell(report.MISSING, shown, "M(lost-entries)", "lost-entries")
        elif self.verbose:
            self._tell(report.UNCHANGED, shown, "/")

    def _has_lost_entries(self, target: str) -> bool:
        """Return True if the directory was deleted and made anew."""
        return (
            self.unchanged is not None
            and self.unchanged.compact
            and not has_entries(self.files, target)
        )

    def _show_children(self, target: str) -> None:
        settled = None
        if self.unchanged is not None and not self.verbose:
            settled = self.unchanged.settled(target)
        if settled and settled.alone:
            self._show_directories(target, settled)
            return
        names = set(self.files.listdir(target)) - {paths.CONTROL}
        known: dict[str, Record] = {}
        all_of_them = False
        if self.unchanged is not None:
            if settled and settled.number == len(names):
                self._show_directories(target, settled)
                return
            known, all_of_them = self.unchanged.names(target)
        names.update(known if all_of_them else self.metadata.getnames(target))
        for name in sorted(names):
            record = known.get(name)
            if record is None:
                self.show(join(target, name))
            else:
                self._show_record(join(target, name), record)
        self.metadata.release(target)

    def _show_directories(self, target: str, settled: ScanResult) -> None:
        """Show what is in a directory in which all is registered and unchanged."""
        for name in sorted(settled.directories):
            self._show_children(join(target, name))

    def _show_record(self, target: str, record: Record) -> None:
        """Show an unchanged object, and the content of a directory."""
        if record.signature is not None:
            if self.verbose:
                self._tell(report.UNCHANGED, target, "=")
            return
        if self.verbose:
            self._tell(report.UNCHANGED, join(target, ""), "/")
        self._show_children(target)

    def _show_specials(self, special: str, is_new: bool) -> None:
        """Show changed extras or annotations; those of a new object are all new."""
        if not self.files.isdir(special):
            return
        for name in self.metadata.getnames(special):
            path = join(special, name)
            entry = self.metadata.getentry(path)
            if self._is_conflict(entry):
                self._tell_conflict(path, entry)
                continue
            flag = entry.get("flag")
            if flag:
                if not is_new:
                    self._show_flagged(flag, path)
                continue
            if self.files.isdir(path):
                self._show_specials(path, is_new)
            elif not self.files.isfile(path):
                self._tell(report.MISSING, path, "lost")
            elif self._modified(path):
                self._tell(report.MODIFIED, path, "M")
        # A part may have parts of its own.
        for what in (paths.ANNOTATIONS, paths.EXTRA):
            inner = join(special, paths.CONTROL, what)
            if self.files.isdir(inner):
                for name in sorted(set(self.files.listdir(inner)) - {paths.CONTROL}):
                    self._show_specials(join(inner, name), is_new)
        self.metadata.release(special)

    def _show_flagged(self, flag: str, target: str) -> None:
        if flag == "added":
            self._tell(report.ADDED, target, "A")
        else:
            self._tell(report.REMOVED, target, "R(reborn)", "made-anew")

    def _show_unknown(self, target: str) -> None:
        if not self._is_ignored(target):
            self._tell(report.UNREGISTERED, target, "?")
        elif self.ignored:
            self._tell(report.IGNORED, target, "I")

    def _is_ignored(self, target: str) -> bool:
        if self.conflicts:
            return self.session.ignores(target, target.endswith("/"))
        name = target.rstrip("/\\").replace("\\", "/").rpartition("/")[2]
        return fsutil.ignored(name)

    def _show_other(self, target: str, entry: Entry) -> None:
        """Show a link or a device; the server stores none."""
        if not entry:
            self._show_unknown(target)
        else:
            letter = entry.get("flag", "M")[0].upper()
            self._tell(report.OTHER, target, f"{letter}(unrecognized)")

    def _is_moved(self, entry: Entry) -> bool:
        # For 3.6.0 a move is an addition and a removal.
        return self.conflicts and MOVED in entry

    def _show_moved(self, target: str, entry: Entry) -> None:
        self.report(Change.moved(target, self._shown(target, entry[MOVED])))

    def _shown(self, target: str, inside: str) -> str:
        """Return a path below the root as ``target`` is written."""
        above = os.path.dirname(fsutil.located(target))
        way = os.path.relpath(join(self.session.root or "", inside), above)
        return os.path.normpath(join(os.path.dirname(target.rstrip("/")), way))

    def _show_missing(self, target: str, entry: Entry) -> None:
        if self.conflicts and MOVED_TO in entry:
            # It is reported at its new path.
            return
        if not entry:
            self._tell(report.MISSING, target, "nonexistent", "unknown")
        elif entry.get("flag") == "removed":
            shown = shown_missing(self.files, target)
            self.report(Change.of_line(f"R {target}", report.REMOVED, shown))
        elif entry.get("flag") == "added":
            self._tell(report.MISSING, target, "A(lost)", "added")
        else:
            shown = shown_missing(self.files, target)
            self.report(Change.of_line(f"lost {target}", report.MISSING, shown))

    def _tell(self, action: str, path: str, said: str, detail: str = "") -> None:
        self.report(Change(action, path, said, detail))

    def _tell_conflict(self, path: str, entry: Entry) -> None:
        detail, last = conflict_detail(entry), last_change(entry)
        self.report(Change(report.CONFLICT, path, "C", detail, last))

    def _modified(self, target: str) -> bool:
        return not self.session.same_content(target, fsutil.getoriginal(target))
