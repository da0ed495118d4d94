"""The operations that `zsync undo --list` shows."""

from __future__ import annotations

from datetime import UTC
from datetime import datetime

from zope.app.fssync.client.workingcopy.operations import Operation
from zope.fssync.terminal import escape

__all__ = ["fields", "shown"]


def fields(each: Operation) -> dict[str, object]:
    """Return the fields of an operation for JSON."""
    found = each._asdict()
    found["final"] = found.pop("is_final")
    return found


def shown(each: Operation) -> str:
    """Return the line of an operation: time, command, and number of files."""
    time = datetime.fromtimestamp(each.time, UTC).astimezone()
    count = len(set(each.paths))
    # Some operations only change registrations.
    files = f"{count} path{'s' * (count != 1)}" if count else ""
    if each.is_final:
        files = "cannot be taken back"
    return f"{time:%Y-%m-%d %H:%M:%S}  {escape(each.verb):10} {files}".rstrip()
