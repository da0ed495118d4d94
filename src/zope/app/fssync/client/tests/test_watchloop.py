"""The loop of a watch, with a server in memory."""

from __future__ import annotations

import threading
from pathlib import Path

from zope.app.fssync.client.tests.test_watching import watch
from zope.app.fssync.client.watchloop import Loop
from zope.app.fssync.testing.clientside import Client


def test_once_sends_and_brings(client: Client, co: Path) -> None:
    (co / "a.txt").write_bytes(b"mine\n")
    client.server.objects["demo/new.txt"] = b"theirs\n"
    Loop(watch(client, [], quiet=0.01), lambda *told: None).once()
    assert client.server.objects["demo/a.txt"] == b"mine\n"
    assert (co / "new.txt").read_bytes() == b"theirs\n"


def test_a_loop_sends_what_is_saved_and_ends(client: Client, co: Path) -> None:
    told: list[str] = []
    committed = threading.Event()

    def tell(action: str, text: str, path: str | None) -> None:
        told.append(action)
        if action == "watching":
            (co / "a.txt").write_bytes(b"mine\n")

    found = watch(client, [], quiet=0.01, pull=False)
    loop = Loop(found, tell)

    def tell_watch(action: str, text: str, path: str | None) -> None:
        committed.set()
        loop.stop()

    found._tell = tell_watch
    loop.run()
    assert told == ["watching"]
    assert committed.is_set()
    assert client.server.objects["demo/a.txt"] == b"mine\n"
