"""The state token, which names a state of the database for a client.

It consists of the transaction, the object, and a digest of the permissions and of the
software.  Clients do not interpret it, except to show the transaction, see
`zope.app.fssync.protocol.headers.transaction_of`.  It has no secrets, and a forged
state affects only the client that sends it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["State"]

_form = re.compile(r"4-([0-9a-f]{16})-([0-9a-f]{16})-([01])-([0-9a-f]{32})")


class State(NamedTuple):
    """The state of a client: the object ``oid`` and all below it, as of ``tid``.

    ``conditions`` is a digest of everything else that the answer depends on;
    ``references`` is True if an object refers to others by path.
    """

    tid: bytes
    oid: bytes
    conditions: str
    references: bool

    @classmethod
    def parse(cls, text: str | None) -> State | None:
        """Return the state that a client names, None for any other text."""
        match = _form.fullmatch(text or "")
        if match is None:
            return None
        tid, oid, references, conditions = match.groups()
        return cls(
            bytes.fromhex(tid), bytes.fromhex(oid), conditions, references == "1"
        )

    def __str__(self) -> str:
        return (
            f"4-{self.tid.hex()}-{self.oid.hex()}"
            f"-{int(self.references)}-{self.conditions}"
        )
