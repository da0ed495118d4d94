"""Show progress on a terminal: phase, objects, bytes, and speed.

Nothing is shown in the first half second of a command, or if standard error is not a
terminal.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import NamedTuple
from typing import TextIO

from zope.fssync.contracts import keeps
from zope.fssync.limits import DEFAULT_COLUMNS
from zope.fssync.limits import PROGRESS_DELAY
from zope.fssync.limits import PROGRESS_INTERVAL
from zope.fssync.terminal import escape

__all__ = ["TerminalProgress", "human_size"]


class _State(NamedTuple):
    """The state of a phase: bytes, their total, seconds, and objects."""

    phase: str
    done: int
    total: int | None
    seconds: float
    objects: tuple[int | None, int, str] | None

    @classmethod
    def begun(cls, phase: str) -> _State:
        return cls(phase, 0, None, 0.0, None)


@keeps("zope.app.fssync.client.interfaces.IProgress")
class TerminalProgress:
    """Rewrite one line of ``stream``.

    A timer shows the line if there is no progress for a while.
    """

    def __init__(
        self, stream: TextIO, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._stream = stream
        self._clock = clock
        self._lock = threading.Lock()
        self._next = clock() + PROGRESS_DELAY
        self._state = _State.begun("")
        self._began = 0.0
        self._shown = 0
        self._timer: threading.Timer | None = None
        self._stopped = False

    def __call__(self, phase: str, done: int, total: int | None = None) -> None:
        if self._stopped:
            return
        with self._lock:
            now = self._clock()
            is_new = self._begin(phase, now)
            seconds = now - self._began
            self._state = self._state._replace(done=done, total=total, seconds=seconds)
            if now >= self._next or (self._shown and is_new):
                self._next = now + PROGRESS_INTERVAL
                self._show()
            elif self._timer is None and not self._shown:
                self._timer = threading.Timer(self._next - now, self._late)
                self._timer.daemon = True
                self._timer.start()

    def objects(self, phase: str, done: int | None, total: int, word: str = "") -> None:
        # Shown at the next progress of the bytes.
        with self._lock:
            self._begin(phase, self._clock())
            self._state = self._state._replace(objects=(done, total, word))

    def _begin(self, phase: str, now: float) -> bool:
        """Begin a phase; return False if it has begun before."""
        if phase == self._state.phase:
            return False
        self._began, self._state = now, _State.begun(phase)
        return True

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
        """Stop showing progress: a pager uses the terminal."""
        self._stopped = True
        self.finish()

    def _width(self) -> int:
        """Return the width of a line; a longer one could not be erased."""
        try:
            return os.get_terminal_size(self._stream.fileno()).columns - 1
        except (OSError, ValueError):
            return DEFAULT_COLUMNS - 1

    def _late(self) -> None:
        with self._lock:
            if self._timer is threading.current_thread():
                self._show()

    def _show(self) -> None:
        text = describe(self._state)[: self._width()]
        self._stream.write("\r" + text.ljust(self._shown))
        self._stream.flush()
        self._shown = max(len(text), self._shown)


def describe(state: _State) -> str:
    """Return ``receiving 2 of about 3 objects, 1.5 MB, 2.0 kB/s``, or what is known."""
    phase, done, total, seconds, objects = state
    parts = []
    if objects is not None:
        through, all, word = objects
        before = ("" if through is None else f"{through:,} of ") + f"{word} " * bool(
            word
        )
        parts.append(f"{before}{all:,} object{'s' * (all != 1)}")
    if total:
        percent = min(100, done * 100 // total)
        parts.append(f"{human_size(done)} of {human_size(total)} ({percent}%)")
    elif done:
        parts.append(human_size(done))
    if done and seconds >= PROGRESS_DELAY:
        parts.append(f"{human_size(int(done / seconds))}/s")
    return f"{escape(phase)} {', '.join(parts) or '...'}"


def human_size(size: int) -> str:
    """Return ``size`` in a readable unit."""
    if size < 1000:
        return f"{size} bytes"
    amount = float(size)
    for unit in ("kB", "MB", "GB"):
        amount /= 1000
        if amount < 1000:
            return f"{amount:.1f} {unit}"
    return f"{amount / 1000:.1f} TB"
