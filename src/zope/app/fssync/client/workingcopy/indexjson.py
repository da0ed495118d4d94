"""JSON in a working copy, which others may have made.

Every list of three bytes takes thirty times as many in memory; the indexes of this
package hold few lists, and those are longer.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from zope.fssync.errors import LimitExceeded
from zope.fssync.limits import INDEX_FREE_LISTS
from zope.fssync.limits import INDEX_LIST_SIZE
from zope.fssync.limits import SIZES

__all__ = ["DAMAGES", "load_json", "load_outline"]

#: What reading something else than an index raises, or than its blocks.
DAMAGES = (ValueError, TypeError, AttributeError, OverflowError, RecursionError)


def load_json(text: bytes, size: int = SIZES.index_size) -> Any:
    """Return what ``text`` holds, if it has no more than ``size`` bytes.

    Raises `LimitExceeded`, or `ValueError` for what is no index.
    """
    if len(text) > size:
        raise LimitExceeded(f"index of more than {size} bytes")
    lists = text.count(b"[") + text.count(b"{")
    if lists - INDEX_FREE_LISTS > len(text) // INDEX_LIST_SIZE:
        raise ValueError("an index of lists that hold nothing")
    return json.loads(text)


def load_outline(text: bytes | None) -> Any:
    """Return the outline of a block; None where there is none, or a damaged one."""
    with suppress(LimitExceeded, *DAMAGES):
        return None if text is None else load_json(text)
    return None
