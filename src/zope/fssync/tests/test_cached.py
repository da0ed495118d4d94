from __future__ import annotations

import threading
from typing import Any

from zope.fssync.cached import cached_property


def test_the_attribute_is_computed_once() -> None:
    counted = []

    class Thing:
        @cached_property
        def value(self) -> int:
            """What it is."""
            counted.append(self)
            return 7

    thing = Thing()
    assert (thing.value, thing.value, len(counted)) == (7, 7, 1)
    assert Thing.value.__doc__ == "What it is."


def test_one_instance_does_not_wait_for_another() -> None:
    class Thing:
        def __init__(self, wait: Any) -> None:
            self._wait = wait

        @cached_property
        def value(self) -> bool:
            return bool(self._wait())

    entered, leave = threading.Event(), threading.Event()

    def wait() -> bool:
        entered.set()
        return leave.wait(60)

    slow, quick = Thing(wait), Thing(lambda: True)
    thread = threading.Thread(target=lambda: slow.value)
    thread.start()
    try:
        assert entered.wait(60)
        other = threading.Thread(target=lambda: quick.value, daemon=True)
        other.start()
        other.join(10)
        assert not other.is_alive()
    finally:
        leave.set()
        thread.join()
