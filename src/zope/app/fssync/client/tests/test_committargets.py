"""A commit is of what was named, and goes to what has it on the server."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.fssync.errors import Error


def test_a_commit_of_one_file_sends_no_other(
    client: Client, server: Server, co: Path
) -> None:
    for name in ("a.txt", "b.txt"):
        (co / name).write_bytes(b"changed\n")
    assert client.each("commit", "co/demo/a.txt") == ["U co/demo/a.txt"]
    assert server.objects["demo/b.txt"] == b"b\n"
    assert server.requests[-1].startswith("/demo/a.txt @@fromFS")
    assert client.each("status", "co", verbose=False) == ["M co/demo/b.txt"]


def test_a_commit_outside_of_a_checkout_asks_nobody(client: Client, home: Path) -> None:
    (home / "x.txt").write_text("x")
    for target in (".", "x.txt", "nosuch"):
        with pytest.raises(Error, match="nothing known about"):
            client.each("commit", target)
    assert client.server.requests == []
    assert sorted(snapshot(home)) == ["x.txt"]
