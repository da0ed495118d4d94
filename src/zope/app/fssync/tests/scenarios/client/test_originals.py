"""Working copies that 3.6.0 left go on being used."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from zope.app.fssync.testing import recorded
from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing import working_copy
from zope.app.fssync.testing.clientside import Client
from zope.fssync.errors import Error
from zope.fssync.metadata import Metadata


@pytest.fixture
def pending(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working copy in all states, and the working directory in it."""
    demo = working_copy("demo-pending.tar.gz", home) / "demo"
    monkeypatch.chdir(demo)
    return demo


@pytest.mark.parametrize(
    ("archive", "target", "verbose", "said"),
    [
        ("demo-pending", ".", False, "status-pending"),
        ("demo-pending", "co", True, "status-pending-verbose"),
        ("demo-before-conflict", "a", False, "status-before-conflict"),
        ("demo-conflict", "a", False, "status-conflict"),
        ("demo-copied", ".", False, "status-copied"),
    ],
)
def test_the_status_is_what_3_6_0_said(
    client: Client,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    archive: str,
    target: str,
    verbose: bool,
    said: str,
) -> None:
    root = working_copy(f"{archive}.tar.gz", home)
    if target == ".":
        monkeypatch.chdir(root / "demo")
    before = snapshot(root)
    lines = client.each("status", target, verbose=verbose, conflicts=False)
    assert lines == recorded(f"{said}.txt").decode().splitlines()
    assert snapshot(root) == before


def diff(client: Client, target: str, options: str = "", original: bool = True) -> str:
    written: list[bytes] = []
    client(
        "diff", target, diffopts=options, need_original=original, write=written.append
    )
    return b"".join(written).decode()


@pytest.mark.parametrize(
    ("options", "lines"),
    [
        ("", ["1c1", "< Hello, world.", "---", "> Changed first line."]),
        (
            "-u",
            [
                "--- @@Zope/Original/readme.txt",
                "+++ readme.txt",
                "@@ -1,3 +1,3 @@",
                "-Hello, world.",
                "+Changed first line.",
                " Second line.",
                " Third line.",
            ],
        ),
        (
            "-C 0",
            [
                "*** @@Zope/Original/readme.txt",
                "--- readme.txt",
                "***************",
                "*** 1 ****",
                "! Hello, world.",
                "--- 1 ----",
                "! Changed first line.",
            ],
        ),
        (
            "-U 0",
            [
                "--- @@Zope/Original/readme.txt",
                "+++ readme.txt",
                "@@ -1 +1 @@",
                "-Hello, world.",
                "+Changed first line.",
            ],
        ),
    ],
)
def test_a_difference_is_what_3_6_0_showed(
    client: Client, pending: Path, options: str, lines: list[str]
) -> None:
    shown = diff(client, "readme.txt", options).splitlines()
    # The names of the files are followed by their times.
    assert [line.partition("\t")[0] for line in shown] == ["Index: readme.txt", *lines]


def test_added_and_removed_files_are_shown_on_demand(
    client: Client, pending: Path
) -> None:
    for target in ("new.txt", "utf8.txt"):
        with pytest.raises(Error, match=f"'{target}' is added or deleted"):
            diff(client, target)
    assert diff(client, "new.txt", original=False) == (
        "Index: new.txt\n0a1\n> a new file\n"
    )
    assert diff(client, "utf8.txt", original=False).startswith("Index: utf8.txt\n1")


def test_values_that_cannot_be_shown_are_named(client: Client, pending: Path) -> None:
    with pytest.raises(Error, match="'nosuch' doesn't exist"):
        diff(client, "nosuch")
    with pytest.raises(Error, match=r"'crlf\.txt' is neither file nor directory"):
        diff(client, "crlf.txt")


def test_the_differences_of_a_directory(client: Client, pending: Path) -> None:
    shown = diff(client, ".")
    assert [line for line in shown.splitlines() if line.startswith("Index")] == [
        "Index: ./data.bin",
        "Index: ./readme.txt",
    ]


def test_everything_can_be_reverted(client: Client, pending: Path) -> None:
    lines = client.each("revert")
    for name in ("./crlf.txt", "./data.bin", "./readme.txt", "./utf8.txt", "./new.bin"):
        assert f"Reverted {name}" in lines
    assert client.each("status", verbose=False) == [
        "? ./fresh/",
        "? ./made/",
        "? ./new.bin",
        "? ./new.txt",
        "? ./picture",
        "? ./stray.txt",
    ]


def test_conflicts_that_3_6_0_marked_are_resolved(client: Client, home: Path) -> None:
    demo = working_copy("demo-conflict.tar.gz", home) / "demo"
    markers = (demo / "readme.txt").read_bytes()
    client("resolve", "a/demo/readme.txt")
    assert "conflict" not in Metadata().getentry(str(demo / "readme.txt"))
    assert Metadata().getentry(str(demo / "both.txt"))["conflict"] == "yes"
    client.each("resolve", "a")
    assert "conflict" not in Metadata().getentry(str(demo / "both.txt"))
    assert (demo / "readme.txt").read_bytes() == markers


def test_an_empty_folder_of_3_6_0_takes_a_file(client: Client, home: Path) -> None:
    """3.6.0 left a pickle there in the place of Entries.xml."""
    demo = working_copy("demo-checkout.tar.gz", home) / "demo"
    entries = demo / "emptyfolder" / "@@Zope" / "Entries.xml"
    assert b"<pickle>" in entries.read_bytes()
    (demo / "emptyfolder" / "x.txt").write_text("x")
    assert client("add", "co/demo/emptyfolder/x.txt") == ["A co/demo/emptyfolder/x.txt"]
    assert b"<entries>" in entries.read_bytes()


def test_pending_changes_of_3_6_0_are_committed(client: Client, pending: Path) -> None:
    client("revert", "crlf.txt")
    client.server.objects = {"demo": None}
    client.each("commit")
    submission = client.server.submission
    assert submission is not None
    sent = {path for path in submission.iterPaths() if "@@Zope" not in path}
    assert {"demo/fresh/in.txt", "demo/new.bin", "demo/readme.txt"} <= sent
    assert not {"demo/stray.txt", "demo/backup~", "demo/utf8.txt"} & sent
    assert not any(path.endswith("@@Zope/Root") for path in submission.iterPaths())
    # An original that equals its file need not be sent.
    originals = [path for path in submission.iterPaths() if "/Original/" in path]
    assert originals == [
        "demo/@@Zope/Original/data.bin",
        "demo/@@Zope/Original/readme.txt",
        "demo/@@Zope/Original/utf8.txt",
    ]


def test_one_file_of_3_6_0_is_a_working_copy(client: Client, home: Path) -> None:
    root = working_copy("file-checkout.tar.gz", home)
    assert client.each("status", root.name) == [f"= {root.name}/readme.txt"]
    os.unlink(root / "readme.txt")
    client.each("revert", root.name)
    assert client.each("status", root.name, verbose=False) == []
