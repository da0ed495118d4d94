"""The records that the object of a log leads to, today or before some transaction.

A changed record concerns the log only if it is one of them.  If they are few, they are
all loaded; otherwise an index of the database knows the referrers of each record.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from zope.app.fssync.server.changes.history import History
from zope.app.fssync.server.changes.history import HistoryUnavailable
from zope.app.fssync.server.changes.history import TooLarge
from zope.app.fssync.server.changes.leading import Leading
from zope.app.fssync.server.changes.near import NearRecords
from zope.app.fssync.server.changes.referrers import FormerReferrers
from zope.app.fssync.server.changes.referrers import IReferrers
from zope.app.fssync.server.changes.referrers import LateReferrers
from zope.app.fssync.server.changes.revisions import Records
from zope.app.fssync.server.changes.tracer import RecordTracer
from zope.fssync.limits import LISTED_RECORDS

__all__ = ["Reachable", "Referred", "Tracing", "loaded"]

#: The oids of records, and of what each of them refers to.
Referred = dict[bytes, set[bytes]]

#: Makes the tracer of an object, with an index of references.
Tracing = Callable[[Any, IReferrers], RecordTracer]


class Reachable:
    """The records that ``context`` leads to, without paths through ``outside``.

    ``near`` are all records of today if they are few; otherwise ``known`` is the index.
    An object that ``is_large`` leads to more records than are listed.
    """

    def __init__(
        self,
        context: Any,
        history: History,
        tracing: Tracing,
        outside: set[bytes],
        known: LateReferrers,
        near: NearRecords | None,
        is_large: bool = False,
    ) -> None:
        self.near = near
        self._oid = context._p_oid
        self._history = history
        self._outside = outside
        self._known = known
        self._is_large = is_large
        self.index = FormerReferrers(near or known)
        #: Knows the containers, too; for former ones it needs the index.
        self.containers_index = self.index
        self._leading = Leading(self.index, self._oid, outside, history.now)
        if near is None:
            known.prepare()
        else:
            self._leading.know(near)
            self.containers_index = FormerReferrers(known)
        #: Traces records in the database of today.
        self.today = tracing(context, self.index)
        #: Whether all records are known, or cannot be.
        self._is_listed = near is not None

    def listed(self) -> Records | None:
        """Return all records that the object leads to today, None for too many."""
        return self.near or self._below()

    def _below(self) -> Records | None:
        self._is_listed = True
        if self._is_large:
            return None
        records = self._known.below(self._oid, self._outside, LISTED_RECORDS)
        if records is not None:
            self._leading.know(records, self._known.referred)
        return records

    def add(self, oid: bytes, references: set[bytes]) -> None:
        """Add the references that a record had once."""
        self.index.add(oid, references)
        self._leading.note(oid, references)

    def add_before(self, tid: bytes, records: Iterable[bytes]) -> set[bytes]:
        """Add the references that records had before a transaction.

        Older transactions may have changed what it removed.  Return the records that
        it has made.
        """
        made = set()
        for oid, references in self._history.before(records, tid):
            if references is None:
                made.add(oid)
            else:
                self.add(oid, references)
        return made

    def among(self, oids: Iterable[bytes]) -> list[bytes]:
        """Return those records that the object leads to, or once did.

        All are returned if that is not known: a caller does not wait for a large index.
        """
        several = list(oids)
        if self.near is None and self._known.is_being_made():
            return several
        try:
            if not self._is_listed and len(several) > self._leading.left:
                # Most logs ask for a few.  The database may be too large for an index.
                with suppress(TooLarge):
                    self._below()
            return [oid for oid in several if oid in self._leading]
        except HistoryUnavailable:
            # There is no index.
            return several

    def may_concern(self, oids: Iterable[bytes]) -> bool:
        """Return whether records may belong to the object, or did before a removal.

        A record without an owner today may have belonged to it.
        """
        for oid in oids:
            try:
                owners = self.today.owners([oid], strict=False)
            except HistoryUnavailable:
                return True
            keys = map(self.today.keys, owners)
            if not owners or any(each is not None for each in keys):
                return True
        return False


def loaded(
    known: LateReferrers, history: History, context: Any, outside: set[bytes]
) -> NearRecords | None:
    """Load the records that an object leads to; None if there are too many."""
    jar, oid = context._p_jar, context._p_oid
    return known.walks.records(jar, history, oid, outside, LISTED_RECORDS)
