"""Files have the names of their objects, and are found by them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from zope.app.fssync.testing.casefolding import make_insensitive
from zope.app.fssync.testing.clientside import URL
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.app.fssync.testing.clientside import snapshot
from zope.app.fssync.testing.namingserver import NamingServer


@pytest.fixture
def server() -> Server:
    return NamingServer({"demo": None, "demo/todo.txt": b"lower\n"})


def contents(directory: Path) -> list[bytes]:
    return sorted(p.read_bytes() for p in directory.iterdir() if p.is_file())


def settle(client: Client, co: Path) -> None:
    """Another update changes nothing, and says nothing of the server's."""
    before = snapshot(co)
    lines = client("update", "co/demo")
    assert not [line for line in lines if line[0] in "UDN"]
    assert snapshot(co) == before


@pytest.mark.parametrize("insensitive", [False, True])
@pytest.mark.parametrize(
    "case", ["added", "edited", "renamed", "renamed edited", "unregistered", "removed"]
)
def test_an_update_with_names_that_differ_in_case_settles(
    client: Client,
    co: Path,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    insensitive: bool,
    case: str,
) -> None:
    if insensitive:
        make_insensitive(home, monkeypatch)
    objects = client.server.objects
    if "edited" in case:
        (co / "todo.txt").write_bytes(b"mine\n")
    if case == "unregistered":
        (co / "NEW.txt").write_bytes(b"mine\n")
        objects["demo/new.txt"] = b"upper\n"
    elif case == "removed":
        client("remove", "co/demo/todo.txt")
        objects["demo/TODO.txt"] = b"upper\n"
    else:
        objects["demo/TODO.txt"] = b"upper\n"
        if "renamed" in case:
            del objects["demo/todo.txt"]
    print(client("update", "co/demo"), os.listdir(co), contents(co))
    print(client("update", "co/demo"), os.listdir(co))
    print(client("update", "co/demo"), os.listdir(co), contents(co))
    settle(client, co)
