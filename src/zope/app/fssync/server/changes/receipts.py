"""Store the ids of commits in databases whose storage does not keep them.

A storage that cannot undo transactions may not keep their metadata, which have the ids
of commits.  The root of the database then has the last one of each working copy, the
only one that a client repeats.
"""

from __future__ import annotations

import time
from itertools import islice
from typing import Any

from BTrees.OOBTree import OOBTree

from zope.fssync.limits import RECEIPT_DAYS
from zope.fssync.limits import RECEIPTS_CHECKED

__all__ = ["has_receipt", "keep_receipt"]

_name = "zope.app.fssync.receipts"


def keep_receipt(connection: Any, commit: str) -> None:
    """Store the id of a commit, if the storage does not."""
    if connection.db().supportsUndo():
        return
    root = connection.root()
    receipts = root.get(_name)
    if receipts is None:
        receipts = root[_name] = OOBTree()
    copy, _, digest = commit.partition("-")
    today = int(time.time()) // 86400
    if copy not in receipts:
        # Ids of working copies are random, so that each one is evicted in time.
        neighbours = islice(receipts.items(copy), RECEIPTS_CHECKED)
        for old in [
            name for name, (day, _) in neighbours if day < today - RECEIPT_DAYS
        ]:
            del receipts[old]
    receipts[copy] = (today, digest)


def has_receipt(connection: Any, commit: str) -> bool:
    """Return whether `keep_receipt` has stored a commit."""
    receipts = connection.root().get(_name)
    if receipts is None:
        return False
    copy, _, digest = commit.partition("-")
    return bool(receipts.get(copy, (0, ""))[1] == digest)
