"""What commands report: what became of an object, a file, or a part of an object.

A `Change` is a string, the line by which release 3.6.0 reports it, so that callbacks
written for that release go on working.  What it says is also in its attributes, by
which newer callbacks tell people and programs about it.
"""

from __future__ import annotations

import os

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
    "conflict_detail",
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


class Change(str):
    """What happened to a file or a directory, or what state it is in.

    ``action`` is one of the constants of this module.  ``path`` is written as the
    command has it, without a slash at its end.  ``detail`` tells more, by a word for
    programs.  ``Change(MODIFIED, "a/b.txt", "M")`` is the string ``M a/b.txt``; for
    what 3.6.0 does not report it is empty.  A path that ends in a slash is that of a
    directory.
    """

    __slots__ = ("action", "detail", "is_directory", "origin", "path")

    action: str
    path: str
    detail: str
    is_directory: bool
    #: Where it was, if it was moved.
    origin: str

    def __new__(
        cls, action: str, path: str, said: str = "", detail: str = ""
    ) -> Change:
        return cls.of_line(f"{said} {path}" if said else "", action, path, detail)

    @classmethod
    def of_line(
        cls, line: str, action: str, path: str, detail: str = "", origin: str = ""
    ) -> Change:
        """Return the change that 3.6.0 reports by ``line``."""
        self = str.__new__(cls, line)
        self.action = action
        self.is_directory = path.endswith(("/", os.sep))
        self.path = path.rstrip("/" + os.sep) or path
        self.detail = detail
        self.origin = origin
        return self

    @classmethod
    def moved(cls, path: str, origin: str) -> Change:
        """Return the change of what is to be moved, of which 3.6.0 knows nothing."""
        return cls.of_line(f"R {path} (from {origin})", MOVED, path, origin=origin)


def conflict_detail(entry: dict[str, str]) -> str:
    """Return what kind of conflict an entry marks."""
    if entry.get("conflict") == "kind":
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
