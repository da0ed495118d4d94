"""Reverted objects are as the server has sent them."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync.testing.clientside import URL
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.app.fssync.testing.clientside import lose_original
from zope.app.fssync.testing.controldata import Part
from zope.fssync.errors import Error


def test_revert_takes_back_edits_additions_and_removals(
    client: Client, co: Path
) -> None:
    (co / "a.txt").write_text("edited")
    (co / "new.txt").write_text("new")
    client("add", "co/demo/new.txt")
    client("remove", "co/demo/b.txt")
    (co / "sub" / "deep.txt").unlink()
    for name in ("a.txt", "new.txt", "b.txt", "sub/deep.txt"):
        assert client("revert", f"co/demo/{name}") == [f"Reverted co/demo/{name}"]
    assert client.each("status", "co", verbose=False) == ["? co/demo/new.txt"]
    assert (co / "a.txt").read_bytes() == b"one\ntwo\nthree\n"
    assert (co / "new.txt").read_text() == "new"


def test_revert_of_a_directory_names_what_it_reverted(client: Client, co: Path) -> None:
    (co / "a.txt").write_text("edited")
    (co / "sub" / "deep.txt").write_text("edited")
    lines = client.each("revert", "co")
    assert "Reverted co/demo/a.txt" in lines
    assert "Reverted co/demo/sub/deep.txt" in lines
    assert "Reverted co/demo/b.txt" not in lines
    assert client.each("status", "co", verbose=False) == []


def test_revert_brings_a_changed_extra_back(
    client: Client, server: Server, home: Path
) -> None:
    server.extras["demo/a.txt"] = b"'text/plain'"
    client("checkout", "co", url=URL)
    extra = Part(home / "co/demo/@@Zope/Extra/a.txt/contentType")
    extra.write_bytes(b"'text/html'")
    assert client.each("status", "co", verbose=False) == [
        "M co/demo/@@Zope/Extra/a.txt/contentType"
    ]
    client.each("revert", "co")
    assert extra.read_bytes() == b"'text/plain'"


def test_revert_of_what_nobody_knows_fails(client: Client, co: Path) -> None:
    with pytest.raises(Error, match="nothing known about"):
        client("revert", "co/demo/nosuch")


def test_a_lost_original_is_said_and_fetched(
    client: Client, server: Server, co: Path
) -> None:
    lose_original(co / "b.txt")
    assert client.each("status", "co", verbose=False) == [
        "M(lost-original) co/demo/b.txt"
    ]
    assert client.each("update", "co") == ["U co/demo/b.txt"]
    assert client.each("status", "co", verbose=False) == []


def test_revert_of_a_removal_that_kept_files_registers_them(
    client: Client, co: Path
) -> None:
    client("remove", "co/demo/sub", keep_local=True)
    client("revert", "co/demo/sub")
    client("update", "co/demo")
    assert client.each("status", "co", verbose=False) == []
