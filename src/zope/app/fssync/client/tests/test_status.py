"""What has changed here, found out from the working copy alone."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing.clientside import URL
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.app.fssync.testing.controldata import remove
from zope.app.fssync.testing.controldata import write
from zope.fssync import files


def changed(client: Client, target: str = "co") -> list[str]:
    return client.each("status", target, verbose=False)


def test_an_untouched_checkout_has_nothing_to_tell(client: Client, co: Path) -> None:
    assert changed(client) == []
    assert client.each("status", "co") == [
        "/ co/demo/",
        "= co/demo/a.txt",
        "= co/demo/b.txt",
        "/ co/demo/sub/",
        "= co/demo/sub/deep.txt",
        "/ co/demo/void/",
    ]
    assert client.server.requests == ["/demo @@toFS.snarf"]


def test_each_state_has_its_letter(client: Client, co: Path) -> None:
    (co / "a.txt").write_text("changed")
    (co / "b.txt").unlink()
    (co / "new.txt").write_text("new")
    (co / "stray").mkdir()
    client("add", "co/demo/new.txt")
    client("remove", "co/demo/sub")
    assert changed(client) == [
        "M co/demo/a.txt",
        "lost co/demo/b.txt",
        "A co/demo/new.txt",
        "? co/demo/stray/",
        "R co/demo/sub",
    ]
    (co / "new.txt").unlink()
    (co / "sub").mkdir()
    assert changed(client)[2:] == [
        "A(lost) co/demo/new.txt",
        "? co/demo/stray/",
        "R(reborn) co/demo/sub/",
    ]


def test_an_edit_that_keeps_the_size_is_seen(client: Client, co: Path) -> None:
    (co / "b.txt").write_text("B\n")
    assert changed(client) == ["M co/demo/b.txt"]


def test_a_file_that_was_only_touched_is_unchanged(client: Client, co: Path) -> None:
    os.utime(co / "b.txt", (1, 1))
    assert changed(client) == []


@pytest.mark.parametrize("name", ["x~", ".#x", ".svn", "CVS"])
def test_backups_are_not_mentioned(client: Client, co: Path, name: str) -> None:
    (co / name).write_text("x")
    assert changed(client) == []


def test_a_folder_that_became_a_file_and_the_other_way_round(
    client: Client, co: Path
) -> None:
    shutil.rmtree(co / "void")
    (co / "void").write_text("file")
    (co / "b.txt").unlink()
    (co / "b.txt").mkdir()
    assert changed(client) == [
        "M(unrecognized) co/demo/b.txt/",
        "M(lost-original) co/demo/void",
    ]


def test_links_are_not_followed(client: Client, co: Path, home: Path) -> None:
    (co / "b.txt").unlink()
    (co / "b.txt").symlink_to("a.txt")
    (co / "link").symlink_to(home)
    assert changed(client) == ["M(unrecognized) co/demo/b.txt", "? co/demo/link"]


@pytest.mark.layout(3)
def test_a_changed_or_lost_extra_is_told(
    client: Client, server: Server, home: Path
) -> None:
    server.extras.update({"demo/a.txt": b"'text/plain'", "demo/sub": b"'x'"})
    client("checkout", "co", url=URL)
    extras = home / "co/demo/@@Zope/Extra"
    write(extras / "a.txt" / "contentType", b"'text/html'")
    remove(extras / "sub" / "contentType")
    assert changed(client) == [
        "M co/demo/@@Zope/Extra/a.txt/contentType",
        "R(reborn) co/demo/@@Zope/Extra/sub/contentType",
    ]


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("co/demo/nosuch", ["nonexistent co/demo/nosuch"]),
        ("co/demo/a.txt", ["= co/demo/a.txt"]),
        ("co/demo/void/", ["/ co/demo/void/"]),
        ("nowhere", ["nonexistent nowhere"]),
    ],
)
def test_any_path_can_be_asked_for(
    client: Client, co: Path, target: str, said: list[str]
) -> None:
    assert client("status", target) == said


def test_looking_changes_nothing(client: Client, co: Path, home: Path) -> None:
    (co / "a.txt").write_text("changed")
    before = snapshot(home)
    client.each("status", "co")
    client.each("diff", "co")
    assert snapshot(home) == before


def test_only_files_of_the_same_size_are_read(
    client: Client, co: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (co / "a.txt").write_text("changed")
    opened = []
    open_regular = files.open_regular

    def watched(path: str):
        opened.append(os.path.basename(path))
        return open_regular(path)

    monkeypatch.setattr(files, "open_regular", watched)
    assert changed(client) == ["M co/demo/a.txt"]
    assert "a.txt" not in opened
