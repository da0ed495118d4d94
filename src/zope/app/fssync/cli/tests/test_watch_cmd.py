"""What the command line of a watch may say."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from zope.app.fssync.cli.watch_cmd import _run
from zope.app.fssync.client.watching import Rules
from zope.app.fssync.client.watchloop import Loop
from zope.app.fssync.testing.person import Person


@pytest.mark.parametrize(
    "arguments",
    [
        ("a", "b"),
        ("--pull-only", "--push-only"),
        ("--quiet-time", "soon"),
        ("--quiet-time", "-1"),
    ],
)
def test_contradicting_options_are_refused(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    Person(tmp_path)("watch", *arguments, status=2)


def test_other_directories_are_not_watched(tmp_path: Path) -> None:
    me = Person(tmp_path)
    me("watch", "--once", status=1)
    assert "nothing known" in me.said


def test_a_signal_that_interrupts_no_wait_ends_the_watch() -> None:
    watch: Any = SimpleNamespace(
        rules=Rules(pull=False, push=False), may_pull=lambda: False
    )
    waits = threading.Event()
    loop = Loop(watch, lambda *told: waits.set())

    def send() -> None:
        waits.wait()
        # This thread receives it: the wait of the main thread goes on, as if the
        # signal had come just before it.
        signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
        ended.wait(10)
        loop.stop()

    ended = threading.Event()
    thread = threading.Thread(target=send)
    thread.start()
    _run(loop, can_ask=False)
    was_ended_by_signal = thread.is_alive()
    ended.set()
    thread.join()
    assert was_ended_by_signal
