"""The loop of a watch: it waits for changes of files and of the server."""

from __future__ import annotations

import queue
from collections.abc import Callable
from contextlib import AbstractContextManager
from contextlib import ExitStack
from contextlib import nullcontext
from time import monotonic

from zope.app.fssync.client.fileevents import Scan
from zope.app.fssync.client.fileevents import noticing
from zope.app.fssync.client.news import News
from zope.app.fssync.client.response import find
from zope.app.fssync.client.watching import TRANSIENT
from zope.app.fssync.client.watching import Watch
from zope.fssync.errors import Error
from zope.fssync.errors import Locked
from zope.fssync.limits import WATCH_AWAY
from zope.fssync.limits import WATCH_SCAN

__all__ = ["Loop"]

_HERE, _THERE, _STOP, _AWAY, _YES, _NO, _WAKE = range(7)


class Loop:
    """Run a `Watch` until `stop` is called, by a signal or another thread."""

    def __init__(
        self, watch: Watch, tell: Callable[[str, str, str | None], object]
    ) -> None:
        self.watch = watch
        self._tell = tell
        self._events: queue.SimpleQueue[int] = queue.SimpleQueue()
        #: The times at which to check the files, ask the server, and scan for changes.
        self._push_at: float | None = None
        self._pull_at: float | None = None
        self._scan_at: float | None = None
        self._scan: Scan | None = None
        self._news: News | None = None
        self._away = 0.0
        self._ended = False

    def stop(self, *ignored: object) -> None:
        """End the loop after the current action."""
        self._events.put(_STOP)

    def wake(self) -> None:
        """End the current wait, so that handlers of signals run."""
        self._events.put(_WAKE)

    def answer(self, yes: bool) -> None:
        """Queue an answer of the user."""
        self._events.put(_YES if yes else _NO)

    def once(self) -> None:
        """Synchronize both sides once."""
        rules, watch = self.watch.rules, self.watch
        if rules.push:
            again = watch.push()
            while again is not None and not (watch.asked or watch.conflicts):
                self._wait(again)
                again = watch.push()
        if rules.pull:
            watch.pull()

    def run(
        self, answering: Callable[[], AbstractContextManager[None]] = nullcontext
    ) -> None:
        """Synchronize both sides whenever one of them changes.

        ``answering`` makes a context manager that reads answers of the user.  It is
        entered after the login, for which the user may be asked as well.
        """
        rules = self.watch.rules
        with ExitStack() as stack:
            if rules.push:
                told = stack.enter_context(
                    noticing(self.watch.root, lambda: self._events.put(_HERE))
                )
                if not told:
                    self._scan = Scan(self.watch.root)
                    self._scan_at = monotonic() + self._scan.pause
                self._push_at = monotonic()
            if rules.pull:
                self._pull_at = monotonic()
                # The first round may ask for a login: it runs before `answering`.
                self._work()
                self._listen(stack)
            stack.enter_context(answering())
            how = "the system" if self._scan is None else "looking at them"
            self._tell(
                "watching",
                f"Watching; changes of files are told by {how}."
                if rules.push
                else "Watching the server.",
                None,
            )
            while not self._ended:
                self._step()

    def _listen(self, stack: ExitStack) -> None:
        network = self.watch.fs.network.twin()
        path = find(network, self.watch.target)
        self._news = News(
            network,
            path,
            lambda: self.watch.received,
            lambda: self._events.put(_THERE),
            lambda error: self._events.put(_AWAY),
        )
        stack.callback(self._news.stop)
        self._news.start()

    def _step(self) -> None:
        pull_at = self._pull_at if self.watch.may_pull() else None
        times = [self._push_at, pull_at, self._scan_at]
        due = min((each for each in times if each is not None), default=None)
        self._wait(None if due is None else max(0.0, due - monotonic()))
        if not self._ended:
            self._look()
            self._work()

    def _wait(self, seconds: float | None) -> None:
        """Wait for an event, and process it."""
        try:
            event = self._events.get(timeout=seconds)
        except queue.Empty:
            return
        now = monotonic()
        if event == _STOP:
            self._ended = True
        elif event == _HERE:
            self._push_at = now + self.watch.rules.quiet
        elif event == _THERE:
            self._pull_at = now
        elif event == _AWAY:
            self._lose("the server does not answer")
        elif event != _WAKE:
            self.watch.answer(event == _YES)
            self._push_at = self._pull_at = now

    def _look(self) -> None:
        now = monotonic()
        if self._scan is None or self._scan_at is None or now < self._scan_at:
            return
        if self._scan.has_changed():
            self._push_at = monotonic() + self.watch.rules.quiet
        self._scan_at = monotonic() + self._scan.pause

    def _work(self) -> None:
        """Do what is due: commit before update."""
        now = monotonic()
        try:
            if self._push_at is not None and now >= self._push_at:
                before = self.watch.fs.transaction
                again = self.watch.push()
                self._push_at = None if again is None else monotonic() + again
                if self.watch.fs.transaction != before or self.watch.brings_back():
                    # Others may have committed in between.
                    self._pull_at = now
            if self.watch.rules.pull and self._is_due(now):
                self.watch.pull()
                self._find_again()
                if self.watch.may_pull():
                    self._pull_at = None
                    if self._news is not None:
                        self._news.received()
        except Locked:
            # Another command is running; it will end soon.
            self._retry(WATCH_SCAN)
        except TRANSIENT as error:
            self._lose(error.message)
            self._away = min(max(2 * self._away, WATCH_AWAY[0]), WATCH_AWAY[1])
            self._retry(self._away)
        except Error as error:
            if self._news is None and self.watch.rules.pull:
                # The first request has failed.
                raise
            self._tell("error", str(error), error.path)
            self._retry(WATCH_AWAY[1])

    def _is_due(self, now: float) -> bool:
        return (
            self._pull_at is not None and now >= self._pull_at and self.watch.may_pull()
        )

    def _retry(self, seconds: float) -> None:
        later = monotonic() + seconds
        if self.watch.rules.push:
            self._push_at = later
        if self.watch.rules.pull:
            self._pull_at = later

    def _lose(self, why: str) -> None:
        if not self._away:
            self._tell("waiting", f"Waiting for the server: {why}", None)
            self._away = WATCH_AWAY[0]
            self._retry(self._away)

    def _find_again(self) -> None:
        if self._away:
            self._away = 0.0
            self._tell("back", "The server answers again.", None)
