"""Parse numbers and transaction ids in the arguments of views."""

from __future__ import annotations

from ZODB.utils import maxtid

from zope.fssync.errors import UsageError
from zope.fssync.messages import _

__all__ = ["number", "transaction_id"]


def number(name: str, text: str | None, digits: int = 9) -> int | None:
    """Return the value of a numeric argument, None if it is missing."""
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= digits):
        raise UsageError(
            _("the argument '${name}' is no number", mapping={"name": name})
        )
    return int(text)


def transaction_id(name: str, text: str | None) -> bytes | None:
    """Return the id in a hexadecimal argument, None if it is missing."""
    if text is None:
        return None
    try:
        tid = bytes.fromhex(text)
    except ValueError:
        tid = b""
    # No storage has a later one than this, and there is one after it.
    if len(tid) != 8 or tid > maxtid:
        raise UsageError(
            _(
                "the argument '${name}' is not the id of a transaction",
                mapping={"name": name},
            )
        )
    return tid
