"""The lines that a merge of a tree prints, one for each file or directory.

A line is a letter, a blank and a path, which ends in a slash for a directory:

== ===============================================
N  a new directory
U  brought up to date (possibly created)
M  has local changes
C  is in conflict
A  is to be added
R  is to be removed
D  was deleted
?  is there, but not registered
W  stays as it is, since a permission hides it now
\\*  nothing happened to a file
/  nothing happened to a directory
== ===============================================
"""

from __future__ import annotations

import os
from collections.abc import Callable
from os.path import join
from typing import TYPE_CHECKING

from zope.fssync import report
from zope.fssync.fsutil import ignored
from zope.fssync.merger import Blame
from zope.fssync.report import Change

if TYPE_CHECKING:
    from zope.fssync.fileinterfaces import IWorkingMetadata

__all__ = ["MergeReport"]

_letters = {
    "Uptodate": "U",
    "Modified": "M",
    "Added": "A",
    "Removed": "R",
    "Spurious": "?",
    "Nonexistent": "*",
}

#: What the letter of a file means, where the state does not tell.
_actions = {
    "M": (report.KEPT, report.MODIFIED),
    "A": (report.KEPT, report.ADDED),
    "R": (report.KEPT, report.REMOVED),
    "?": (report.KEPT, report.UNREGISTERED),
    "D": (report.DELETED, ""),
    "*": (report.UNCHANGED, ""),
}

#: The same for directories.
_directory_actions = _actions | {
    "N": (report.CREATED, ""),
    "U": (report.SAME, ""),
    "W": (report.WITHHELD, ""),
    "/": (report.UNCHANGED, ""),
}


class MergeReport:
    """Tells ``reporter`` what became of files and directories.

    ``conflicts`` collects the local paths that were reported as C; the entries of
    those are marked with the last change of the other side, if ``blame(path)``
    returns one.  ``ignore(path, is_directory)`` says of what nobody has registered
    whether it is not worth mentioning.
    """

    def __init__(
        self,
        metadata: IWorkingMetadata,
        reporter: Callable[[str], object],
        ignore: Callable[[str, bool], bool] | None = None,
        blame: Blame | None = None,
    ) -> None:
        self.conflicts: list[str] = []
        self._metadata = metadata
        self._reporter = reporter
        self._ignore = ignore
        self._blame = blame

    def ignores(self, path: str, is_directory: bool = False) -> bool:
        """Return True if an unregistered file or directory is not reported."""
        if self._ignore is None:
            return ignored(os.path.basename(path))
        return self._ignore(path, is_directory)

    def directory(self, letter: str, path: str) -> None:
        """Report what became of a directory."""
        if letter == "?" and self.ignores(path, True):
            letter = "*"
        action, detail = _directory_actions[letter]
        self._reporter(Change(action, join(path, ""), letter, detail))

    def deleted(self, path: str) -> None:
        """Report that a file was deleted."""
        self._reporter(Change(report.DELETED, path, "D"))

    def unregistered(self, path: str) -> None:
        """Report a file that the merge wrote and that nobody registered."""
        self._reporter(Change(report.UNREGISTERED, path, "?"))

    def withheld(self, path: str) -> None:
        """Report what stays here, since a permission hides it there."""
        self._reporter(Change(report.WITHHELD, path, "W"))

    def conflict(self, path: str, detail: str | None = None) -> None:
        """Report a conflict, by default of the kind that the entry is marked with."""
        self.conflicts.append(path)
        entry = self._metadata.getentry(path)
        if detail is None:
            detail = report.conflict_detail(entry)
        last = report.last_change(entry)
        if last is None and self._blame is not None:
            last = self._blame(path)
            if last is not None and "conflict" in entry:
                entry["conflict"] += f" {last.mark()}"
        self._reporter(Change(report.CONFLICT, path, "C", detail, last))

    def file(self, action: str, state: str, path: str, known: bool = True) -> None:
        """Report what became of a file, in exactly one line.

        ``action`` and ``state`` are those of `Merger.merge_files`; ``known`` is
        whether it was here before: registered, or where it is deleted as a file.
        """
        if state == "Conflict":
            in_the_way = action == "Conflict" and not known
            self.conflict(path, report.IN_THE_WAY if in_the_way else None)
            return
        letter = _letters[state]
        if (action, state) == ("Nothing", "Uptodate"):
            letter = "*"
        elif action == "Delete":
            letter = "D"
        elif letter == "?" and self.ignores(path):
            letter = "*"
        what, detail = _what_happened(action, letter, known)
        self._reporter(Change(what, path, letter, detail))


def _what_happened(action: str, letter: str, known: bool) -> tuple[str, str]:
    if letter == "U":
        if action == "Fix":
            return report.SAME, ""
        return report.UPDATED if known else report.CREATED, ""
    if action in ("Merge", "Remerge"):
        return report.MERGED, ""
    if action == "Delete" and not known:
        return report.SAME, report.REMOVED
    if action == "Forget":
        return report.UNREGISTERED, ""
    return _actions[letter]
