"""What git needs to know of a commit, kept with the transaction that it became.

To the server it is opaque.  It is about one object, and goes away when the transaction
is packed.
"""

from __future__ import annotations

from typing import Any

import transaction

__all__ = ["RECORD", "keep_record", "record_of"]

#: Where a transaction keeps it.
RECORD = "fssync_record"


def keep_record(context: Any, record: bytes) -> None:
    """Keep a record of ``context`` with the current transaction."""
    oid = getattr(context, "_p_oid", None)
    if oid is not None:
        transaction.get().setExtendedInfo(RECORD, oid + record)


def record_of(kept: Any, oid: bytes) -> bytes | None:
    """Return the record that is about an object, None if there is none."""
    if not isinstance(kept, bytes) or not kept.startswith(oid):
        return None
    return kept[len(oid) :]
