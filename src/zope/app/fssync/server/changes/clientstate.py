"""The state of one client, before a request and after its response."""

from __future__ import annotations

import hashlib
import json
import logging
import re
from typing import Any

import transaction
from ZODB.utils import p64
from ZODB.utils import u64

from zope.app.fssync.server.changes.catchingup import catch_up
from zope.app.fssync.server.changes.fingerprint import conditions
from zope.app.fssync.server.changes.history import COMMIT
from zope.app.fssync.server.changes.history import History
from zope.app.fssync.server.changes.history import HistoryUnavailable
from zope.app.fssync.server.changes.latest import readable
from zope.app.fssync.server.changes.receipts import has_receipt
from zope.app.fssync.server.changes.receipts import keep_receipt
from zope.app.fssync.server.changes.referrers import referrers
from zope.app.fssync.server.changes.token import State
from zope.fssync.cached import cached_property
from zope.fssync.errors import UsageError
from zope.fssync.limits import CHANGED_RECORDS
from zope.fssync.limits import SEARCHED_TRANSACTIONS
from zope.fssync.limits import STATE_PARTS
from zope.fssync.task.delta import Changed

__all__ = ["ClientState"]

log = logging.getLogger(__name__)

#: The id of a commit: the id of the working copy, and a digest.
_commit_form = re.compile(r"[0-9a-f]{16}-[0-9a-f]{32}")

#: The form in which a client names a transaction that it has seen.
_seen_form = re.compile(r"[0-9a-f]{16}")


class ClientState:
    """The state of one client, for an object and one request.

    ``text`` is the header of the request: a state, followed by newer states, states of
    parts and ids of commits.  A client that keeps no state sends `NO_STATE` followed by
    the transactions that it has seen.  No error is raised if the header is not valid,
    or the database has no answer: everything is sent then.  ``commit`` is the id of
    the requested commit, if it has one.

    Use `changed`, `news` and `is_intact` before the request changes an object, `state`
    and `seen` after all objects have been read.
    """

    def __init__(
        self,
        context: Any,
        host: Any,
        access: Any,
        text: str | None,
        commit: str | None = None,
    ) -> None:
        if commit and not _commit_form.fullmatch(commit):
            raise UsageError("this is not the id of a commit")
        self._commit = commit
        self._context = host.bare(context)
        self._host = host
        self._access = access
        self._wanted = text is not None
        said, *newer = (text or "").split() or [""]
        self._said = State.parse(said)
        self._newer = newer
        self._sent = [said, *newer][:STATE_PARTS]
        #: What has changed for other reasons than the request.
        self._disregarded: frozenset[bytes] = frozenset()

    @cached_property
    def _history(self) -> History | None:
        connection = getattr(self._context, "_p_jar", None)
        if not self._wanted or connection is None:
            return None
        try:
            return History(connection)
        except HistoryUnavailable:
            return None

    @cached_property
    def _conditions(self) -> str | None:
        fingerprint = self._host.fingerprint()
        if fingerprint is None:
            return None
        text = json.dumps([fingerprint, *conditions()])
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    @cached_property
    def _base(self) -> State | None:
        """The client's state, None unless it fits this object and this database."""
        state, history = self._said, self._history
        if state is None or history is None or state.conditions != self._conditions:
            return None
        if not any(obj._p_oid == state.oid for obj in self._line()):
            return None
        try:
            if state.tid > history.now:
                catch_up(self._context._p_jar, state.tid)
                return None
            if not history.has(state.tid):
                return None
            return state if self._are_stored(state, history) else None
        except HistoryUnavailable:
            return None

    def _are_stored(self, base: State, history: History) -> bool:
        """Return whether all newer states and commits of the client are still stored.

        If not, the database was restored from a backup.
        """
        return len(self._newer) <= STATE_PARTS and all(
            self._is_stored(each, base, history) for each in self._newer
        )

    def _is_stored(self, newer: str, base: State, history: History) -> bool:
        connection, state = self._context._p_jar, State.parse(newer)
        if state is not None:
            if state.tid > history.now:
                catch_up(connection, state.tid)
            # With other permissions the client may have received other objects.
            return state.conditions == self._conditions and history.has(state.tid)
        if has_receipt(connection, newer) or history.has_commit(
            newer, base.tid, CHANGED_RECORDS
        ):
            return True
        catch_up(connection, p64(u64(history.now) + 1))
        return False

    @cached_property
    def went_back(self) -> bool:
        """Whether the database has lost transactions that the client has seen.

        That is so after it was restored from a backup.  Transactions that may have
        been packed away do not count.
        """
        history = self._history
        if history is None or self._base is not None:
            return False
        tids = [tid for tid in map(_seen, self._sent) if tid is not None]
        if any(self._is_lost(tid, history) for tid in tids):
            return True
        commits = [each for each in self._sent if _commit_form.fullmatch(each)]
        oldest = min(tids, default=None)
        return oldest is not None and any(
            self._is_undone(commit, oldest, history) for commit in commits
        )

    def _is_lost(self, tid: bytes, history: History) -> bool:
        if tid > history.now:
            catch_up(self._context._p_jar, tid)
            return True
        try:
            return not history.has(tid) and not history.may_have_packed(tid)
        except HistoryUnavailable:
            return False

    def _is_undone(self, commit: str, tid: bytes, history: History) -> bool:
        """Return whether the database has lost a commit done after a transaction."""
        connection = self._context._p_jar
        if has_receipt(connection, commit):
            return False
        if connection.db().supportsUndo():
            try:
                if history.has_commit(
                    commit, tid, CHANGED_RECORDS
                ) or history.may_have_packed(tid):
                    return False
            except HistoryUnavailable:
                return False
        catch_up(connection, p64(u64(history.now) + 1))
        return True

    def _line(self) -> list[Any]:
        """Return the object and its containers, innermost first."""
        line, obj = [], self._context
        while obj is not None:
            line.append(obj)
            obj = self._host.bare(self._host.parent(obj))
        return line

    @cached_property
    def changed(self) -> Changed | None:
        """The changes since the client's state, None if they are unknown."""
        base, history = self._base, self._history
        if base is None or history is None:
            return None
        if base.tid == history.now:
            return Changed()
        return self._changes()

    @cached_property
    def _others(self) -> Changed | None:
        """The changes by others: all except the commits of this working copy."""
        base, history = self._base, self._history
        if base is None or history is None or base.tid == history.now:
            return self.changed
        return self._changes(self._own_commits())

    def _changes(
        self, without: str | None = None, since: bytes | None = None
    ) -> Changed | None:
        base = self._base
        assert base is not None
        try:
            changed: Changed = self._host.changes(
                self._context,
                self._history,
                since or base.tid,
                base.references,
                without,
            )
        except HistoryUnavailable:
            return None
        except (MemoryError, *self._host.fatal):
            raise
        except Exception:
            # Any object of the database may be read here, and may be damaged.
            log.warning("the changes cannot be found out", exc_info=True)
            return None
        return changed

    def is_intact(self, obj: Any) -> bool:
        """Return True if nobody else can have changed an object or anything below it.

        The object is below the context.  Commits of this working copy do not count.
        """
        if self._others is None:
            return False
        keys: list[Any] = []
        obj = self._host.bare(obj)
        while obj is not None and obj._p_oid != self._context._p_oid:
            keys.append(self._host.name(obj))
            obj = self._host.bare(self._host.parent(obj))
        found: Changed | None = self._others
        for key in reversed(keys):
            if found is None or "tree" in found.marks:
                break
            found = found.items.get(key)
        return not found

    def state(self, references: bool) -> str | None:
        """Return the state of the client after the response, None if there is none.

        ``references`` is True if an object that was read refers to others by path.
        """
        history = self._history
        if history is None or self._conditions is None:
            return None
        if not self._access.self_contained or self.seen() is None:
            return None
        if self._base is not None and self.changed is not None:
            references = references or self._base.references
        oid, connection = self._context._p_oid, self._context._p_jar
        # The next request may have news, and then needs the index.
        referrers(connection).prepare(connection.db())
        return str(State(history.now, oid, self._conditions, references))

    def seen(self) -> str | None:
        """Return the last transaction that the response shows, None if unknown."""
        history = self._history
        if history is None or len(self._context._p_jar.connections) > 1:
            # Objects in another database have a history of their own.
            return None
        return history.now.hex()

    def news(self) -> int:
        """Return the number of objects that others changed after the client's state.

        Only objects that the caller may read are counted; zero if the changes are
        unknown.
        """
        found, base = self._others, self._base
        if found and base is not None and (seen := self._seen(base)) != base.tid:
            found = self._changes(self._own_commits(), seen)
        if found is None:
            return 0
        return sum(1 for _ in readable(self._context, found, self._access))

    def _seen(self, base: State) -> bytes:
        """Return the newest transaction that the client knows.

        After an update with conflicts the client sends its old state and a newer one.
        """
        line = {obj._p_oid for obj in self._line()}
        states = filter(None, map(State.parse, self._newer))
        return max([base.tid, *(each.tid for each in states if each.oid in line)])

    def _own_commits(self) -> str | None:
        """Return the prefix of the ids of all commits of this working copy."""
        return self._commit and self._commit.partition("-")[0] + "-"

    def is_done(self) -> bool:
        """Return True if the commit was done before and only its response was lost."""
        connection = getattr(self._context, "_p_jar", None)
        if not self._commit or connection is None:
            return False
        if has_receipt(connection, self._commit):
            return True
        if self._base is None or self._history is None:
            return False
        try:
            return self._history.has_commit(
                self._commit, self._base.tid, SEARCHED_TRANSACTIONS
            )
        except HistoryUnavailable:
            return False

    def disregard(self) -> None:
        """Let `changes_nothing` pass over what has changed so far."""
        self._disregarded = self._registered

    @property
    def _registered(self) -> frozenset[bytes]:
        connection = getattr(self._context, "_p_jar", None)
        objects = () if connection is None else connection._registered_objects
        return frozenset(each._p_oid for each in objects)

    def changes_nothing(self) -> bool:
        """Return True if the request has changed no object of the database."""
        connection = getattr(self._context, "_p_jar", None)
        return connection is not None and not (
            self._registered - self._disregarded
            or connection._added
            or connection._savepoint_storage
        )

    def label(self) -> None:
        """Record the id of the commit with this transaction."""
        if self._commit:
            transaction.get().setExtendedInfo(COMMIT, self._commit)
            connection = getattr(self._context, "_p_jar", None)
            if connection is not None:
                keep_receipt(connection, self._commit)


def _seen(text: str) -> bytes | None:
    """Return the transaction that a client names, by a state or by its id."""
    state = State.parse(text)
    if state is not None:
        return state.tid
    return bytes.fromhex(text) if _seen_form.fullmatch(text) else None
