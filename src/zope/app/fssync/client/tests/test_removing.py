"""Removed objects are scheduled for removal, and local changes are kept."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.app.fssync.testing.clientside import metadata
from zope.fssync.errors import Error


def entry(path: Path) -> dict[str, str]:
    return metadata().getentry(str(path))


@pytest.mark.parametrize("target", ["co/demo/b.txt", "co/demo/sub", "co/demo/sub/"])
def test_remove_deletes_what_is_unmodified(
    client: Client, co: Path, target: str
) -> None:
    assert client("remove", target) == [f"R {target}"]
    assert not os.path.lexists(target)
    assert entry(Path(target))["flag"] == "removed"
    client.each("commit", "co")
    assert target.rstrip("/")[3:] not in client.server.objects


def test_remove_accepts_what_is_gone_already(client: Client, co: Path) -> None:
    (co / "b.txt").unlink()
    shutil.rmtree(co / "sub")
    assert client("remove", "co/demo/b.txt") == ["R co/demo/b.txt"]
    assert client("remove", "co/demo/sub") == ["R co/demo/sub"]


@pytest.mark.parametrize(
    ("path", "target"),
    [("b.txt", "co/demo/b.txt"), ("sub/deep.txt", "co/demo/sub")],
)
def test_remove_keeps_what_is_only_here(
    client: Client, co: Path, home: Path, path: str, target: str
) -> None:
    (co / path).write_text("mine")
    before = snapshot(home)
    with pytest.raises(Error, match=f"'co/demo/{path}' still exists") as caught:
        client("remove", target)
    assert f"'zsync revert co/demo/{path}'" in str(caught.value.advice)
    assert snapshot(home) == before


@pytest.mark.parametrize("name", ["loose.txt", "deep.txt~"])
def test_remove_leaves_what_is_not_registered(
    client: Client, co: Path, name: str
) -> None:
    (co / "sub" / name).write_text("mine")
    assert client("remove", "co/demo/sub") == ["R co/demo/sub"]
    assert [path.name for path in (co / "sub").iterdir()] == [name]
    client("commit", "co/demo")
    assert (co / "sub" / name).read_text() == "mine"


def test_removing_what_was_added_unregisters_it(client: Client, co: Path) -> None:
    (co / "new.txt").write_text("new")
    client("add", "co/demo/new.txt")
    (co / "new.txt").unlink()
    client("remove", "co/demo/new.txt")
    assert client.each("status", "co", verbose=False) == []


def test_removing_what_nobody_knows_fails(client: Client, co: Path) -> None:
    (co / "loose.txt").write_text("x")
    for path in ("co/demo/nosuch", "co/demo/loose.txt"):
        with pytest.raises(Error, match=f"nothing known about '{path}'"):
            client("remove", path)
    assert (co / "loose.txt").exists()


def test_a_removal_meets_a_change_of_others(
    client: Client, server: Server, co: Path
) -> None:
    client("remove", "co/demo/b.txt")
    server.objects["demo/b.txt"] = b"theirs\n"
    assert client.each("update", "co") == ["C co/demo/b.txt"]
    client("revert", "co/demo/b.txt")
    assert (co / "b.txt").read_bytes() == b"theirs\n"
    assert client.each("status", "co", verbose=False) == []


def test_remove_by_force_takes_changes_with_it(client: Client, co: Path) -> None:
    (co / "sub" / "deep.txt").write_text("mine")
    (co / "sub" / "loose").write_text("mine, too")
    with pytest.raises(Error, match="has changes that are not on the server") as caught:
        client("remove", "co/demo/sub")
    assert "--force" in str(caught.value.advice)
    assert client("remove", "co/demo/sub", force=True) == ["R co/demo/sub"]
    assert os.listdir(co / "sub") == ["loose"]


def test_remove_that_keeps_files_leaves_them_after_the_commit(
    client: Client, co: Path, server: Server
) -> None:
    (co / "sub" / "more").mkdir()
    (co / "sub" / "more" / "x").write_text("x")
    client("add", "co/demo/sub/more", recursive=True)
    (co / "a.txt").write_text("mine")
    assert client("remove", "co/demo/a.txt", keep_local=True) == ["R co/demo/a.txt"]
    assert client("remove", "co/demo/sub", keep_local=True) == ["R co/demo/sub"]
    for _ in range(2):
        assert (co / "a.txt").read_text() == "mine"
        assert (co / "sub" / "deep.txt").exists()
        assert (co / "sub" / "more" / "x").exists()
        assert not list((co / "sub").rglob("@@Zope"))
        client("commit", "co/demo")
    assert "demo/a.txt" not in server.objects
    assert "demo/sub" not in server.objects
    assert client.each("status", "co", verbose=False) == [
        "? co/demo/a.txt",
        "? co/demo/sub/",
    ]
