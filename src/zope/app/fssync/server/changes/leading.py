"""Decide whether an object leads to a record, by the index of references alone."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from collections.abc import Container
from collections.abc import Iterable
from typing import Protocol

from zope.app.fssync.server.changes.referrers import IReferrers
from zope.fssync.limits import CLIMBED_RECORDS

__all__ = ["Leading"]


class _Known(Protocol):
    def __contains__(self, oid: bytes) -> bool: ...


class Leading:
    """The records that ``oid`` leads to at ``tid``, without paths through ``outside``.

    What was found is remembered.  ``note`` has to be called for each reference that
    the index comes to know later.  Only so many records are asked for: then those that
    are not known count as if ``oid`` led to them.
    """

    def __init__(
        self, index: IReferrers, oid: bytes, outside: Container[bytes], tid: bytes
    ) -> None:
        self._index = index
        self._outside = outside
        self._tid = tid
        self._found = {oid}
        self._known: _Known = self._found
        #: The records that ``oid`` does not lead to.
        self._elsewhere: set[bytes] = set()
        #: The noted references of each record.
        self._noted: dict[bytes, set[bytes]] = {}
        #: Tells what a record refers to, if all that ``oid`` leads to is known.
        self._referred: Callable[[bytes], Iterable[bytes]] | None = None
        #: How many more records are asked for what leads to them, or they lead to.
        self.left = CLIMBED_RECORDS

    def know(
        self,
        records: _Known,
        referred: Callable[[bytes], Iterable[bytes]] | None = None,
    ) -> None:
        """Use a set of all records that the index leads to.

        If it is given what a record refers to, it follows the references that it comes
        to know, and need not ask what leads to other records.
        """
        self._known = records
        self._elsewhere.clear()
        self._referred = referred
        for oid, references in self._noted.items():
            self._follow(oid, references)

    def note(self, oid: bytes, references: Iterable[bytes]) -> None:
        """Note the references of an old or new revision of a record."""
        self._noted.setdefault(oid, set()).update(references)
        self._follow(oid, references)
        if not self._elsewhere.isdisjoint(references) and oid in self:
            self._elsewhere.clear()

    def _follow(self, oid: bytes, references: Iterable[bytes]) -> None:
        """Add the records that references lead to, if they are of one of these."""
        if self._referred is None or oid not in self:
            return
        pending = list(references)
        while pending:
            each = pending.pop()
            if each in self._found or each in self._known or each in self._outside:
                continue
            self.left -= 1
            if self.left < 0:
                self._referred = None
                return
            self._found.add(each)
            pending += self._referred(each)
            pending += self._noted.get(each, ())

    def __contains__(self, oid: bytes) -> bool:
        if oid in self._found or oid in self._known:
            return True
        if self._referred is not None:
            return False
        if oid in self._outside or oid in self._elsewhere:
            return False
        # Each record with the one that it refers to, on the path to ``oid``.
        ways: dict[bytes, bytes | None] = {oid: None}
        pending = deque([oid])
        while pending:
            each = pending.popleft()
            self.left -= 1
            if self.left < 0:
                return True
            for referrer in self._index.of(each, self._tid):
                if referrer in self._found or referrer in self._known:
                    self._lead_to(each, ways)
                    return True
                if (
                    referrer not in ways
                    and referrer not in self._outside
                    and referrer not in self._elsewhere
                ):
                    ways[referrer] = each
                    pending.append(referrer)
        self._elsewhere.update(ways)
        return False

    def _lead_to(self, oid: bytes, ways: dict[bytes, bytes | None]) -> None:
        """Add a record and those on the path from it to the found ones."""
        way: bytes | None = oid
        while way is not None:
            self._found.add(way)
            way = ways[way]
