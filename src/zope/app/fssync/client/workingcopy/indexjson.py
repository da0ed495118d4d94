"""JSON in a working copy, which others may have made.

Every list of three bytes takes thirty times as many in memory; the indexes of this
package hold few lists, and those are longer.
"""

from __future__ import annotations

import json
from typing import Any

from zope.fssync.errors import LimitExceeded
from zope.fssync.limits import SIZES

__all__ = ["load_json"]

#: Bytes for each list or object of an index, at the least: those of ``[1,1],``.
_list_size = 6

#: Lists and objects that are allowed besides.
_free_lists = 1000


def load_json(text: bytes, size: int = SIZES.index_size) -> Any:
    """Return what ``text`` holds, if it has no more than ``size`` bytes.

    Raises `LimitExceeded`, or `ValueError` for what is no index.
    """
    if len(text) > size:
        raise LimitExceeded(f"index of more than {size} bytes")
    lists = text.count(b"[") + text.count(b"{")
    if lists - _free_lists > len(text) // _list_size:
        raise ValueError("an index of lists that hold nothing")
    return json.loads(text)
