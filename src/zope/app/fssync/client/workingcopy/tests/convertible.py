"""A server whose objects are of each kind that a conversion treats."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.app.fssync.testing.controldata import write
from zope.fssync.limits import UNPACKED_SIZE

__all__ = ["edit", "server"]


@pytest.fixture
def server() -> Server:
    server = Server(
        {
            "demo": None,
            "demo/a.txt": b"a\n",
            "demo/large.bin": b"x" * (UNPACKED_SIZE + 1),
            "demo/sub": None,
            "demo/sub/deep.txt": b"deep\n",
            "demo/void": None,
        }
    )
    server.extras.update({"demo/a.txt": b"'text/plain'", "demo/sub": b"'x'"})
    return server


def edit(client: Client, co: Path) -> list[str]:
    """Change something of each kind; returns what status says."""
    (co / "a.txt").write_bytes(b"edited\n")
    (co / "sub" / "deep.txt").unlink()
    write(co / "@@Zope/Extra/a.txt/contentType", b"'text/html'")
    (co / "new.txt").write_bytes(b"new\n")
    client("add", "co/demo/new.txt")
    return client.each("status", "co")
