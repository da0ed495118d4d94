"""What a watch sends and what it leaves waiting, with a server in memory."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from zope.app.fssync.client.api import FSSync
from zope.app.fssync.client.watching import Rules
from zope.app.fssync.client.watching import Watch
from zope.app.fssync.testing.clientside import CannedNetwork
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.fssync.errors import ServerRefused
from zope.fssync.errors import ServerUnreachable

Told = list[tuple[str, str | None]]


def watch(client: Client, told: Told, **rules: Any) -> Watch:
    fs = FSSync(
        network=CannedNetwork(client.server, client.home), reporter=lambda line: None
    )
    return Watch(
        fs,
        str(client.home / "co"),
        Rules(quiet=0.0)._replace(**rules),
        lambda action, text, path: told.append((action, path)),
    )


def test_a_missing_file_has_time_to_come_back(client: Client, co: Path) -> None:
    found = watch(client, [], quiet=100.0)
    (co / "b.txt").unlink()
    assert found.push() == 100.0
    (co / "b.txt").write_bytes(b"anew\n")
    assert found.push() is None
    assert client.server.objects["demo/b.txt"] == b"anew\n"


def test_a_probe_of_vim_is_looked_at_again(client: Client, co: Path) -> None:
    told: Told = []
    found = watch(client, told, quiet=100.0)
    (co / "4913").touch()
    assert found.push() == 100.0
    (co / "4913").unlink()
    assert found.push() is None
    assert told == []
    (co / "4913").touch()
    os.utime(co / "4913", (1e9, 1e9))
    assert found.push() is None
    # This server takes nothing new.
    assert told == [("paused", str(co / "4913"))]


def test_refused_files_wait_until_they_change(client: Client, co: Path) -> None:
    told: Told = []

    def refuse(server: Server) -> None:
        text = (co / "a.txt").read_bytes()
        if "@@fromFS" in server.requests[-1] and text == b"bad\n":
            raise ServerRefused("a.txt: no")

    client.server.before_answer = refuse
    (co / "a.txt").write_bytes(b"bad\n")
    found = watch(client, told)
    found.push()
    assert told == [("paused", str(co / "a.txt"))]
    count = len(client.server.requests)
    found.push()
    assert len(client.server.requests) == count
    (co / "a.txt").write_bytes(b"good\n")
    found.push()
    assert client.server.objects["demo/a.txt"] == b"good\n"


def test_a_lost_network_is_for_the_loop_to_wait_for(client: Client, co: Path) -> None:
    client.server.refusal = ServerUnreachable("gone")
    (co / "a.txt").write_bytes(b"mine\n")
    with pytest.raises(ServerUnreachable):
        watch(client, []).push()
