"""Fetch the new transactions of a server into a clone.

The modules that write commits are imported only if there are any.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Mapping
from typing import TYPE_CHECKING
from typing import NamedTuple

from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.git.clone import Clone
from zope.app.fssync.client.git.clone import Known
from zope.app.fssync.client.git.plumbing import FastImport
from zope.app.fssync.client.git.plumbing import TreeFile
from zope.app.fssync.client.log import Logged
from zope.app.fssync.client.log import Query
from zope.app.fssync.client.log import log_pages
from zope.app.fssync.client.response import ask
from zope.app.fssync.client.response import fetch
from zope.app.fssync.client.transactionids import time_of
from zope.app.fssync.protocol.headers import NO_STATE
from zope.app.fssync.protocol.headers import transaction_of
from zope.fssync.errors import AccessDenied
from zope.fssync.errors import ArchiveDamaged
from zope.fssync.errors import Error
from zope.fssync.errors import NotThere
from zope.fssync.errors import OutOfDate

if TYPE_CHECKING:
    from zope.app.fssync.client.git.history import History

__all__ = ["Fetch", "began", "write"]

#: Called with the number of transactions received, and their total.
Progress = Callable[[int, int], object]


class Fetch:
    """Fetch new transactions of a server into a clone.

    ``depth`` is the number of transactions that a new clone gets, None for all.
    """

    def __init__(
        self,
        clone: Clone,
        network: Network,
        depth: int | None = None,
        progress: Progress = lambda done, total: None,
    ) -> None:
        self._clone = clone
        self._network = network
        self._depth = depth
        self._progress = progress
        self._path = network.rootpath or "/"

    def __call__(
        self, own: Mapping[str, str] | None = None, for_git: Collection[str] = ()
    ) -> Known:
        """Fetch the new transactions, and return the new state of the clone.

        ``own`` maps transactions to the commits that this clone pushed; ``for_git``
        are the files in them that only git needs.
        """
        known = self._clone.known()
        news = None if known.state else self._news(known)
        if news is None:
            after = self._commit_state(known, own or {}, for_git)
        elif news.logged:
            after = self._commit_transactions(known, news, own or {}, for_git)
        else:
            return known
        if after != known:
            self._clone.keep(after)
        return after

    def _news(self, known: Known) -> _News | None:
        """Return the new transactions, None if the history cannot be read."""
        since = known.transaction or None
        limit = None if since else self._depth
        query = Query(limit=limit, since=since, records=True)
        logged: list[Logged] = []
        packed = ""
        try:
            for page in log_pages(self._network, self._path, query, since or ""):
                if not page.has_history:
                    return None
                logged += page.transactions
                packed = page.packed
        except OutOfDate as error:
            raise self._restored(error) from error
        except (AccessDenied, NotThere) as error:
            if since or not self._may_read():
                raise
            self._network.warn_once(
                f"warning: the history cannot be read, a fetch is one commit: "
                f"{error.message}"
            )
            return None
        # Older entries are versions that the application itself keeps.
        logged = [each for each in logged if each.id > packed]
        logged.reverse()
        if logged and logged[0].id == since:
            # The history is complete since the last fetch, packed or not.
            return _News(logged[1:])
        if limit is not None and len(logged) >= limit:
            return _News(logged, is_cut=True)
        if packed and packed > (since or ""):
            # The state at the pack becomes the first commit.
            return _News([began(packed, page.begins or 0), *logged], True)
        return _News(logged, not since) if logged or since else None

    def _restored(self, error: OutOfDate) -> Error:
        place = self._clone.directory
        return Error(
            f"{error.msg}: it was put back from a backup",
            path=place,
            advice="Nothing was changed here, and your branches have all that it lost. "
            f"To go on with what it has now, delete the directory {place} and fetch "
            "again; then rebase your commits.",
        )

    def _may_read(self) -> bool:
        """Return True if the object exists and the user may read it."""
        try:
            fp, _ = ask(self._network, self._path, NO_STATE)
        except (AccessDenied, NotThere):
            return False
        fp.close()
        return True

    def _commit_state(
        self, known: Known, own: Mapping[str, str], for_git: Collection[str]
    ) -> Known:
        """Make one commit of the current state of the server.

        Its parent is the pushed commit, if any, else the last one fetched.
        """
        # The changes since a state may lack some objects, as those with other names.
        for state in (known.state, NO_STATE):
            after = self._commit_since(state or NO_STATE, known, own, for_git)
            if after is not None:
                return after
        raise ArchiveDamaged("the server did not send all objects")

    def _commit_since(
        self,
        state: str,
        known: Known,
        own: Mapping[str, str],
        for_git: Collection[str],
    ) -> Known | None:
        """Make the commit from the changes since a state, None if they lack some."""
        from zope.app.fssync.client.git.history import History

        before = next(iter(own.values()), known.tip)
        with (
            fetch(self._network, self._path, state) as response,
            FastImport(self._clone.git, self._clone.reference) as writer,
        ):
            if response.back:
                raise self._restored(OutOfDate("the database of the server is older"))
            here = for_git if own else known.for_git
            history = History(
                self._clone, writer, before, {}, here, shared=known.shared
            )
            now = transaction_of(response.state) or ""
            tid = now.removeprefix("0x") or f"{known.transaction}"
            when = time_of(tid) if tid else time.time()
            if not history.add(Logged(tid, when, "", _PRESENT), response.archive):
                return None
            tip = history.tip
            if before and writer.look(tip) == self._tree(before):
                tip = before
        return known._replace(
            tip=tip,
            transaction=tid,
            state=response.state or _NONE,
            for_git=history.for_git,
            shared=history.shared,
        )

    def _tree(self, commit: str) -> TreeFile:
        tree = self._clone.git.line("rev-parse", f"{commit}^{{tree}}")
        return TreeFile("040000", tree)

    def _commit_transactions(
        self,
        known: Known,
        news: _News,
        own: Mapping[str, str],
        for_git: Collection[str],
    ) -> Known:
        from zope.app.fssync.client.git.history import History

        git, logged = self._clone.git, news.logged
        with FastImport(git, self._clone.reference) as writer:
            history = History(
                self._clone,
                writer,
                known.tip,
                own,
                known.for_git,
                for_git,
                known.shared,
            )
            where = self._network, self._path
            is_whole = news.is_whole or not known.tip
            write(history, where, logged, is_whole, self._progress)
        if news.is_cut:
            self._clone.set_shallow(self._clone.first_commits(history.tip))
        last = logged[-1].id
        return known._replace(
            tip=history.tip,
            transaction=last,
            for_git=history.for_git,
            shared=history.shared,
        )


def write(
    history: History,
    where: tuple[Network, str],
    logged: list[Logged],
    is_whole: bool,
    progress: Progress,
) -> None:
    """Write the commits of transactions; ``where`` is the server and the path there.

    ``is_whole`` asks for the whole object with the first one.
    """
    from zope.app.fssync.client.git.replaying import replayed

    found = replayed(*where, logged, is_whole)
    for done, (each, archive) in enumerate(found, 1):
        if not history.add(each, archive):
            for _, whole in replayed(*where, [each], True):
                history.add(each, whole)
        progress(done, len(logged))


def began(packed: str, begins: float) -> Logged:
    """Return the transaction with which a packed history begins."""
    return Logged(packed, begins, "", _BEGINS)


class _News(NamedTuple):
    """New transactions; ``is_whole`` asks for the whole object with the first one.

    If the log ``is_cut`` there may be older ones.
    """

    logged: list[Logged]
    is_whole: bool = False
    is_cut: bool = False


_BEGINS = "History begins here: what was before has been packed away"
_PRESENT = "What the server has now"
#: Kept as the state of a server that sends no state token.
_NONE = NO_STATE
