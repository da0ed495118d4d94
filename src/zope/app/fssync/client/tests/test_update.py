"""What others did comes in; what was done here stays."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing.clientside import URL
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.app.fssync.testing.clientside import metadata
from zope.app.fssync.testing.clientside import pristine
from zope.fssync.errors import Error
from zope.fssync.errors import PathRefused


def entry(path: Path) -> dict[str, str]:
    return metadata().getentry(str(path))


def test_an_update_without_changes_says_and_writes_nothing(
    client: Client, co: Path, home: Path
) -> None:
    def looks() -> dict[Path, tuple[int, int]]:
        # What is derived may come and go.
        found = {path: path.stat() for path in home.rglob("*") if path.is_file()}
        return {
            path: (status.st_ino, status.st_mtime_ns)
            for path, status in found.items()
            if path.name != "Index"
        }

    before = looks()
    assert client.each("update", "co") == []
    assert looks() == before


@pytest.mark.parametrize("target", ["co", "co/", "co/demo", "co/demo/", "co/./demo"])
def test_an_update_brings_what_others_did(
    client: Client, server: Server, co: Path, target: str
) -> None:
    server.objects["demo/a.txt"] = b"changed\n"
    server.objects["demo/new.txt"] = b"new\n"
    server.objects["demo/newdir"] = None
    server.objects["demo/newdir/x"] = b"x"
    del server.objects["demo/b.txt"]
    del server.objects["demo/void"]
    lines = [line.replace("/./", "/") for line in client.each("update", target)]
    assert lines == [
        "U co/demo/a.txt",
        "D co/demo/b.txt",
        "U co/demo/new.txt",
        "N co/demo/newdir/",
        "U co/demo/newdir/x",
        "D co/demo/void/",
    ]
    assert not (co / "b.txt").exists()
    assert not (co / "void").exists()
    assert (co / "newdir" / "x").read_bytes() == b"x"
    assert client.each("status", "co", verbose=False) == []


def test_the_current_directory_is_a_target(
    client: Client, server: Server, co: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(co / "sub")
    server.objects["demo/sub/deep.txt"] = b"changed\n"
    assert client.each("update") == ["U co/demo/sub/deep.txt"]
    assert server.requests[-1] == "/demo/sub @@toFS.snarf"


def test_one_file_is_a_target(client: Client, server: Server, co: Path) -> None:
    server.objects["demo/a.txt"] = b"changed\n"
    server.objects["demo/b.txt"] = b"changed\n"
    assert client("update", "co/demo/a.txt") == ["U co/demo/a.txt"]
    assert (co / "b.txt").read_bytes() == b"b\n"


def test_local_and_remote_changes_are_merged(
    client: Client, server: Server, co: Path
) -> None:
    (co / "a.txt").write_bytes(b"one\ntwo\nTHREE\n")
    server.objects["demo/a.txt"] = b"ONE\ntwo\nthree\n"
    assert client.each("update", "co") == ["M co/demo/a.txt"]
    assert (co / "a.txt").read_bytes() == b"ONE\ntwo\nTHREE\n"
    assert client.conflicts == []


def test_a_conflict_keeps_both_sides_until_it_is_resolved(
    client: Client, server: Server, co: Path
) -> None:
    (co / "a.txt").write_bytes(b"mine\ntwo\nthree\n")
    server.objects["demo/a.txt"] = b"theirs\ntwo\nthree\n"
    assert client.each("update", "co") == ["C co/demo/a.txt"]
    assert client.conflicts == ["co/demo/a.txt"]
    assert (co / "a.txt").read_bytes() == (
        b"<<<<<<< demo/a.txt (mine)\nmine\n=======\ntheirs\n"
        b">>>>>>> demo/a.txt (server)\ntwo\nthree\n"
    )
    assert entry(co / "a.txt")["conflict"] == "yes"
    assert client.each("update", "co") == ["C co/demo/a.txt"]
    assert client.each("status", "co", verbose=False) == ["C co/demo/a.txt"]
    assert client("resolve", "co/demo/a.txt") == ["Resolved co/demo/a.txt"]
    assert "conflict" not in entry(co / "a.txt")
    assert client.each("update", "co") == ["M co/demo/a.txt"]


def test_a_conflict_in_a_binary_file_leaves_the_local_one(
    client: Client, server: Server, co: Path
) -> None:
    (co / "a.txt").write_bytes(b"\0mine")
    server.objects["demo/a.txt"] = b"\0theirs"
    assert client.each("update", "co") == ["C co/demo/a.txt"]
    assert (co / "a.txt").read_bytes() == b"\0mine"
    assert pristine(co / "a.txt") == b"\0theirs"
    client("revert", "co/demo/a.txt")
    assert (co / "a.txt").read_bytes() == b"\0theirs"


@pytest.mark.parametrize("binary", [True, False])
def test_files_the_server_calls_binary_are_merged_if_they_are_text(
    client: Client, server: Server, home: Path, binary: bool
) -> None:
    server.binary = {"demo/a.txt"} if binary else set()
    client("checkout", "co", url=URL)
    text = home / "co" / "demo" / "a.txt"
    text.write_bytes(b"one\ntwo\nTHREE\n")
    server.objects["demo/a.txt"] = b"ONE\ntwo\nthree\n"
    assert client.each("update", "co") == ["M co/demo/a.txt"]
    assert text.read_bytes() == b"ONE\ntwo\nTHREE\n"
    assert entry(text).get("binary") == ("true" if binary else None)


@pytest.mark.parametrize(
    ("verb", "content", "then"),
    [("resolve", b"mine\n", ["M co/demo/n"]), ("revert", b"theirs\n", [])],
)
def test_an_unregistered_file_in_the_way_is_kept_or_given_up(
    client: Client, server: Server, co: Path, verb: str, content: bytes, then: list[str]
) -> None:
    (co / "n").write_bytes(b"mine\n")
    server.objects["demo/n"] = b"theirs\n"
    assert client.each("update", "co") == ["C co/demo/n"]
    assert (co / "n").read_bytes() == b"mine\n"
    client(verb, "co/demo/n")
    assert (co / "n").read_bytes() == content
    assert client.each("status", "co", verbose=False) == then
    client.each("commit", "co")
    assert server.objects["demo/n"] == content
    assert client.each("status", "co", verbose=False) == []


def test_an_edited_file_that_others_removed_is_kept(
    client: Client, server: Server, co: Path
) -> None:
    (co / "b.txt").write_bytes(b"mine\n")
    del server.objects["demo/b.txt"]
    assert client.each("update", "co") == ["C co/demo/b.txt"]
    assert (co / "b.txt").read_bytes() == b"mine\n"
    client("resolve", "co/demo/b.txt")
    assert client.each("status", "co", verbose=False) == ["A co/demo/b.txt"]
    client.each("commit", "co")
    assert server.objects["demo/b.txt"] == b"mine\n"


def test_an_edit_below_a_folder_that_others_removed_is_kept(
    client: Client, server: Server, co: Path
) -> None:
    (co / "sub" / "deep.txt").write_bytes(b"mine\n")
    (co / "sub" / "loose.txt").write_bytes(b"unregistered\n")
    del server.objects["demo/sub"], server.objects["demo/sub/deep.txt"]
    lines = client.each("update", "co")
    assert "C co/demo/sub/deep.txt" in lines
    assert (co / "sub" / "deep.txt").read_bytes() == b"mine\n"
    assert (co / "sub" / "loose.txt").read_bytes() == b"unregistered\n"
    client.each("resolve", "co")
    client.each("commit", "co")
    assert server.objects["demo/sub/deep.txt"] == b"mine\n"


def test_a_folder_that_others_removed_stays_for_what_is_not_registered(
    client: Client, server: Server, co: Path
) -> None:
    (co / "sub" / "loose.txt").write_bytes(b"unregistered\n")
    del server.objects["demo/sub"], server.objects["demo/sub/deep.txt"]
    assert client.each("update", "co") == [
        "D co/demo/sub/deep.txt",
        "? co/demo/sub/",
    ]
    assert os.listdir(co / "sub") == ["loose.txt"]


def test_a_file_that_others_replaced_by_a_folder(
    client: Client, server: Server, co: Path
) -> None:
    server.objects["demo/b.txt"] = None
    server.objects["demo/b.txt/x"] = b"x"
    assert client.each("update", "co") == [
        "D co/demo/b.txt",
        "N co/demo/b.txt/",
        "U co/demo/b.txt/x",
    ]
    assert (co / "b.txt" / "x").read_bytes() == b"x"
    assert client.each("status", "co", verbose=False) == []
    del server.objects["demo/b.txt/x"]
    server.objects["demo/b.txt"] = b"a file again\n"
    client.each("update", "co")
    assert (co / "b.txt").read_bytes() == b"a file again\n"
    assert client.each("status", "co", verbose=False) == []


def test_an_edited_file_is_not_replaced_by_a_folder(
    client: Client, server: Server, co: Path
) -> None:
    (co / "b.txt").write_bytes(b"mine")
    server.objects["demo/b.txt"] = None
    server.objects["demo/b.txt/x"] = b"x"
    assert client.each("update", "co") == ["C co/demo/b.txt"]
    assert (co / "b.txt").read_bytes() == b"mine"


def test_a_link_in_the_place_of_a_file_is_not_followed(
    client: Client, server: Server, co: Path, home: Path
) -> None:
    (home / "outside.txt").write_text("outside")
    (co / "b.txt").unlink()
    (co / "b.txt").symlink_to(home / "outside.txt")
    server.objects["demo/b.txt"] = b"changed\n"
    assert client.each("update", "co") == ["C co/demo/b.txt"]
    assert (home / "outside.txt").read_text() == "outside"
    with pytest.raises(PathRefused, match="not a regular file"):
        client.each("commit", "co")


def test_a_link_in_the_place_of_a_folder_is_not_followed(
    client: Client, server: Server, co: Path, home: Path
) -> None:
    outside = home / "outside"
    shutil.move(co / "sub", outside)
    (co / "sub").symlink_to(outside)
    before = snapshot(outside)
    server.objects["demo/sub/deep.txt"] = b"changed\n"
    server.objects["demo/sub/more.txt"] = b"more\n"
    assert client.each("update", "co") == ["C co/demo/sub"]
    assert snapshot(outside) == before


def test_an_update_outside_of_a_checkout_asks_nobody(
    client: Client, home: Path
) -> None:
    with pytest.raises(Error, match="nothing known about"):
        client.each("update", ".")
    assert client.server.requests == []
    assert snapshot(home) == {}
