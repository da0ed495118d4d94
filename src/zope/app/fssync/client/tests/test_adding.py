"""Additions of directories with what is in them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing.clientside import URL
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.app.fssync.testing.clientside import metadata
from zope.app.fssync.testing.controldata import has
from zope.fssync.errors import Error
from zope.fssync.errors import PathRefused


def entry(path: Path) -> dict[str, str]:
    return metadata().getentry(str(path))


def test_add_registers_with_the_path_on_the_server(client: Client, co: Path) -> None:
    (co / "new.txt").write_text("new")
    (co / "fresh").mkdir()
    (co / "fresh" / "in.txt").write_text("in")
    assert client("add", "co/demo/new.txt", "a.Type", "a.factory") == [
        "A co/demo/new.txt"
    ]
    assert client("add", "co/demo/fresh/") == ["A co/demo/fresh/"]
    assert client("add", "co/demo/fresh/in.txt") == ["A co/demo/fresh/in.txt"]
    assert entry(co / "new.txt") == {
        "flag": "added",
        "id": "/demo/new.txt",
        "type": "a.Type",
        "factory": "a.factory",
    }
    assert entry(co / "fresh" / "in.txt")["id"] == "/demo/fresh/in.txt"
    assert has(co / "fresh" / "@@Zope" / "Entries.xml")


def test_add_from_within_the_directory(
    client: Client, co: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(co)
    (co / "new.txt").write_text("new")
    assert client("add", "new.txt") == ["A new.txt"]
    (co / "fresh").mkdir()
    monkeypatch.chdir(co / "fresh")
    assert client("add", ".") == ["A ./"]
    assert entry(co / "fresh")["id"] == "/demo/fresh"


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("co/demo/nosuch", "nothing known about 'co/demo/nosuch'"),
        ("co/demo/a.txt", "object 'co/demo/a.txt' is already registered"),
        ("co/demo/loose/x.txt", "can't add 'co/demo/loose/x.txt': its parent"),
        ("co/demo/@@Zope", "control"),
        ("co/demo/@@zope", "control"),
        ("outside.txt", "nothing known about"),
        ("co/demo/link", "neither a file nor a directory"),
    ],
)
def test_files_that_cannot_be_added_change_nothing(
    client: Client, co: Path, home: Path, path: str, message: str
) -> None:
    (co / "loose").mkdir()
    (co / "loose" / "x.txt").write_text("x")
    (co / "@@zope").mkdir()
    (home / "outside.txt").write_text("x")
    (co / "link").symlink_to(home / "outside.txt")
    before = snapshot(home)
    with pytest.raises(Error, match=message):
        client("add", path)
    assert snapshot(home) == before


# In this layout a part is a file that can be added.
@pytest.mark.layout(2)
def test_a_part_of_an_object_is_added_beside_it(client: Client, co: Path) -> None:
    parts = co / "@@Zope" / "Extra" / "a.txt"
    parts.mkdir(parents=True, exist_ok=True)
    (parts / "permissions").write_text("View\n    Manager\n")
    path = "co/demo/@@Zope/Extra/a.txt/permissions"
    assert client("add", path) == [f"A {path}"]
    assert entry(parts / "permissions") == {"flag": "added"}
    assert f"A {path}" in client("status", "co/demo")
    with pytest.raises(Error, match="already registered"):
        client("add", path)


@pytest.mark.layout(2)
def test_a_part_of_nothing_is_refused(client: Client, co: Path) -> None:
    parts = co / "@@Zope" / "Extra" / "nobody"
    parts.mkdir(parents=True)
    (parts / "permissions").write_text("View\n")
    (parts / "sub").mkdir()
    with pytest.raises(Error, match="what it belongs to is not registered"):
        client("add", "co/demo/@@Zope/Extra/nobody/permissions")
    with pytest.raises(Error, match="it is no file"):
        client("add", "co/demo/@@Zope/Extra/nobody/sub")


def test_mkdir_makes_and_registers(client: Client, co: Path) -> None:
    assert client("mkdir", "co/demo/made") == ["A co/demo/made/"]
    assert client("mkdir", "co/demo/made/deeper/") == ["A co/demo/made/deeper/"]
    assert entry(co / "made" / "deeper")["id"] == "/demo/made/deeper"
    client.each("commit", "co")
    assert client.server.objects["demo/made/deeper"] is None
    assert client.each("status", "co", verbose=False) == []


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("co/demo/sub", "'co/demo/sub' already exists"),
        ("co/demo/a.txt", "'co/demo/a.txt' already exists"),
        ("co/demo/nosuch/x", "directory 'co/demo/nosuch' does not exist"),
        ("co/demo/a.txt/x", "'co/demo/a.txt' is not a directory"),
        ("x", "know nothing about container for 'x'"),
        (".", "'.' already exists"),
        ("co/demo/@@ZOPE", "control"),
    ],
)
def test_mkdir_fails_where_it_must(
    client: Client, co: Path, home: Path, path: str, message: str
) -> None:
    if path == ".":
        os.chdir(co)
    before = snapshot(home)
    with pytest.raises(Error, match=message):
        client("mkdir", path)
    assert snapshot(home) == before


def add(client: Client, path: str, **options: object) -> list[str]:
    return client("add", path, recursive=True, **options)


@pytest.fixture
def new(co: Path) -> Path:
    """A directory that nobody has registered."""
    for name in ("a.txt", "deep/b.txt", "c.txt~", "deep/.git/config"):
        path = co / "new" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return co / "new"


def test_a_directory_is_sent_with_its_content(
    client: Client, co: Path, new: Path, server: Server
) -> None:
    assert add(client, "co/demo/new") == [
        "A co/demo/new/",
        "A co/demo/new/a.txt",
        "A co/demo/new/deep/",
        "A co/demo/new/deep/b.txt",
    ]
    client("commit", "co/demo")
    assert sorted(path for path in server.objects if "new" in path) == [
        "demo/new",
        "demo/new/a.txt",
        "demo/new/deep",
        "demo/new/deep/b.txt",
    ]
    assert (new / "c.txt~").exists()


def test_a_registered_directory_gets_what_is_new_in_it(
    client: Client, co: Path, new: Path
) -> None:
    client("remove", "co/demo/a.txt")
    (co / "a.txt").write_text("made anew")
    (co / "sub" / "x").write_text("x")
    assert add(client, "co/demo") == [*add_lines(), "A co/demo/sub/x"]
    assert add(client, "co/demo") == []


def add_lines() -> list[str]:
    return [
        "A co/demo/new/",
        "A co/demo/new/a.txt",
        "A co/demo/new/deep/",
        "A co/demo/new/deep/b.txt",
    ]


def test_type_and_factory_are_those_of_the_directory(
    client: Client, co: Path, new: Path
) -> None:
    client("add", "co/demo/new", "a.Type", "a.factory", True)
    client("commit", "co/demo")
    assert client.server.submission is not None
    entries = client.server.submission.getMetadata()
    assert entries.getentry("demo/new")["factory"] == "a.factory"
    assert "factory" not in entries.getentry("demo/new/a.txt")


def test_an_ignored_file_is_added_by_its_name(client: Client, new: Path) -> None:
    add(client, "co/demo/new")
    assert add(client, "co/demo/new/c.txt~") == ["A co/demo/new/c.txt~"]


def test_links_and_devices_stay_unknown(client: Client, new: Path) -> None:
    os.symlink("a.txt", new / "link")
    os.mkfifo(new / "pipe")
    lines = add(client, "co/demo/new")
    assert lines[-2:] == ["? co/demo/new/link", "? co/demo/new/pipe"]
    with pytest.raises(Error, match="neither a file nor a directory"):
        add(client, "co/demo/new/link")


def test_a_name_that_no_object_can_have_adds_nothing(client: Client, new: Path) -> None:
    (new / "line\nbreak").write_text("x")
    with pytest.raises(PathRefused) as caught:
        add(client, "co/demo/new")
    assert "zsyncignore" in str(caught.value.advice)
    assert client.each("status", "co", verbose=False) == ["? co/demo/new/"]


def test_a_working_copy_in_a_working_copy_is_not_added(
    client: Client, new: Path
) -> None:
    client("checkout", str(new / "nested"), url=URL)
    with pytest.raises(Error, match="is a working copy of its own"):
        add(client, "co/demo/new")
    assert add(client, "co/demo/new/deep", parents=True)[0] == "A co/demo/new/"


def test_parents_are_added_without_what_else_is_in_them(
    client: Client, new: Path
) -> None:
    assert add(client, "co/demo/new/deep/b.txt", parents=True) == [
        "A co/demo/new/",
        "A co/demo/new/deep/",
        "A co/demo/new/deep/b.txt",
    ]


def test_a_directory_moved_by_hand_is_added_with_what_is_new(
    client: Client, co: Path
) -> None:
    (co / "sub").rename(co / "moved")
    (co / "moved" / "x").write_text("x")
    assert add(client, "co/demo/moved") == [
        "A co/demo/moved/",
        "A co/demo/moved/deep.txt",
        "A co/demo/moved/x",
    ]


def test_a_directory_registered_for_removal_is_no_target(
    client: Client, co: Path
) -> None:
    client("remove", "co/demo/sub")
    (co / "sub").mkdir()
    (co / "sub" / "x").write_text("x")
    with pytest.raises(Error, match="is scheduled for removal"):
        add(client, "co/demo/sub")


@pytest.mark.layout(2)
@pytest.mark.parametrize(
    "command",
    [
        ("add", "co/demo/sub/x", None, None, True),
        ("add", "co/demo", None, None, True),
        ("copy", "co/demo/a.txt", "co/demo/sub/x"),
        ("move", ["co/demo/a.txt"], "co/demo/sub/x"),
    ],
)
def test_nothing_is_registered_in_a_folder_whose_entries_are_lost(
    client: Client, co: Path, command: tuple[Any, ...]
) -> None:
    shutil.rmtree(co / "sub")
    (co / "sub").mkdir()
    adds = command[0] == "add"
    if adds:
        (co / "sub" / "x").write_text("mine")
    with pytest.raises(Error, match="the entries of its folder are lost") as caught:
        client(*command)
    assert "'zsync update'" in (caught.value.advice or "")
    client.each("update", "co")
    assert (co / "sub" / "deep.txt").exists()
    found = client.each("status", "co", verbose=False)
    assert found == (["? co/demo/sub/x"] if adds else [])


def test_nothing_is_registered_in_a_folder_that_is_to_be_removed(
    client: Client, co: Path
) -> None:
    client("remove", "co/demo/sub")
    (co / "sub").mkdir()
    (co / "sub" / "x").write_text("x")
    with pytest.raises(Error, match="scheduled for removal") as caught:
        add(client, "co/demo/sub/x")
    assert "'zsync revert co/demo/sub'" in (caught.value.advice or "")
