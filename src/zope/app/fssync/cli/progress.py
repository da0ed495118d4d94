"""Progress on a terminal: phase, done of total, bytes.

Nothing is shown in the first half second of a command, and nothing at all where
standard error is no terminal.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TextIO

from zope.interface import implementer

from zope.app.fssync.client.interfaces import IProgress
from zope.fssync.limits import PROGRESS_DELAY
from zope.fssync.limits import PROGRESS_INTERVAL
from zope.fssync.terminal import escape

__all__ = ["TerminalProgress", "human_size"]


@implementer(IProgress)
class TerminalProgress:
    """Rewrites one line of ``stream``.

    A timer shows the line where nothing is told for long.
    """

    def __init__(
        self, stream: TextIO, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._stream = stream
        self._clock = clock
        self._lock = threading.Lock()
        self._next = clock() + PROGRESS_DELAY
        self._state: tuple[str, int, int | None] = ("", 0, None)
        self._shown = 0
        self._timer: threading.Timer | None = None
        self._stopped = False

    def __call__(self, phase: str, done: int, total: int | None = None) -> None:
        if self._stopped:
            return
        with self._lock:
            before, self._state = self._state, (phase, done, total)
            now = self._clock()
            if now >= self._next or (self._shown and phase != before[0]):
                self._next = now + PROGRESS_INTERVAL
                self._show()
            elif self._timer is None and not self._shown:
                self._timer = threading.Timer(self._next - now, self._late)
                self._timer.daemon = True
                self._timer.start()

    def finish(self) -> None:
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = None
            if self._shown:
                self._stream.write("\r" + " " * self._shown + "\r")
                self._stream.flush()
            self._shown = 0
            self._next = self._clock() + PROGRESS_DELAY

    def stop(self) -> None:
        """Show nothing any more: a pager has the terminal."""
        self._stopped = True
        self.finish()

    def _late(self) -> None:
        with self._lock:
            if self._timer is threading.current_thread():
                self._show()

    def _show(self) -> None:
        text = describe(*self._state)
        self._stream.write("\r" + text.ljust(self._shown))
        self._stream.flush()
        self._shown = max(len(text), self._shown)


def describe(phase: str, done: int, total: int | None) -> str:
    """Return ``receiving 1.5 MB of 3.0 MB (50%)`` or what of it is known."""
    phase = escape(phase)
    if total:
        percent = min(100, done * 100 // total)
        return f"{phase} {human_size(done)} of {human_size(total)} ({percent}%)"
    return f"{phase} {human_size(done)}" if done else f"{phase} ..."


def human_size(size: int) -> str:
    """Return ``size`` in the unit that a person would use."""
    if size < 1000:
        return f"{size} bytes"
    amount = float(size)
    for unit in ("kB", "MB", "GB"):
        amount /= 1000
        if amount < 1000:
            return f"{amount:.1f} {unit}"
    return f"{amount / 1000:.1f} TB"
