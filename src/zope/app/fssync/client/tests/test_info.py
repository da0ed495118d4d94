"""What is known of a path without a server."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync.client.info import NOT_REGISTERED
from zope.app.fssync.client.info import info
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.fssync.errors import Error


def test_an_object_has_a_place_and_a_kind(co: Path) -> None:
    found = info(None, str(co / "sub" / "deep.txt"))
    assert found["url"] == "http://localhost:8080/demo/sub/deep.txt"
    assert found["root"] == "http://localhost:8080/demo"
    assert found["server"] == "http://localhost:8080"
    assert (found["state"], found["kind"]) == ("registered", "file")
    assert (found["type"], found["id"]) == ("File", "/demo/sub/deep.txt")
    assert "user" not in found


def test_the_only_object_is_meant_by_the_directory(co: Path) -> None:
    assert info(None, str(co.parent))["path"] == str(co)


def test_the_state_names_what_is_to_be_done(
    client: Client, server: Server, co: Path
) -> None:
    (co / "new.txt").write_text("new\n")
    assert info(None, str(co / "new.txt"))["state"] == NOT_REGISTERED
    client("add", str(co / "new.txt"))
    assert info(None, str(co / "new.txt"))["state"] == "added"
    (co / "a.txt").write_text("mine\n")
    server.objects["demo/a.txt"] = b"theirs\n"
    client("update", str(co))
    state = info(None, str(co / "a.txt"))["state"]
    assert state == "in conflict (both-changed)"


def test_outside_of_a_working_copy_nothing_is_known(home: Path) -> None:
    with pytest.raises(Error, match="nothing known about"):
        info(None, str(home))
