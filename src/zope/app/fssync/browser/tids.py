"""Ids of transactions in the arguments of views."""

from __future__ import annotations

from zope.fssync.errors import UsageError

__all__ = ["transaction_id"]


def transaction_id(name: str, text: str | None) -> bytes | None:
    """Return the id that an argument has in hexadecimal, None without the argument."""
    if text is None:
        return None
    try:
        tid = bytes.fromhex(text)
    except ValueError:
        tid = b""
    if len(tid) != 8:
        raise UsageError(f"the argument '{name}' is not the id of a transaction")
    return tid
