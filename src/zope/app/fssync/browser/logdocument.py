"""A log as JSON, in the form in which clients read it."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from zope.app.fssync.server.changes.logentry import Page
from zope.app.fssync.server.changes.logentry import Transaction
from zope.fssync.limits import SERVER

__all__ = ["log_document"]


def log_document(
    page: Page, with_records: bool = False, oid: bytes | None = None
) -> dict[str, Any]:
    """Return a part of a log as `zope.app.fssync.browser.log.SnarfLog` sends it.

    It tells which transactions are commits of the object with an oid.
    """
    return {
        "transactions": [_told(each, with_records, oid) for each in page.transactions],
        "before": page.before and page.before.hex(),
        "begins": page.begins,
        **({} if page.packed is None else {"packed": page.packed.hex()}),
    }


def _told(each: Transaction, with_records: bool, oid: bytes | None) -> dict[str, Any]:
    changes = [
        [
            change.letter,
            *("/".join(map(str, keys)) for keys in change[1:] if keys is not None),
        ]
        for change in each.changes[: SERVER.logged_changes]
    ]
    told = {
        "id": each.tid.hex(),
        "time": each.time,
        "user": each.user,
        "message": each.note,
        "changes": changes,
        "versions": [[version.number, version.comment] for version in each.versions],
        "count": len(each.changes),
    }
    if each.origin is not None:
        told["origin"] = "/".join(each.origin)
    if oid is not None and each.target == oid:
        told["here"] = True
    if with_records and each.record is not None:
        told["record"] = b64encode(each.record).decode("ascii")
    return told
