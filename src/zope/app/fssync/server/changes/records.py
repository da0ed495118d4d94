"""Keep with the transaction of a commit what belongs to one object.

That is the record of a push with git, which the server does not interpret, and that the
commit was one of this object.  It is lost when the transaction is packed.
"""

from __future__ import annotations

from typing import Any

import transaction

__all__ = ["RECORD", "TARGET", "keep_record", "keep_target", "record_of"]

#: The key of the record in the extension of a transaction.
RECORD = "fssync_record"

#: The same for the oid of the object that was committed.
TARGET = "fssync_target"


def keep_target(context: Any) -> None:
    """Keep with the current transaction that it is a commit of ``context``.

    Who may commit no more than something in it cannot have that kept.
    """
    oid = getattr(context, "_p_oid", None)
    if oid is not None:
        transaction.get().setExtendedInfo(TARGET, oid)


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
