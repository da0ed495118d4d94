"""What commands report: what became of an object, a file, or a part of an object.

A `Change` is a string, the line by which release 3.6.0 reports it, so that callbacks
written for that release go on working.  What it says is also in its attributes, by
which newer callbacks tell people and programs about it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import NamedTuple

from zope.fssync.patterns import late

__all__ = [
    "ADDED",
    "BOTH",
    "CONFLICT",
    "CREATED",
    "DELETED",
    "IGNORED",
    "IN_THE_WAY",
    "KEPT",
    "MERGED",
    "MISSING",
    "MODIFIED",
    "MOVED",
    "OTHER",
    "OTHER_KIND",
    "REMOVED",
    "REMOVED_HERE",
    "REMOVED_THERE",
    "RENAMED",
    "RESOLVED",
    "REVERTED",
    "SAME",
    "SENT",
    "UNCHANGED",
    "UNREGISTERED",
    "UPDATED",
    "WITHHELD",
    "Change",
    "LastChange",
    "conflict_detail",
    "is_of_other_kind",
    "last_change",
    "owner_and_part",
]

# Local changes, which the next commit sends.
ADDED, MODIFIED, REMOVED, MOVED = "added", "modified", "removed", "moved"

# What needs a person.
CONFLICT, MISSING, OTHER = "conflict", "missing", "other-kind"

# What stays as it is.
UNREGISTERED, IGNORED, WITHHELD = "unregistered", "ignored", "withheld"
UNCHANGED = "unchanged"
#: A local change that a merge leaves alone; the detail names it.
KEPT = "kept"

# What a merge brings from the server.
CREATED, UPDATED, MERGED, DELETED = "created", "updated", "merged", "deleted"
#: Both sides had made the same of it.
SAME = "same"

#: What a commit sends; the detail is one of the local changes.
SENT = "sent"

# What the user has decided.
RESOLVED, REVERTED, RENAMED = "resolved", "reverted", "renamed"

# Details of conflicts.
BOTH, IN_THE_WAY, OTHER_KIND = "both-changed", "in-the-way", "other-kind"
REMOVED_HERE, REMOVED_THERE = "removed-here", "removed-there"


class LastChange(NamedTuple):
    """The last transaction that changed an object on the server.

    ``time`` is in seconds since 1970; the user may have no name.
    """

    transaction: str
    time: int
    user: str

    @classmethod
    def of_mark(cls, mark: str) -> LastChange | None:
        """Return what `mark` has written, None for anything else."""
        found = _mark.fullmatch(mark)
        return None if found is None else cls(found[1], int(found[2]), found[3])

    def mark(self) -> str:
        """Return it as a line for `of_mark`."""
        return f"{self.transaction} {self.time} {self.user}"

    def __str__(self) -> str:
        # Imported late: few reports have one.
        from datetime import UTC
        from datetime import datetime

        time = datetime.fromtimestamp(self.time, UTC).astimezone()
        return f"{self.user or 'nobody'}, {time:%Y-%m-%d %H:%M}"


_mark = late(r"(0x[0-9a-f]{16}) ([0-9]{1,11}) (.*)", re.DOTALL)


class Change(str):
    """What happened to a file or a directory, or what state it is in.

    ``action`` is one of the constants of this module.  ``path`` is written as the
    command has it, without a slash at its end.  ``detail`` tells more, by a word for
    programs.  ``Change(MODIFIED, "a/b.txt", "M")`` is the string ``M a/b.txt``; for
    what 3.6.0 does not report it is empty.  A path that ends in a slash is that of a
    directory.
    """

    __slots__ = ("action", "detail", "is_directory", "last", "origin", "path")

    action: str
    path: str
    detail: str
    is_directory: bool
    #: Where it was, if it was moved.
    origin: str
    #: Of a conflict: who made the change on the server, if that is known.
    last: LastChange | None

    def __new__(
        cls,
        action: str,
        path: str,
        said: str = "",
        detail: str = "",
        last: LastChange | None = None,
    ) -> Change:
        line = f"{said} {path}" if said else ""
        return cls.of_line(line, action, path, detail, last=last)

    @classmethod
    def of_line(
        cls,
        line: str,
        action: str,
        path: str,
        detail: str = "",
        origin: str = "",
        last: LastChange | None = None,
    ) -> Change:
        """Return the change that 3.6.0 reports by ``line``."""
        self = str.__new__(cls, line)
        self.action = action
        self.is_directory = path.endswith(("/", os.sep))
        self.path = path.rstrip("/" + os.sep) or path
        self.detail = detail
        self.origin = origin
        self.last = last
        return self

    @classmethod
    def moved(cls, path: str, origin: str) -> Change:
        """Return the change of what is to be moved, of which 3.6.0 knows nothing."""
        return cls.of_line(f"R {path} (from {origin})", MOVED, path, origin=origin)


def is_of_other_kind(entry: Mapping[str, str]) -> bool:
    """Return True if an entry marks a file in the place of a directory, or reverse."""
    return entry.get("conflict", "").partition(" ")[0] == "kind"


def last_change(entry: Mapping[str, str]) -> LastChange | None:
    """Return who made the change on the server that an entry is in conflict with."""
    return LastChange.of_mark(entry.get("conflict", "").partition(" ")[2])


def conflict_detail(entry: Mapping[str, str]) -> str:
    """Return what kind of conflict an entry marks."""
    if is_of_other_kind(entry):
        return OTHER_KIND
    return {"removed": REMOVED_HERE, "added": REMOVED_THERE}.get(
        entry.get("flag", ""), BOTH
    )


def owner_and_part(path: str) -> tuple[str, str]:
    """Return the path of an object, and what part of it is meant.

    An extra or an annotation is called ``Extra/contentType``, all of the extras
    ``Extra``, and the object itself has no name.
    """
    # Imported late: help needs the names of the actions, and none of this.
    from zope.fssync import paths

    if paths.CONTROL not in path:
        return path, ""
    words = path.replace(os.sep, "/").split("/")
    if paths.CONTROL not in words:
        return path, ""
    place = words.index(paths.CONTROL)
    rest = words[place + 1 :]
    if len(rest) < 2 or rest[0] not in (paths.EXTRA, paths.ANNOTATIONS):
        return path, ""
    return "/".join([*words[:place], rest[1]]), "/".join([rest[0], *rest[2:]])
