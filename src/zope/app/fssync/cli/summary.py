"""The summary at the end of a command: the numbers of changes."""

from __future__ import annotations

from zope.app.fssync.cli.report import Report
from zope.fssync import report as actions
from zope.fssync.report import owner_and_part

__all__ = ["checked_out", "committed", "merged", "per_object", "updated"]

_RECEIVED = (
    ("added", (actions.CREATED,)),
    ("updated", (actions.UPDATED, actions.SAME)),
    ("merged", (actions.MERGED,)),
    ("deleted", (actions.DELETED,)),
    ("withheld", (actions.WITHHELD,)),
    ("in conflict", (actions.CONFLICT,)),
)


def updated(report: Report, transaction: str | None, rehearsal: bool = False) -> str:
    """Return the summary of an update or its rehearsal."""
    counts = _counts(report)
    if not counts:
        return "Up to date."
    did = "Would update" if rehearsal else "Updated"
    state = f" to {transaction}" if transaction else ""
    return f"{did}{state}: {counts}."


def checked_out(report: Report, transaction: str | None) -> str:
    """Return the summary of a checkout."""
    report.flush()
    made = report.counts.get(actions.CREATED, 0)
    rest = _counts(report, (actions.CREATED,))
    state = f" of {transaction}" if transaction else ""
    return f"Checked out {objects(made)}{state}{', ' if rest else ''}{rest}."


def committed(report: Report, transaction: str | None, rehearsal: bool = False) -> str:
    """Return the summary of a commit or its rehearsal."""
    report.flush()
    sent = report.counts.get(actions.SENT, 0)
    if not sent:
        return "Nothing to commit."
    rest = _counts(report, (actions.CREATED, actions.SAME))
    did = "Would commit" if rehearsal else "Committed"
    state = f" as {transaction}" if transaction else ""
    return f"{did} {objects(sent)}{state}{'; here ' if rest else ''}{rest}."


def merged(report: Report) -> str:
    """Return the summary of a merge from another working copy."""
    report.flush()
    counts = report.counts
    changed = counts.get(actions.ADDED, 0) + counts.get(actions.MODIFIED, 0)
    conflicts = report.counts.get(actions.CONFLICT, 0)
    if not (changed or conflicts):
        return "Nothing to merge."
    more = f", {conflicts} in conflict" if conflicts else ""
    return f"Merged {objects(changed)}{more}."


def objects(number: int) -> str:
    """Return a number of objects in words."""
    return f"{number} object{'' if number == 1 else 's'}"


def _counts(report: Report, without: tuple[str, ...] = ()) -> str:
    report.flush()
    found = []
    for words, kinds in _RECEIVED:
        number = sum(
            report.counts.get(kind, 0) for kind in kinds if kind not in without
        )
        if number:
            found.append(f"{number} {words}")
    return ", ".join(found)


def per_object(message: str) -> str:
    """Return the message of a refused commit with one line for each object.

    Parts of an object that is itself out of date are left out.
    """
    lines = message.splitlines()
    owners = [(line, *owner_and_part(line)) for line in lines]
    return "\n".join(
        line for line, owner, part in owners if not (part and owner in lines)
    )
