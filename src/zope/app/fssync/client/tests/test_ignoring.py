"""What is ignored in a working copy, by which rule."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync.client.api import FSSync
from zope.app.fssync.client.ignoring import BUILT_IN
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.fssync.errors import Error
from zope.fssync.errors import LimitExceeded
from zope.fssync.limits import IGNORE_FILE_SIZE


def status(client: Client, **options: bool) -> list[str]:
    return client.each("status", "co", verbose=False, **options)


def test_status_does_not_mention_what_is_ignored(client: Client, co: Path) -> None:
    (co / ".zsyncignore").write_text("*.log\n/build/\n!keep.log\n")
    (co / "sub" / ".zsyncignore").write_text("keep.log\n!a.log\n")
    for name in ("a.log", "keep.log", "sub/a.log", "sub/keep.log", "sub/build"):
        (co / name).write_text("x")
    (co / "build").mkdir()
    (co / "build" / "x").write_text("x")
    assert status(client) == [
        "? co/demo/keep.log",
        "? co/demo/sub/a.log",
        "? co/demo/sub/build",
    ]
    assert status(client, ignored=True) == [
        "I co/demo/.zsyncignore",
        "I co/demo/a.log",
        "I co/demo/build/",
        "? co/demo/keep.log",
        "I co/demo/sub/.zsyncignore",
        "? co/demo/sub/a.log",
        "? co/demo/sub/build",
        "I co/demo/sub/keep.log",
    ]
    assert "? co/demo/a.log" in status(client, conflicts=False)


@pytest.mark.parametrize(
    "name",
    ["a~", ".#a", "#a#", ".a.swp", ".DS_Store", "Thumbs.db", ".git", ".svn", "CVS"],
)
def test_files_editors_and_systems_leave_are_ignored(
    client: Client, co: Path, name: str
) -> None:
    (co / name).write_text("x")
    assert status(client) == []
    rule = FSSync().ignore_rule(f"co/demo/{name}")[1]
    assert rule is not None
    assert rule.source == BUILT_IN
    (co / ".zsyncignore").write_text(f"!\\{name}")
    assert status(client) == [f"? co/demo/{name}"]


def test_an_update_leaves_ignored_files_in_a_removed_folder(
    client: Client, co: Path, server: Server
) -> None:
    (co / "sub" / ".zsyncignore").write_text("kept.txt\n")
    (co / "sub" / "kept.txt").write_text("mine")
    del server.objects["demo/sub"], server.objects["demo/sub/deep.txt"]
    assert "D co/demo/sub/deep.txt" in client("update", "co/demo")
    assert (co / "sub" / "kept.txt").read_text() == "mine"


def test_an_update_does_not_mention_ignored_files(
    client: Client, co: Path, server: Server
) -> None:
    (co / ".zsyncignore").write_text("a.log\nbuild/\n")
    (co / "a.log").write_text("mine")
    (co / "build").mkdir()
    (co / "other").write_text("mine")
    assert client("update", "co/demo") == ["? co/demo/other"]


def test_registered_files_are_not_ignored(
    client: Client, co: Path, server: Server
) -> None:
    (co / ".zsyncignore").write_text("*.txt\n")
    (co / "a.txt").write_text("edited")
    assert status(client) == ["M co/demo/a.txt"]
    registered, rule = FSSync().ignore_rule("co/demo/a.txt")
    assert registered
    assert rule is not None
    client("commit", "co/demo")
    assert server.objects["demo/a.txt"] == b"edited"


def test_files_in_an_ignored_directory_are_ignored(client: Client, co: Path) -> None:
    (co / ".zsyncignore").write_text("build/\n!x\n")
    (co / "build").mkdir()
    (co / "build" / "x").write_text("x")
    _, rule = FSSync().ignore_rule("co/demo/build/x")
    assert rule is not None
    assert (rule.text, rule.number) == ("build/", 1)
    assert FSSync().ignore_rule("co/demo/nosuch") == (False, None)


def test_all_rules_are_listed_the_strongest_last(client: Client, co: Path) -> None:
    (co / ".zsyncignore").write_text("one\n")
    (co / "sub" / ".zsyncignore").write_text("two\n")
    rules = FSSync().ignore_rules("co/demo/sub")
    assert [(rule.source, rule.text) for rule in rules[-2:]] == [
        ("demo/.zsyncignore", "one"),
        ("demo/sub/.zsyncignore", "two"),
    ]
    assert rules[0].source == BUILT_IN
    assert [rule.text for rule in FSSync().ignore_rules("co")][-1] != "one"


def test_only_files_of_a_working_copy_have_rules(client: Client, co: Path) -> None:
    for path in (".", "co/demo/@@Zope/Entries.xml"):
        with pytest.raises(Error, match="nothing is ignored or not"):
            FSSync().ignore_rule(path)
    with pytest.raises(Error, match="nothing is ignored or not"):
        FSSync().ignore_rules(".")


def test_a_huge_file_of_rules_is_refused(client: Client, co: Path) -> None:
    (co / ".zsyncignore").write_text("a" * IGNORE_FILE_SIZE)
    (co / "x").write_text("x")
    assert status(client) == ["? co/demo/x"]
    (co / ".zsyncignore").write_text("a" * (IGNORE_FILE_SIZE + 1))
    with pytest.raises(LimitExceeded, match="zsyncignore"):
        status(client)


def test_a_copy_from_outside_leaves_out_what_is_ignored(
    client: Client, co: Path
) -> None:
    (co / ".zsyncignore").write_text("*.log\n/new/tmp/\n")
    for name in ("a.txt", "a.log", "tmp/x", "sub/tmp"):
        path = Path("new", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    client("copy", "new", "co/demo/new")
    found = sorted(str(p.relative_to(co / "new")) for p in (co / "new").rglob("*"))
    assert [name for name in found if "@@" not in name] == ["a.txt", "sub", "sub/tmp"]
