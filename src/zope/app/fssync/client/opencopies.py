"""Open working copies for the verbs of a client, and collect their results."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from contextlib import ExitStack
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from zope.app.fssync.client.session import ChangingSession
from zope.app.fssync.client.session import HeldReport
from zope.app.fssync.client.session import Session
from zope.app.fssync.client.session import changing
from zope.app.fssync.client.session import reading
from zope.app.fssync.client.workingcopy.compactwriter import CompactWriter
from zope.app.fssync.client.workingcopy.workingcopy import WorkingCopy
from zope.fssync.files import DISK
from zope.fssync.report import BOTH
from zope.fssync.report import CONFLICT
from zope.fssync.report import Change

if TYPE_CHECKING:
    from zope.app.fssync.client.workingcopy.compactchanges import CompactChanges

__all__ = ["OpenCopies"]


class OpenCopies:
    """The working copies of a client, one open at a time.

    ``report`` is called with each change that was made.  See `IClient` for
    ``conflicts``, ``later``, ``transaction`` and ``rehearsing``.
    """

    def __init__(self, report: Callable[[str], object]) -> None:
        self.report = report
        #: Sessions of local verbs that stay open for the next target.
        self._shared: ExitStack | None = None
        self.conflicts: list[str] = []
        self.later: list[str] = []
        self.transaction: str | None = None
        self.rehearsing = False

    @cached_property
    def session(self) -> Session:
        """The session that is open, else one of no working copy.

        Programs change files through that, too, as with release 3.6.0.
        """
        return Session(files=CompactWriter(DISK), reporter=self.report)

    def registered(self, target: str) -> list[str]:
        """Return the registered paths that a target stands for."""
        self.session = reading(target, self.report, self.session)
        return self.session.registered(target)

    @contextmanager
    def changing(
        self, target: str, verb: str, named: str | None = None
    ) -> Iterator[ChangingSession]:
        """Open the working copy of ``target``, or share the one that is open.

        ``named`` is the target as the user typed it, for errors.
        """
        copy = WorkingCopy.find(target, named)
        if self._shared is None:
            with self._opened(copy, verb) as session:
                yield session
            return
        shared = self.session
        if not isinstance(shared, ChangingSession) or shared.root != copy.root:
            self._shared.close()
            shared = self._shared.enter_context(self._opened(copy, verb))
        yield shared

    @contextmanager
    def sharing(self) -> Iterator[None]:
        """Let the verbs of the block that change one working copy share its session."""
        try:
            with ExitStack() as self._shared:
                yield
        finally:
            self._shared = None

    @contextmanager
    def _opened(self, copy: WorkingCopy, verb: str) -> Iterator[ChangingSession]:
        with HeldReport(self.report) as report:
            try:
                with changing(copy, verb, report.add) as session:
                    self.session = session
                    yield session
                    if self.rehearsing:
                        session.restart()
                self.take(session)
            finally:
                vars(self).pop("session", None)

    @contextmanager
    def converting(
        self, copy: WorkingCopy, verb: str, layout: int
    ) -> Iterator[CompactChanges]:
        """Open a working copy to change its layout."""
        with copy.converting(verb, layout) as changes:
            yield changes
        for path in changes.journal.kept:
            self.report(Change(CONFLICT, path, "C", BOTH))
            self.conflicts.append(path)

    def take(self, session: ChangingSession) -> None:
        """Collect the results of a session that has ended."""
        self.conflicts.extend(session.conflicts)
        self.later.extend(session.later)
        self.transaction = session.transaction or self.transaction
