"""The log of an object: the transactions that changed it or what is below it.

The storage has them all, and an object knows none of them: they are read from the
newest on until there are as many as were asked for.  What a transaction changed is
looked up in the database as it was before and after it.  Who may not read an object
today learns nothing of what happened to it; for one that was removed its container
stands.
"""

from __future__ import annotations

from collections.abc import Container
from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import ExitStack
from contextlib import contextmanager
from contextlib import suppress
from itertools import takewhile
from typing import Any
from typing import NamedTuple

from persistent.TimeStamp import TimeStamp
from ZODB.POSException import POSKeyError
from ZODB.utils import p64
from ZODB.utils import u64
from ZODB.utils import z64

from zope.app.fssync.server.changes.history import BeingPacked
from zope.app.fssync.server.changes.history import History
from zope.app.fssync.server.changes.history import HistoryUnavailable
from zope.app.fssync.server.changes.history import TooLarge
from zope.app.fssync.server.changes.history import text_of
from zope.app.fssync.server.changes.history import tid_of_told
from zope.app.fssync.server.changes.history import user_name
from zope.app.fssync.server.changes.leading import Leading
from zope.app.fssync.server.changes.near import NearRecords
from zope.app.fssync.server.changes.near import near_records
from zope.app.fssync.server.changes.past import Moving
from zope.app.fssync.server.changes.past import moving
from zope.app.fssync.server.changes.past import opened
from zope.app.fssync.server.changes.records import RECORD
from zope.app.fssync.server.changes.records import record_of
from zope.app.fssync.server.changes.referrers import FormerReferrers
from zope.app.fssync.server.changes.referrers import IReferrers
from zope.app.fssync.server.changes.referrers import LateReferrers
from zope.app.fssync.server.changes.referrers import NotYet
from zope.app.fssync.server.changes.revisions import Records
from zope.app.fssync.server.changes.revisions import Revised
from zope.app.fssync.server.changes.revisions import Revisions
from zope.app.fssync.server.changes.tracer import RecordTracer
from zope.app.fssync.server.changes.tracer import Way
from zope.app.fssync.server.changes.versions import Version
from zope.app.fssync.server.changes.versions import saved_by
from zope.app.fssync.server.changes.versions import tid_of
from zope.app.fssync.server.changes.whereabouts import Moved
from zope.app.fssync.server.changes.whereabouts import Whereabouts
from zope.app.fssync.server.changes.whereabouts import moved
from zope.fssync.limits import EXAMINED_TRANSACTIONS
from zope.fssync.limits import LISTED_RECORDS
from zope.fssync.limits import LOG_PAGE
from zope.fssync.limits import LOG_READ
from zope.fssync.limits import NEAR_RECORDS
from zope.fssync.task.walk import child

__all__ = ["Change", "Keys", "Log", "Page", "Transaction", "Wanted"]

#: The oids of records, and of what each of them refers to.
Referred = dict[bytes, set[bytes]]

#: The keys that lead from the object of a log to one below it.
Keys = tuple[Any, ...]


class Change(NamedTuple):
    """What a transaction did to an object: A added, D removed, M modified, R moved.

    ``before`` are the keys of the place that it was moved from.
    """

    letter: str
    keys: Keys
    before: Keys | None = None


class Transaction(NamedTuple):
    """A transaction, with the changes that the caller may know of.

    ``record`` is what `keep_record` has stored of the object of the log; it is for
    callers from whom nothing of the transaction is withheld.
    ``versions`` are those that it has saved of the object that the log is of.
    ``origin`` is the path from which it moved that object, relative to where it is
    then, as ``..`` and the old name; None if it stayed, or the caller may not know.
    """

    tid: bytes
    time: float
    user: str
    note: str
    changes: list[Change]
    record: bytes | None = None
    versions: tuple[Version, ...] = ()
    origin: tuple[str, ...] | None = None


class Wanted(NamedTuple):
    """Which transactions are wanted: ids from ``since`` to ``until``, and texts."""

    since: bytes | None = None
    until: bytes | None = None
    user: str = ""
    text: str = ""

    def fits(self, found: Transaction) -> bool:
        """Return whether a transaction is wanted, apart from its id."""
        comments = "".join(f"\n{each.comment}" for each in found.versions)
        return (
            self.user.casefold() in found.user.casefold()
            and self.text.casefold() in f"{found.note}{comments}".casefold()
        )


class Page(NamedTuple):
    """A part of a log, the newest transaction first.

    ``before`` is where to go on, None at the end: the last transaction of the page, or
    a time that tells no other.  ``begins`` is when all that is kept begins, told at the
    end where what was before has been packed away; ``packed`` is the transaction of
    that time.
    """

    transactions: list[Transaction]
    before: bytes | None
    begins: float | None = None
    packed: bytes | None = None


class Log:
    """The log of ``context`` for one caller, within one request.

    ``access`` is the `IAccess` of the caller.  Raises `HistoryUnavailable` where the
    storage keeps no history.
    """

    def __init__(self, context: Any, host: Any, access: Any) -> None:
        self._context = host.bare(context)
        self._published = context
        self._host = host
        self._access = access
        self._history = History(self._context._p_jar)
        self._history.check_undoable()
        self._packed = self._history.last_packed()
        jar, oid = self._context._p_jar, self._context._p_oid
        self._known = LateReferrers(jar, self._history)
        #: Knows of all objects where they are, and needs the index for some.
        self._today = self._tracer(self._context, self._known)
        self._outside = self._today.outside
        self._use(near_records(jar, oid, self._outside, NEAR_RECORDS))
        self._readable: dict[Keys, Any] = {}
        #: The containers of today, by oid.
        self._above = dict(self._ancestors())
        self._whereabouts = Whereabouts(oid, self._above)
        #: The database as it was, while all its transactions are looked at.
        self._old: Moving | None = None
        self._cannot_move = False
        #: Whether the object is known to lead to more records than are listed.
        self._has_too_many = False

    def _use(self, near: NearRecords | None) -> None:
        """Use the records of what is logged where they are few, else the index."""
        self._near = near
        self._index = FormerReferrers(near or self._known)
        #: Knows of containers, too, and needs the index for those that it has left.
        self._places_once = self._index
        oid, now = self._context._p_oid, self._history.now
        self._leading = Leading(self._index, oid, self._outside, now)
        if near is None:
            self._known.prepare()
        else:
            self._leading.know(near)
            self._places_once = FormerReferrers(self._known)
        self._now = self._tracer(self._context, self._index)
        #: Whether all that the object leads to is known, or cannot be.
        self._knows_records = near is not None

    def _ancestors(self) -> Iterator[tuple[bytes, Any]]:
        """Yield the containers of the object that are stored, with their oids."""
        obj = self._host.parent(self._published)
        while (oid := getattr(self._host.bare(obj), "_p_oid", None)) is not None:
            yield oid, obj
            obj = self._host.parent(obj)

    def _tracer(self, context: Any, index: IReferrers) -> RecordTracer:
        history = self._history
        found: RecordTracer = self._host.tracer(context, history, history.now, index)
        return found

    def page(self, wanted: Wanted, limit: int, before: bytes | None = None) -> Page:
        """Return at most ``limit`` transactions, of a bounded number looked at.

        They are older than ``before``.  Of what is large first the newest of the
        database are looked at, which often are enough, or are told while an index is
        made; then those of the records that it leads to, or where these are too many
        all.  The database may be packed meanwhile.
        """
        self._known.waits = False
        try:
            page = self._unpacked(wanted, limit, before)
        except NotYet:
            # To load the records takes less time than to wait.
            self._known.waits = True
            self._use(self._walked())
            self._has_too_many = self._near is None
            page = self._unpacked(wanted, limit, before)
        return self._with_versions(self._kept(page, wanted), wanted, limit, before)

    def _walked(self) -> NearRecords | None:
        """Return the records of what is logged, None if they are too many."""
        jar, oid = self._context._p_jar, self._context._p_oid
        records, limit = self._known.walks.records, LISTED_RECORDS
        return records(jar, self._history, oid, self._outside, limit)

    def _unpacked(self, wanted: Wanted, limit: int, before: bytes | None) -> Page:
        """Return a page, also while the database is packed."""
        try:
            return self._page(wanted, limit, before)
        except BeingPacked:
            # What a record was is told all the same.
            listed = self._listed_page(wanted, limit, before)
            if listed is None:
                raise
            return listed

    def _with_versions(
        self, page: Page, wanted: Wanted, limit: int, before: bytes | None
    ) -> Page:
        """Show the versions of the object, at last those of what was packed away."""
        versions = self._host.versions(self._published)
        if not versions:
            return page
        own = [
            each.time
            for each in page.transactions
            if any(not change.keys for change in each.changes)
        ]
        packed = self._history.last_packed()
        kept_since = TimeStamp(packed).timeTime() if packed != z64 else 0.0
        kept = [each for each in versions if each.time >= kept_since]
        saved = saved_by(kept, own)
        found = [
            each._replace(versions=tuple(saved.get(each.time, ())))
            for each in page.transactions
        ]
        if page.begins is None:
            return page._replace(transactions=found)
        old = [each for each in versions if each.time < page.begins]
        older = [
            each
            for each in map(_version_alone, old)
            if _is_older(each.tid, before)
            and self._is_seen(each.tid, wanted)
            and wanted.fits(each)
        ]
        shown = older[: limit - len(found)]
        going_on = shown[-1].tid if len(shown) < len(older) and shown else None
        return page._replace(
            transactions=found + shown,
            before=going_on,
            begins=None if going_on else page.begins,
        )

    def _kept(self, page: Page, wanted: Wanted) -> Page:
        """Leave out what was packed since: what such a transaction did is not known."""
        packed = self._history.last_packed()
        kept = [each for each in page.transactions if each.tid > packed]
        before = page.before if len(kept) == len(page.transactions) else None
        is_whole = wanted.since is None or wanted.since <= packed
        if before is None and is_whole and packed != z64:
            return Page(kept, before, TimeStamp(packed).timeTime(), packed)
        return Page(kept, before)

    def _page(self, wanted: Wanted, limit: int, before: bytes | None) -> Page:
        page = Page([], before)
        if self._near is None and before is None:
            page = self._looked_at(wanted, limit, before, LOG_PAGE)
            if page.before is None or len(page.transactions) == limit:
                return page
            if page.transactions and self._known.is_being_made():
                return page
        left = limit - len(page.transactions)
        more = self._listed_page(wanted, left, page.before)
        if more is None:
            more = self._looked_at(wanted, left, page.before, EXAMINED_TRANSACTIONS)
        return Page(page.transactions + more.transactions, more.before)

    def _looked_at(
        self, wanted: Wanted, limit: int, before: bytes | None, number: int
    ) -> Page:
        """Return what is found in a number of transactions of the database."""
        with self._going_back():
            return self._looking_at(wanted, limit, before, number)

    @contextmanager
    def _going_back(self) -> Iterator[None]:
        """Have one connection to the past for all transactions of the block."""
        with ExitStack() as self._stack:
            try:
                yield
            finally:
                self._old = None

    def _looking_at(
        self, wanted: Wanted, limit: int, before: bytes | None, number: int
    ) -> Page:
        found: list[Transaction] = []
        newer = before
        for count, (each, changed) in enumerate(
            self._backwards(wanted, before, number + 1)
        ):
            if count == number and newer is not None:
                return Page(found, _between(each.tid, newer))
            newer = each.tid
            self._start_at(each.tid)
            if not self._is_seen(each.tid, wanted) or not wanted.fits(each):
                self._note(each.tid, changed)
                logged = None
            else:
                logged = self._transaction(each, changed, None)
            if self._old is not None:
                self._old.to(each.tid, changed)
            if logged is not None:
                found.append(logged)
                if len(found) == limit:
                    return Page(found, each.tid)
        return Page(found, None)

    def _backwards(
        self, wanted: Wanted, before: bytes | None, number: int
    ) -> Iterator[tuple[Transaction, Referred]]:
        """Yield a number of transactions of the database, with their records.

        It ends before those that are too old: they may have many records.
        """
        skip = 0
        while number > 0:
            # A storage passes over all newer ones each time.
            told = self._history.backwards(skip, max(LOG_PAGE, skip // 4))
            if not told:
                return
            skip += len(told)
            older = [
                _told(each) for each in told if _is_older(tid_of_told(each), before)
            ]
            several = list(
                takewhile(lambda each: not self._is_before(each.tid, wanted), older)
            )
            is_end = len(several) < len(older)
            several = several[:number]
            number -= len(several)
            for begin in range(0, len(several), LOG_READ):
                # Who wants a few transactions does not wait for a large one before.
                some = several[begin : begin + LOG_READ]
                ends = some[-1].tid, some[0].tid
                records = self._history.records(*ends, self._now.concerns)
                yield from ((each, records.get(each.tid, {})) for each in some)
            if is_end:
                return

    def _start_at(self, tid: bytes) -> None:
        """Open the database as it was, to go back from there as far as need be."""
        if self._old is None and not self._cannot_move:
            db = self._context._p_jar.db()
            self._old = self._stack.enter_context(moving(db, tid, tid))
            self._cannot_move = self._old is None

    def _go_to(self, tid: bytes) -> None:
        """Go to the state after a transaction, whatever has changed on the way."""
        if self._old is None:
            self._start_at(tid)
        else:
            self._old.at(tid)

    def _listed(self, before: bytes | None) -> Revisions | None:
        """Return the transactions of the records of what is logged, None for many.

        Those of its containers are among them, if ``before`` is given only older ones.
        """
        records = self._near or self._records_below()
        if records is None:
            return None
        found = Revisions(
            self._history.storage,
            records,
            self._add,
            lambda oid: self._may_concern([oid]),
        )
        newest = p64(u64(self._history.now) + 1)
        for oid in self._whereabouts.containers:
            found.follow(oid, newest if before is None else before)
        self._whereabouts.follow = found.follow
        return found

    def _listed_page(
        self, wanted: Wanted, limit: int, before: bytes | None
    ) -> Page | None:
        """Return a part of the log from the transactions that are listed, if any are.

        Packed ones are left out, as where all are looked at.
        """
        with self._going_back():
            is_found = before is None or self._find_place(before)
            listed = self._listed(before if is_found else None)
            if listed is None:
                return None
            found = listed if is_found else self._with_newer_moves(listed, before)
            return self._listing(found, wanted, limit, before)

    def _find_place(self, before: bytes) -> bool:
        """Look up where the object was before a transaction; return if it was found.

        It may have been in a container to which nothing leads today.
        """
        self._go_to(p64(u64(before) - 1))
        with self._then([], before, True) as tracer:
            way = None if tracer is None else self._way(tracer)
            self._whereabouts.was(way, before)
            return tracer is None or way is not None

    def _with_newer_moves(
        self, listed: Iterable[Revised], before: bytes | None
    ) -> Iterator[Revised]:
        """Look up where the object was at each transaction that is passed over."""
        for each in listed:
            placed = self._whereabouts.concerned(each.records)
            if placed and not _is_older(each.tid, before):
                self._go_to(each.tid)
                self._states(each.tid, [], (), placed)
            yield each

    def _listing(
        self,
        listed: Iterable[Revised],
        wanted: Wanted,
        limit: int,
        before: bytes | None,
    ) -> Page:
        found: list[Transaction] = []
        newer, count = before, 0
        for each in listed:
            if self._is_before(each.tid, wanted):
                break
            if not _is_older(each.tid, before):
                continue
            if count == EXAMINED_TRANSACTIONS and newer is not None:
                return Page(found, _between(each.tid, newer))
            newer, count = each.tid, count + 1
            transaction = _listed_as(each)
            if self._is_seen(each.tid, wanted) and wanted.fits(transaction):
                self._go_to(each.tid)
                logged = self._transaction(transaction, each.records, each.made)
                if logged is not None:
                    found.append(logged)
            if len(found) == limit:
                return Page(found, each.tid)
        return Page(found, None)

    def _is_before(self, tid: bytes, wanted: Wanted) -> bool:
        """Return whether all from a transaction back are too old, or were packed."""
        if wanted.since is not None and tid < wanted.since:
            return True
        return tid <= self._packed

    def _is_seen(self, tid: bytes, wanted: Wanted) -> bool:
        until = self._history.now
        if wanted.until is not None:
            until = min(until, wanted.until)
        return tid <= until

    def _transaction(
        self, found: Transaction, records: Referred, made: set[bytes] | None
    ) -> Transaction | None:
        """Return a transaction if it changed what the caller may read.

        ``made`` are the records that it has made, None if they are not known.
        """
        own = {
            oid: references
            for oid, references in records.items()
            if oid not in self._whereabouts.containers
        }
        for oid, references in own.items():
            self._add(oid, references)
        led_to = self._led_to(own)
        placed = self._whereabouts.concerned(records)
        if not placed and not self._may_concern(led_to):
            return None
        if made is None:
            made = self._note(found.tid, own)
        before, after = self._states(found.tid, self._led_to(own), made, placed)
        changes, is_whole = self._changes(before, after)
        origin = self._origin(moved(before.way, after.way))
        if not changes and origin is None:
            return None
        record = self._record(found) if is_whole else None
        return found._replace(changes=changes, record=record, origin=origin)

    def _record(self, found: Transaction) -> bytes | None:
        """Return what is recorded of the transaction, if it is about this object."""
        return record_of(found.record, self._context._p_oid)

    def _note(self, tid: bytes, records: Referred) -> set[bytes]:
        """Note what a transaction took out: older ones may have changed that.

        Return the records that it has made.
        """
        made = set()
        for oid in records:
            references = self._history.before(oid, tid)
            if references is None:
                made.add(oid)
            else:
                self._add(oid, references)
        return made

    def _records_below(self) -> Records | None:
        """Return all records that the object leads to today, None for too many."""
        self._knows_records = True
        if self._has_too_many:
            return None
        oid = self._context._p_oid
        records = self._known.below(oid, self._outside, LISTED_RECORDS)
        if records is not None:
            self._leading.know(records)
        return records

    def _add(self, oid: bytes, references: set[bytes]) -> None:
        """Note what a record referred to once."""
        self._index.add(oid, references)
        self._leading.note(oid, references)

    def _led_to(self, oids: Iterable[bytes]) -> list[bytes]:
        """Return the records that the object leads to, or once did; all if not known.

        Nobody waits for a large index to find that out.
        """
        several = list(oids)
        if self._near is None and self._known.is_being_made():
            return several
        try:
            if not self._knows_records and len(several) > self._leading.left:
                # Most logs ask for a few.  There may be more than an index is made of.
                with suppress(TooLarge):
                    self._records_below()
            return [oid for oid in several if oid in self._leading]
        except HistoryUnavailable:
            # There is no index.
            return several

    def _may_concern(self, oids: Iterable[bytes]) -> bool:
        """Return whether records may be of the object, or were before a removal.

        A record without an owner today may have been; others are of what is elsewhere.
        """
        for oid in oids:
            try:
                owners = self._now.owners([oid], strict=False)
            except HistoryUnavailable:
                return True
            if not owners or any(self._now.keys(each) is not None for each in owners):
                return True
        return False

    def _states(
        self,
        tid: bytes,
        oids: list[bytes],
        made: Container[bytes],
        placed: list[bytes],
    ) -> tuple[_Places, _Places]:
        """Return the places before and after a transaction.

        ``made`` are the records that it has made.  Where the object itself was is
        looked up if it changed ``placed``: the object, or containers of it.
        """
        try:
            after = self._places(oids, tid, False, made, placed)
            old = [oid for oid in after.told if oid not in made]
            before = self._places(old, tid, True, (), placed)
        except POSKeyError:
            # It is packed away meanwhile: what was done is not known.
            return _UNKNOWN, _UNKNOWN
        return before, after

    def _changes(self, before: _Places, after: _Places) -> tuple[list[Change], bool]:
        """Return what was done between two states, in the order of the paths.

        And whether all of it is told.
        """
        own = before.items.keys() | after.items.keys()
        found, is_whole = set(), True
        for oid in own | before.listed.keys() | after.listed.keys():
            change = _change(before.keys(oid), after.keys(oid), oid in own)
            if change is None:
                continue
            shown = self._shown(oid, change)
            is_whole = is_whole and shown == change
            if shown is not None:
                found.add(shown)
        ordered = sorted(found, key=lambda each: [str(key) for key in each.keys])
        return ordered, is_whole

    def _places(
        self,
        oids: list[bytes],
        tid: bytes,
        before: bool,
        made: Container[bytes],
        placed: list[bytes],
    ) -> _Places:
        """Return the places of the items that records belonged to."""
        found = _Places({}, {}, oids)
        # Where the object was depends on other records of its containers, too.
        changed = None if placed else oids
        with self._then(changed, tid, before) as tracer:
            if tracer is None:
                return found
            if placed:
                found = found._replace(way=self._way_then(tracer, tid, before))
            if not before:
                oids = tracer.telling(oids, p64(u64(tid) - 1))
                found = found._replace(told=oids)
            try:
                owners = list(tracer.owners(oids, strict=False, made=made))
            except HistoryUnavailable:
                owners = oids
            for owner in owners:
                keys = tracer.keys(owner)
                if keys is not None:
                    found.items[owner] = keys
                    listed = tracer.listed(tracer.get(owner))
                    found.listed.update(
                        (oid, (*keys, key)) for oid, key in listed.items()
                    )
        return found

    def _way_then(self, tracer: RecordTracer, tid: bytes, before: bool) -> Way | None:
        """Return where the object was before or after a transaction."""
        way = self._way(tracer)
        if way is None and before:
            # It was moved: the transaction has changed what it was in, too.
            for oid in self._history.records(tid, tid).get(tid, ()):
                references = self._history.before(oid, tid)
                self._places_once.add(oid, references or ())
            way = self._way(tracer)
        self._whereabouts.was(way, tid)
        return way

    def _way(self, tracer: RecordTracer) -> Way | None:
        # The tracer knows of records below the object only.
        above = self._tracer(tracer.context, self._places_once)
        try:
            return above.way(self._whereabouts.containers)
        except HistoryUnavailable:
            return None

    @contextmanager
    def _opened(
        self, changed: list[bytes] | None, tid: bytes, before: bool
    ) -> Iterator[Any]:
        if self._old is not None:
            if before and changed is None:
                self._old.at(p64(u64(tid) - 1))
            elif before and changed is not None:
                self._old.to(tid, changed)
            yield self._old.connection
            return
        time = {"before": tid} if before else {"at": tid}
        with opened(self._context._p_jar.db(), **time) as connection:
            yield connection

    @contextmanager
    def _then(
        self, changed: list[bytes] | None, tid: bytes, before: bool
    ) -> Iterator[RecordTracer | None]:
        """Trace in the database as it was before or after a transaction.

        ``changed`` are the records that matter of those that it changed, None for all.
        """
        with self._opened(changed, tid, before) as connection:
            try:
                # A connection would log that a ghost has no record yet.
                connection._storage.load(self._context._p_oid)
                context = connection.get(self._context._p_oid)
                context._p_activate()
            except POSKeyError:
                yield None
            else:
                yield self._tracer(context, self._index)

    # What the caller may know

    def _shown(self, oid: bytes, change: Change) -> Change | None:
        """Return what the caller may know of a change, None for nothing.

        A move from or to where the caller sees nothing has one end only.
        """
        came = change
        if change.before is not None:
            went = Change("D", change.before)
            if not self._may_know(change):
                return went if self._may_know(went) else None
            if not self._may_know(went):
                came = Change("A", change.keys)
        if came.letter != "D" and not self._may_read_today(oid):
            return None
        return came if self._may_know(came) else None

    def _may_read_today(self, oid: bytes) -> bool:
        """Return whether the place that an object has today does not withhold it.

        One that is elsewhere today is not looked at, and counts as withheld.
        """
        keys = self._now.keys(oid)
        if keys is not None:
            return self._find(keys) is not None
        return self._today.in_place(oid) is None

    def _origin(self, move: Moved | None) -> tuple[str, ...] | None:
        """Return from where the object came, None if the caller may not know."""
        if move is None:
            return None
        named = [self._may_read(oid) for oid in move.containers]
        if False in named:
            return None
        if named[-1] is None:
            # It is there no more: who may read its container may know.
            above = map(self._may_read, move.above)
            if not next((each for each in above if each is not None), False):
                return None
        return move.origin

    def _may_read(self, oid: bytes) -> bool | None:
        """Return whether the caller may read a container; None if it is not there."""
        obj = self._above.get(oid)
        if obj is None:
            try:
                obj = self._today.in_place(oid)
            except HistoryUnavailable:
                return False
        return None if obj is None else self._access(obj, False) is not None

    def _may_know(self, change: Change) -> bool:
        keys = change.keys
        if change.letter == "D":
            # It is there no more: who may read its container may know.
            keys = keys[:-1]
            while keys and self._find(keys) is _gone:
                keys = keys[:-1]
            return self._find(keys) is not None
        found = self._find(keys)
        if found is _gone:
            return self._may_know(Change("D", keys))
        return found is not None

    def _find(self, keys: Keys) -> Any:
        """Return an object of today, None if withheld, `_gone` if none is there."""
        if keys not in self._readable:
            self._readable[keys] = self._look_up(keys)
        found = self._readable[keys]
        return found if found is None or found is _gone else found[0]

    def _look_up(self, keys: Keys) -> Any:
        if not keys:
            synchronizer = self._access(self._published, False)
            return None if synchronizer is None else (self._published, synchronizer)
        self._find(keys[:-1])
        above = self._readable[keys[:-1]]
        if above is None or above is _gone:
            return above
        owner, synchronizer = above
        try:
            obj = child(synchronizer, keys[-1])
        except (LookupError, TypeError, AttributeError):
            return _gone
        found = self._access(obj, False, owner)
        return None if found is None else (obj, found)


class _Places(NamedTuple):
    """The keys of items by oid: of those that changed, and of what these list.

    ``told`` are the records whose changes tell something.  ``way`` is that of the
    object itself, if it was looked up.
    """

    items: dict[bytes, Keys]
    listed: dict[bytes, Keys]
    told: list[bytes]
    way: Way | None = None

    def keys(self, oid: bytes) -> Keys | None:
        return self.items.get(oid, self.listed.get(oid))


#: The places in a state that is packed away.
_UNKNOWN = _Places({}, {}, [])


def _change(before: Keys | None, after: Keys | None, own: bool) -> Change | None:
    """Return what happened to an item; ``own`` is whether a record of it changed."""
    if after is None:
        assert before is not None
        return Change("D", before)
    if before is None:
        return Change("A", after)
    if before != after:
        # What is in a folder moves with it.
        moved = own or before[-1] != after[-1]
        return Change("R", after, before) if moved else None
    return Change("M", after) if own else None


#: Stands for an object that is not there today.
_gone = object()


def _is_older(tid: bytes, before: bytes | None) -> bool:
    return before is None or tid < before


def _between(older: bytes, newer: bytes) -> bytes:
    """Return a time after a transaction and not after a newer one.

    It is as round as can be: who may see neither learns little of when they were.
    """
    kept = (u64(older) ^ u64(newer)).bit_length() - 1
    found: bytes = p64(u64(newer) >> kept << kept)
    return found


def _told(told: dict[str, Any]) -> Transaction:
    """Return a transaction without changes."""
    return _transaction(tid_of_told(told), told)


def _transaction(tid: bytes, told: dict[str, Any]) -> Transaction:
    user, note = text_of(told["user_name"]), text_of(told["description"])
    return Transaction(
        tid, float(told["time"]), user_name(user), _note(note), [], told.get(RECORD)
    )


def _listed_as(found: Revised) -> Transaction:
    """Return a transaction without changes, from the history of a record."""
    return _transaction(found.tid, found.told)


def _version_alone(version: Version) -> Transaction:
    """Return a version of which the transaction is no longer kept."""
    tid = tid_of(version.time)
    return Transaction(tid, version.time, version.user, "", [], versions=(version,))


def _note(text: str) -> str:
    """Return a message; Zope puts the path of the request on a line before it."""
    first, _, rest = text.partition("\n")
    return rest.strip() if first.startswith("/") and rest.strip() else text.strip()
