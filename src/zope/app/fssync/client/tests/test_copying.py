"""Copies are registered with all that belongs to an object."""

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
from zope.app.fssync.testing.controldata import read
from zope.fssync.errors import Error


def entry(path: Path) -> dict[str, str]:
    return metadata().getentry(str(path))


def test_copies_are_registered_with_all_below(client: Client, co: Path) -> None:
    assert client("copy", "co/demo/sub", "co/demo/sub2") == [
        "A co/demo/sub2/",
        "A co/demo/sub2/deep.txt",
    ]
    assert entry(co / "sub2" / "deep.txt") == {
        "flag": "added",
        "type": "File",
        "factory": "File",
        "id": "/demo/sub2/deep.txt",
    }
    assert client("copy", "co/demo/a.txt", "co/demo/sub") == ["A co/demo/sub/a.txt"]
    assert client("copy", "co/demo/sub", "co/demo/sub3", children=False) == [
        "A co/demo/sub3/"
    ]
    client.each("commit", "co")
    assert client.server.objects["demo/sub2/deep.txt"] == b"deep\n"


def test_extras_are_copied_too(client: Client, server: Server, home: Path) -> None:
    server.extras["demo/a.txt"] = b"'text/plain'"
    client("checkout", "co", url=URL)
    client("copy", "co/demo/a.txt", "co/demo/copy.txt")
    extra = home / "co/demo/@@Zope/Extra/copy.txt/contentType"
    assert read(extra) == b"'text/plain'"
    assert entry(extra) == {"flag": "added", "type": "builtins.str"}


def test_ordinary_files_are_copied_into_a_working_copy(
    client: Client, co: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "outside" / "nested").mkdir(parents=True)
    (home / "outside" / "nested" / "x.txt").write_text("x")
    (home / "outside" / "backup~").write_text("x")
    monkeypatch.chdir(co)
    assert client("copy", "../../outside") == [
        "A outside/",
        "A outside/nested/",
        "A outside/nested/x.txt",
    ]


def test_a_folder_is_copied_into_itself_once(client: Client, co: Path) -> None:
    assert client("copy", "co/demo/sub", "co/demo/sub/again") == [
        "A co/demo/sub/again/",
        "A co/demo/sub/again/deep.txt",
    ]
    assert client("copy", "co/demo/sub", "co/demo/sub/again") == [
        "A co/demo/sub/again/sub/",
        "A co/demo/sub/again/sub/again/",
        "A co/demo/sub/again/sub/again/deep.txt",
        "A co/demo/sub/again/sub/deep.txt",
    ]


@pytest.mark.parametrize(
    ("source", "target", "message"),
    [
        ("nosuch", "co/demo/x", "nosuch does not exist"),
        ("co/demo/a.txt", "co/demo/b.txt", "'co/demo/b.txt' already exists"),
        ("co/demo/a.txt", "co/demo", "'co/demo/a.txt' already exists"),
        ("co/demo/a.txt", "co/demo/no/x", "destination directory does not exist"),
        ("co/demo/a.txt", "x.txt", "nothing known about"),
        ("link", "co/demo/x", "not a regular file"),
        ("dir", "co/demo/x", "not a regular file"),
    ],
)
def test_files_that_cannot_be_copied_change_nothing(
    client: Client, co: Path, home: Path, source: str, target: str, message: str
) -> None:
    (home / "link").symlink_to("nowhere")
    (home / "dir").mkdir()
    (home / "dir" / "first.txt").write_text("x")
    (home / "dir" / "link").symlink_to("nowhere")
    before = snapshot(home)
    with pytest.raises(Error, match=message):
        client("copy", source, target)
    assert snapshot(home) == before


@pytest.mark.parametrize("source", ["b.txt", "sub", "."])
def test_objects_of_another_kind_are_not_copied(
    client: Client, co: Path, home: Path, source: str
) -> None:
    (co / "b.txt").unlink()
    (co / "b.txt").mkdir()
    shutil.rmtree(co / "sub")
    (co / "sub").write_text("mine")
    before = snapshot(home)
    with pytest.raises(Error, match="it is of another kind than what was sent"):
        client("copy", os.path.normpath(f"co/demo/{source}"), "co/demo/new")
    assert snapshot(home) == before


@pytest.mark.layout(2)
def test_a_part_is_copied_as_a_file_and_not_as_an_object(
    client: Client, server: Server, home: Path
) -> None:
    server.extras["demo/a.txt"] = b"'text/plain'"
    client("checkout", "co", url=URL)
    part = "co/demo/@@Zope/Extra/a.txt/contentType"
    client("copy", part, "co/demo/copy.txt")
    assert entry(home / "co/demo/copy.txt") == {"id": "/demo/copy.txt", "flag": "added"}
