"""Fixtures of the tests of the client: a server, a client, a checkout."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync.testing.clientside import URL
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.app.fssync.testing.demoserver import demo
from zope.app.fssync.testing.demoserver import place
from zope.app.fssync.testing.demoserver import template

__all__ = ["client", "co", "demo", "home", "place", "server", "template"]


@pytest.fixture
def server() -> Server:
    return Server(
        {
            "demo": None,
            "demo/a.txt": b"one\ntwo\nthree\n",
            "demo/b.txt": b"b\n",
            "demo/sub": None,
            "demo/sub/deep.txt": b"deep\n",
            "demo/void": None,
        }
    )


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def client(server: Server, home: Path) -> Client:
    return Client(server, home)


@pytest.fixture
def co(client: Client, home: Path) -> Path:
    client("checkout", "co", url=URL)
    return home / "co" / "demo"
