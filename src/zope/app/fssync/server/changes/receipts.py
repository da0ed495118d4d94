"""The last commits of working copies, in databases whose storage keeps none.

Where transactions cannot be undone the storage may not keep what is said of them,
the ids of commits among it.  The database then has, beside the application, the
last one of each working copy: a client repeats no other.
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
    """Let the transaction write down that it does the commit, if need be."""
    if connection.db().supportsUndo():
        return
    root = connection.root()
    receipts = root.get(_name)
    if receipts is None:
        receipts = root[_name] = OOBTree()
    copy, _, digest = commit.partition("-")
    today = int(time.time()) // 86400
    if copy not in receipts:
        # Copies have random names: sooner or later every other one is a neighbour.
        neighbours = islice(receipts.items(copy), RECEIPTS_CHECKED)
        for old in [
            name for name, (day, _) in neighbours if day < today - RECEIPT_DAYS
        ]:
            del receipts[old]
    receipts[copy] = (today, digest)


def has_receipt(connection: Any, commit: str) -> bool:
    """Was this commit written down?"""
    receipts = connection.root().get(_name)
    if receipts is None:
        return False
    copy, _, digest = commit.partition("-")
    return bool(receipts.get(copy, (0, ""))[1] == digest)
