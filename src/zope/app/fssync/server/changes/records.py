"""Keep the record of a push with git in the transaction that it became.

The server does not interpret it.  It belongs to one object, and is lost when the
transaction is packed.
"""

from __future__ import annotations

from typing import Any

import transaction

__all__ = ["RECORD", "keep_record", "record_of"]

#: The key of the record in the extension of a transaction.
RECORD = "fssync_record"


def keep_record(context: Any, record: bytes) -> None:
    """Keep a record of ``context`` with the current transaction."""
    oid = getattr(context, "_p_oid", None)
    if oid is not None:
        transaction.get().setExtendedInfo(RECORD, oid + record)


def record_of(kept: Any, oid: bytes) -> bytes | None:
    """Return the record if it belongs to an object, else None."""
    if not isinstance(kept, bytes) or not kept.startswith(oid):
        return None
    return kept[len(oid) :]
