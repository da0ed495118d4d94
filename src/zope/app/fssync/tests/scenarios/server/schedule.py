"""Runs clients in threads, one step at a time, in the order that a test wants.

In the manner of the race tests of the ZODB: what may happen is a matter of the order
of the steps, so a test goes through orders and knows the outcome of each.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from collections.abc import Sequence
from itertools import permutations

__all__ = ["Runner", "orders"]

#: Seconds after which a test has hung.
PATIENCE = 30


def orders(clients: int, steps: int) -> list[tuple[int, ...]]:
    """All orders of the steps of some clients, each doing his in turn."""
    turns = [client for client in range(clients) for _ in range(steps)]
    return sorted(set(permutations(turns)))


class Runner:
    """Runs functions in threads that stop where they call `pause`."""

    def __init__(self, functions: Sequence[Callable[[], object]]) -> None:
        self._goes = [threading.Event() for _ in functions]
        self._stops = [threading.Event() for _ in functions]
        self._number = threading.local()
        self._done = [False] * len(functions)
        self.results: list[object] = [None] * len(functions)
        self._threads = [
            threading.Thread(target=self._run, args=each, daemon=True)
            for each in enumerate(functions)
        ]

    def run(self, order: Sequence[int]) -> list[object]:
        """Let the thread with each number go on to its next pause, or its end."""
        for thread in self._threads:
            thread.start()
        for number in order:
            self._step(number)
        for number, thread in enumerate(self._threads):
            while not self._done[number]:
                self._step(number)
            thread.join(PATIENCE)
        for result in self.results:
            if isinstance(result, BaseException):
                raise result
        return self.results

    def pause(self) -> None:
        """Wait for the next step; does nothing in other threads."""
        number = getattr(self._number, "value", None)
        if number is not None:
            self._stops[number].set()
            self._await(self._goes[number])

    def _step(self, number: int) -> None:
        if not self._done[number]:
            self._goes[number].set()
            self._await(self._stops[number])

    def _run(self, number: int, function: Callable[[], object]) -> None:
        self._await(self._goes[number])
        self._number.value = number
        try:
            self.results[number] = function()
        except BaseException as error:  # raised again by `run`
            self.results[number] = error
        self._done[number] = True
        self._stops[number].set()

    @staticmethod
    def _await(event: threading.Event) -> None:
        if not event.wait(PATIENCE):
            raise TimeoutError("a client hangs")
        event.clear()
