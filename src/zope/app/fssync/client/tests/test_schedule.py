"""The verbs that ask no server."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from zope.app.fssync.client.api import FSSync
from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing.clientside import URL
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.app.fssync.testing.clientside import lose_original
from zope.app.fssync.testing.clientside import metadata
from zope.app.fssync.testing.controldata import Part
from zope.app.fssync.testing.controldata import has
from zope.app.fssync.testing.controldata import read
from zope.fssync.errors import Error


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


# Elsewhere the entries are not in the folder.
@pytest.mark.layout(2)
@pytest.mark.parametrize("verb", ["copy", "move"])
def test_a_folder_that_was_put_in_the_place_of_another_stays(
    client: Client, co: Path, home: Path, verb: str
) -> None:
    shutil.rmtree(co / "sub")
    (co / "sub").mkdir()
    (co / "sub" / "c.txt").write_text("mine")
    before = snapshot(home)
    source = "co/demo/sub"
    with pytest.raises(Error, match=f"can't {verb} .*its entries are lost") as refused:
        client(verb, [source] if verb == "move" else source, "co/demo/new")
    assert "zsync update" in str(refused.value)
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


def test_resolve_takes_a_directory(client: Client, server: Server, co: Path) -> None:
    for name in ("a.txt", "sub/deep.txt"):
        (co / name).write_bytes(b"mine\n")
        server.objects[f"demo/{name}"] = b"theirs\n"
    client.each("update", "co")
    assert len(client.conflicts) == 2
    paths = ["co/demo/a.txt", "co/demo/sub/deep.txt"]
    (co / "a.txt").write_bytes(b"both\n")
    with pytest.raises(Error, match=r"markers are left in 'co/demo/sub/deep\.txt'"):
        client.each("resolve", "co", force=False)
    assert client.each("status", "co", verbose=False) == [f"C {x}" for x in paths]
    assert client.each("resolve", "co") == [f"Resolved {path}" for path in paths]
    assert client.each("resolve", "co") == []
    client.each("update", "co")
    assert client.conflicts == []


def test_resolving_what_nobody_knows_is_nothing(client: Client, co: Path) -> None:
    assert client("resolve", "co/demo/nosuch") == []


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


def test_revert_of_a_removal_that_kept_files_registers_them(
    client: Client, co: Path
) -> None:
    client("remove", "co/demo/sub", keep_local=True)
    client("revert", "co/demo/sub")
    client("update", "co/demo")
    assert client.each("status", "co", verbose=False) == []


def test_a_rehearsal_changes_nothing(client: Client, co: Path) -> None:
    lines: list[str] = []
    fs = FSSync(reporter=lines.append)
    fs.rehearsing = True
    (co / "new").write_text("x")
    before = snapshot(co)
    fs.each([str(co / "new")], fs.add)
    fs.each([str(co / "a.txt"), str(co / "sub")], fs.remove)
    assert [line[0] for line in lines] == ["A", "R", "R"]
    assert snapshot(co) == before
