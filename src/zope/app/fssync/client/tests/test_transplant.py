"""Changes of one working copy come into another as its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing.clientside import URL
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.app.fssync.testing.clientside import metadata
from zope.app.fssync.testing.clientside import pristine
from zope.app.fssync.testing.controldata import read
from zope.app.fssync.testing.controldata import write
from zope.fssync.errors import Error


@pytest.fixture
def other(client: Client, co: Path, home: Path) -> Path:
    """A second checkout of the same object."""
    client("checkout", "other", url=URL)
    return home / "other" / "demo"


def changed(client: Client, target: str = "other") -> list[str]:
    return client.each("status", target, verbose=False)


def test_edits_and_additions_come_over(client: Client, co: Path, other: Path) -> None:
    (co / "a.txt").write_text("edited")
    (co / "sub" / "deep.txt").write_text("edited")
    (co / "extra.txt").write_text("added")
    (co / "stray.txt").write_text("stray")
    client("add", "co/demo/extra.txt")
    source = snapshot(co)
    assert sorted(client("merge", ["co", "other"])) == [
        "A other/demo/extra.txt",
        "M other/demo/a.txt",
        "M other/demo/sub/deep.txt",
    ]
    assert changed(client) == [
        "M other/demo/a.txt",
        "A other/demo/extra.txt",
        "M other/demo/sub/deep.txt",
    ]
    assert pristine(other / "a.txt") == b"one\ntwo\nthree\n"
    assert snapshot(co) == source
    assert client("merge", ["co", "other"]) == []


def test_the_current_directory_is_the_target(
    client: Client, co: Path, other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (co / "a.txt").write_text("edited")
    monkeypatch.chdir(other)
    assert client("merge", ["../../co/demo"]) == ["M other/demo/a.txt"]


def test_edits_of_both_are_merged(client: Client, co: Path, other: Path) -> None:
    (co / "a.txt").write_text("ONE\ntwo\nthree\n")
    (other / "a.txt").write_text("one\ntwo\nTHREE\n")
    assert client("merge", ["co", "other"]) == ["M other/demo/a.txt"]
    assert (other / "a.txt").read_text() == "ONE\ntwo\nTHREE\n"
    assert client.conflicts == []


def test_edits_that_conflict_are_both_kept(
    client: Client, co: Path, other: Path
) -> None:
    (co / "a.txt").write_text("theirs\ntwo\nthree\n")
    (other / "a.txt").write_text("mine\ntwo\nthree\n")
    assert client("merge", ["co", "other"]) == ["C other/demo/a.txt"]
    assert client.conflicts == ["other/demo/a.txt"]
    text = (other / "a.txt").read_text()
    assert "mine\n" in text
    assert "theirs\n" in text
    assert metadata().getentry(str(other / "a.txt"))["conflict"] == "yes"


def test_an_edit_here_stays_where_nothing_changed_there(
    client: Client, co: Path, other: Path
) -> None:
    (other / "a.txt").write_text("mine\n")
    assert client("merge", ["co", "other"]) == []
    assert (other / "a.txt").read_text() == "mine\n"
    assert client.conflicts == []


def test_a_binary_file_edited_on_both_sides_stays(
    client: Client, co: Path, other: Path
) -> None:
    (co / "a.txt").write_bytes(b"\0co")
    (other / "a.txt").write_bytes(b"\0other")
    assert client("merge", ["co", "other"]) == ["C other/demo/a.txt"]
    assert (other / "a.txt").read_bytes() == b"\0other"


def test_a_changed_extra_comes_over(client: Client, server: Server, home: Path) -> None:
    server.extras["demo/a.txt"] = b"'text/plain'"
    for target in ("co", "other"):
        client("checkout", target, url=URL)
    extra = "demo/@@Zope/Extra/a.txt/contentType"
    write(home / "co" / extra, b"'text/html'")
    assert client("merge", ["co", "other"]) == ["M other/demo/a.txt"]
    assert read(home / "other" / extra) == b"'text/html'"


def test_an_extra_edited_here_stays_where_nothing_changed_there(
    client: Client, server: Server, home: Path
) -> None:
    server.extras["demo/a.txt"] = b"'text/plain'"
    for target in ("co", "other"):
        client("checkout", target, url=URL)
    extra = home / "other/demo/@@Zope/Extra/a.txt/contentType"
    write(extra, b"'text/html'")
    assert client("merge", ["co", "other"]) == []
    assert read(extra) == b"'text/html'"


def test_a_folder_there_and_a_file_here_is_a_conflict(
    client: Client, co: Path, other: Path
) -> None:
    shutil.rmtree(other / "void")
    (other / "void").write_text("now a file")
    assert client("merge", ["co", "other"]) == ["C other/demo/void"]
    assert (other / "void").read_text() == "now a file"
    assert client("merge", ["other", "co"]) == ["C co/demo/void"]
    assert (co / "void").is_dir()


def test_objects_lost_on_the_server_are_not_requested(
    client: Client, co: Path, other: Path
) -> None:
    (co / "a.txt").unlink()
    (other / "b.txt").unlink()
    client("merge", ["co", "other"])
    assert (other / "a.txt").exists()


def test_an_unregistered_file_in_the_way_is_kept(
    client: Client, co: Path, other: Path
) -> None:
    (co / "extra.txt").write_text("theirs")
    client("add", "co/demo/extra.txt")
    (other / "extra.txt").write_text("mine")
    assert client("merge", ["co", "other"]) == ["C other/demo/extra.txt"]
    assert (other / "extra.txt").read_text() == "mine"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["co", "co/demo/sub"], "Cannot merge from /demo to /demo/sub"),
        (["nosuch", "other"], "Source must be a fssync checkout directory"),
        (["co", "nosuch"], "Target must be a fssync checkout directory"),
        (["co"], "Target must be a fssync checkout directory"),
    ],
)
def test_only_the_same_object_is_merged(
    client: Client,
    co: Path,
    other: Path,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    args: list[str],
    message: str,
) -> None:
    (home / "empty").mkdir()
    if len(args) == 1:
        monkeypatch.chdir(home / "empty")
        args = ["../co"]
    before = snapshot(home)
    with pytest.raises(Error, match=message):
        client("merge", args)
    assert snapshot(home) == before


def test_an_extra_that_is_new_comes_over(
    client: Client, server: Server, home: Path
) -> None:
    client("checkout", "other", url=URL)
    server.extras["demo/a.txt"] = b"'text/plain'"
    client("checkout", "co", url=URL)
    assert client("merge", ["co", "other"]) == ["M other/demo/a.txt"]
    extra = home / "other/demo/@@Zope/Extra/a.txt/contentType"
    assert read(extra) == b"'text/plain'"
    assert metadata().getentry(str(extra)) == {
        "flag": "added",
        "type": "builtins.str",
    }


def test_extras_that_were_edited_on_both_sides_conflict(
    client: Client, server: Server, home: Path
) -> None:
    server.extras["demo/a.txt"] = b"'text/plain'\n"
    extra = "demo/@@Zope/Extra/a.txt/contentType"
    for target in ("co", "other"):
        client("checkout", target, url=URL)
        write(home / target / extra, f"'text/{target}'\n".encode())
    client("merge", ["co", "other"])
    assert client.conflicts == [f"other/{extra}"]
    text = read(home / "other" / extra)
    assert b"text/co" in text
    assert b"text/other" in text
