"""The changes that a commit sends, one for each object."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from os.path import join

from zope.app.fssync.client.session import Session
from zope.app.fssync.client.status import Status
from zope.app.fssync.client.status import shown_missing
from zope.fssync import report
from zope.fssync.metadata import MOVED_TO
from zope.fssync.metadata import Entry
from zope.fssync.report import Change

__all__ = ["sent_changes"]

_LOCAL = (report.ADDED, report.MODIFIED, report.REMOVED)


def sent_changes(session: Session, modified: Iterable[str]) -> Iterator[Change]:
    """Yield the change that a commit sends of each object that may be modified."""
    found: list[str] = []
    status = Status(session, verbose=False, conflicts=False)
    status.report = found.append
    for path in modified:
        entry = session.metadata.getentry(path)
        if MOVED_TO in entry:
            # A moved object is reported at its new path.
            continue
        shown = _shown(session, path, entry)
        origin = session.other_place(path)
        if origin is not None:
            yield Change.of_line("", report.SENT, shown, report.MOVED, origin)
            continue
        found.clear()
        status.show_alone(path)
        flag = entry.get("flag", "")
        action = flag if flag in _LOCAL else report.MODIFIED
        if any(isinstance(c, Change) and c.action in _LOCAL for c in found):
            yield Change(report.SENT, shown, detail=action)


def _shown(session: Session, path: str, entry: Entry) -> str:
    if entry.get("flag") == "removed":
        return shown_missing(session.files, path)
    return join(path, "") if session.files.isdir(path) else path
