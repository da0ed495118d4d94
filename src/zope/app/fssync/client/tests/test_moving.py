"""Moves in a working copy, and to a server that knows nothing of them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from zope.app.fssync.client.api import FSSync
from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing.clientside import URL
from zope.app.fssync.testing.clientside import CannedNetwork
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.app.fssync.testing.clientside import metadata
from zope.app.fssync.testing.controldata import control
from zope.fssync.errors import Error
from zope.fssync.errors import PathRefused


def move(client: Client, *paths: str, after: bool = False) -> list[str]:
    *sources, target = (f"co/demo/{path}".rstrip("/") for path in paths)
    return client("move", sources, target, after)


def status(client: Client) -> list[str]:
    return client.each("status", "co", verbose=False)


def entry(path: Path) -> dict[str, str]:
    return metadata().getentry(str(path))


def test_a_move_is_registered_at_both_places(client: Client, co: Path) -> None:
    assert move(client, "a.txt", "sub/new.txt") == [
        "R co/demo/sub/new.txt (from co/demo/a.txt)"
    ]
    assert not (co / "a.txt").exists()
    assert entry(co / "sub" / "new.txt")["moved"] == "demo/a.txt"
    assert entry(co / "a.txt")["moved-to"] == "demo/sub/new.txt"
    assert client.server.requests == ["/demo @@toFS.snarf"]


def test_several_are_moved_into_a_directory(client: Client, co: Path) -> None:
    assert len(move(client, "a.txt", "b.txt", "sub")) == 2
    assert status(client) == [
        "R co/demo/sub/a.txt (from co/demo/a.txt)",
        "R co/demo/sub/b.txt (from co/demo/b.txt)",
    ]
    with pytest.raises(Error, match="is no directory"):
        move(client, "void", "sub", "sub/a.txt")


def test_a_file_keeps_its_time_and_its_inode(client: Client, co: Path) -> None:
    os.utime(co / "a.txt", ns=(10**18, 10**18))
    before = (co / "a.txt").stat()
    move(client, "a.txt", "sub")
    after = (co / "sub" / "a.txt").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_unregistered_files_move_with_their_directory(client: Client, co: Path) -> None:
    (co / "sub" / "loose").write_text("mine")
    move(client, "sub", "void/inner")
    assert (co / "void" / "inner" / "loose").read_text() == "mine"
    assert not (co / "sub").exists()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("nosuch", "new", "nothing known about"),
        ("loose", "new", "nothing known about"),
        ("removed.txt", "new", "registered for removal"),
        ("lost.txt", "new", "it is missing"),
        ("", "sub/top", "what was checked out"),
        ("a.txt", "sub/deep.txt", "already exists"),
        ("a.txt", "loose", "already exists"),
        ("a.txt", "removed.txt", "is not committed yet"),
        ("sub", "sub/inner", "is in it"),
        ("a.txt", "nosuch/a.txt", "is not registered"),
        ("a.txt", "../a.txt", "is not in what was checked out"),
        ("a.txt", "../../a.txt", "not in the same working copy"),
        ("a.txt", "@@Zope/x", "working copy|control"),
        ("b.txt", "new", "of another kind"),
    ],
)
def test_a_move_that_cannot_be_changes_nothing(
    client: Client, co: Path, server: Server, old: str, new: str, message: str
) -> None:
    for name in ("removed.txt", "lost.txt"):
        (co / name).write_text(name)
        client("add", f"co/demo/{name}")
    client("commit", "co/demo")
    client("remove", "co/demo/removed.txt")
    (co / "lost.txt").unlink()
    (co / "loose").write_text("mine")
    (co / "b.txt").unlink()
    (co / "b.txt").mkdir()
    before = snapshot(co)
    with pytest.raises(Error, match=message):
        move(client, old, new)
    assert snapshot(co) == before


def test_a_directory_in_which_something_is_missing_is_not_moved(
    client: Client, co: Path
) -> None:
    (co / "sub" / "deep.txt").unlink()
    with pytest.raises(
        Error, match=r"'co/demo/sub/deep.txt' in it is missing"
    ) as error:
        client("move", ["co/demo/sub"], "co/demo/new")
    assert "zsync remove co/demo/sub/deep.txt" in str(error.value)
    client("remove", "co/demo/sub/deep.txt")
    client("move", ["co/demo/sub"], "co/demo/new")
    client("commit", "co/demo")
    assert "demo/new" in client.server.objects
    assert "demo/new/deep.txt" not in client.server.objects


def test_a_name_that_no_object_can_have_is_refused(client: Client, co: Path) -> None:
    with pytest.raises(PathRefused):
        move(client, "a.txt", "line\nbreak")


def test_files_moved_with_another_are_no_target(client: Client, co: Path) -> None:
    with pytest.raises(Error, match="is moved with"):
        move(client, "sub/deep.txt", "sub", "void")


def test_files_moved_away_are_no_target_and_no_source(client: Client, co: Path) -> None:
    move(client, "a.txt", "c.txt")
    with pytest.raises(Error, match=r"was moved to 'demo/c\.txt'"):
        move(client, "a.txt", "d.txt")
    with pytest.raises(Error, match="is not committed yet"):
        move(client, "b.txt", "a.txt")


def test_a_directory_that_something_was_moved_out_of_is_not_removed(
    client: Client, co: Path
) -> None:
    move(client, "sub/deep.txt", "void")
    with pytest.raises(Error, match="was moved, and that is not committed"):
        client("remove", "co/demo/sub")


@pytest.mark.parametrize(
    ("made", "message"), [("both", "already exists"), ("none", "it is missing")]
)
def test_after_wants_that_it_was_moved(
    client: Client, co: Path, made: str, message: str
) -> None:
    if made == "both":
        (co / "c.txt").write_text("x")
    else:
        (co / "a.txt").unlink()
    with pytest.raises(Error, match=message):
        move(client, "a.txt", "c.txt", after=True)


def test_a_server_of_3_6_0_gets_a_new_object_and_a_removal(
    client: Client, co: Path, server: Server
) -> None:
    (co / "sub" / "more").mkdir()
    client("add", "co/demo/sub/more")
    move(client, "sub", "void/texts")
    move(client, "a.txt", "void/texts/a.txt")
    move(client, "void/texts/deep.txt", "deep.txt")
    (co / "deep.txt").write_text("edited")
    network = CannedNetwork(server, Path.cwd())
    FSSync(network=network).commit("co/demo")
    assert "cannot move: 3 objects that were moved" in network.warnings[0]
    assert server.submission is not None
    sent = server.submission.getMetadata()
    for path in ("void/texts", "void/texts/a.txt", "void/texts/more", "deep.txt"):
        assert sent.getentry(f"demo/{path}")["flag"] == "added"
        assert "moved" not in sent.getentry(f"demo/{path}")
    assert not server.submission.isfile("demo/@@Zope/Original/deep.txt")
    assert sent.getentry("demo/sub")["flag"] == "removed"
    assert server.objects["demo/deep.txt"] == b"edited"
    assert "demo/sub" not in server.objects
    assert "demo/void/texts/a.txt" in server.objects
    assert status(client) == []


def test_a_commit_that_fails_leaves_the_move(
    client: Client, co: Path, server: Server
) -> None:
    move(client, "a.txt", "c.txt")
    before = snapshot(co)
    server.refusal = Error("no")
    with pytest.raises(Error, match="no"):
        client("commit", "co/demo")
    assert snapshot(co) == before


def test_an_interrupted_move_is_finished(
    client: Client, co: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from zope.app.fssync.client.workingcopy.journal import Journal

    def interrupted(self: Any, *args: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Journal, "_take_relocate", interrupted)
        with pytest.raises(KeyboardInterrupt):
            move(client, "sub", "void")
    assert (co / "sub").exists()
    assert status(client) == ["R co/demo/void/sub/ (from co/demo/sub)"]
    assert (co / "void" / "sub" / "deep.txt").exists()


def test_a_conflict_moves_with_its_file(
    client: Client, co: Path, server: Server
) -> None:
    (co / "a.txt").write_text("mine\n")
    server.objects["demo/a.txt"] = b"theirs\n"
    client("update", "co/demo")
    move(client, "a.txt", "c.txt")
    assert status(client) == ["C co/demo/c.txt"]
    assert [path.name for path in control(co).glob("Mine/*")] == ["c.txt"]
    client("move", ["co/demo/c.txt"], "co/demo/a.txt")
    assert status(client) == ["C co/demo/a.txt"]


def test_a_place_of_another_working_copy_is_no_target(client: Client, co: Path) -> None:
    client("checkout", "other", url=URL)
    with pytest.raises(Error, match="not in the same working copy"):
        client("move", ["co/demo/a.txt"], "other/demo/c.txt")
