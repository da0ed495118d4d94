"""Files beside their originals."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from zope.app.fssync.testing.clientside import URL
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.app.fssync.testing.clientside import lose_original
from zope.app.fssync.testing.controldata import write
from zope.fssync.errors import Error


def diff(client: Client, target: str = "co/demo", **options: object) -> bytes:
    written: list[bytes] = []
    client("diff", target, write=written.append, **options)
    return b"".join(written)


def test_an_untouched_checkout_shows_nothing(client: Client, co: Path) -> None:
    assert diff(client) == b""


@pytest.mark.parametrize("option", ["-u", "-c", "-U 1", "-b", "-i"])
def test_diff_is_what_diff_prints(client: Client, co: Path, option: str) -> None:
    (co / "a.txt").write_bytes(b"one\nTWO\nthree\nfour")
    packed = diff(client, "co/demo/a.txt", diffopts=option)
    client("downgrade", "co")
    ours = diff(client, "co/demo/a.txt", diffopts=option)
    stamp = re.compile(rb"\t\d{4}-.*")
    assert stamp.sub(b"", packed) == stamp.sub(b"", ours)
    theirs = subprocess.run(
        ["diff", *option.split(), "co/demo/@@Zope/Original/a.txt", "co/demo/a.txt"],
        stdout=subprocess.PIPE,
    ).stdout
    assert ours == b"Index: co/demo/a.txt\n" + theirs


@pytest.mark.layout(3)
def test_files_are_shown_in_order_with_their_extras(
    client: Client, server: Server, home: Path
) -> None:
    server.extras["demo/a.txt"] = b"'text/plain'\n"
    client("checkout", "co", url=URL)
    demo = home / "co" / "demo"
    write(demo / "@@Zope/Extra/a.txt/contentType", b"'text/html'\n")
    (demo / "sub" / "deep.txt").write_bytes(b"changed\n")
    assert re.findall(rb"Index: (.*)", diff(client)) == [
        b"co/demo/@@a.txt.meta",
        b"co/demo/sub/deep.txt",
    ]


@pytest.mark.layout(2)
def test_added_and_removed_files_are_compared_with_nothing(
    client: Client, co: Path
) -> None:
    (co / "new.txt").write_bytes(b"new\n")
    client("add", "co/demo/new.txt")
    client("remove", "co/demo/b.txt")
    assert diff(client) == b""
    assert diff(client, need_original=False) == (
        b"Index: co/demo/b.txt\n1d0\n< b\nIndex: co/demo/new.txt\n0a1\n> new\n"
    )


def test_without_a_writer_lines_are_reported(client: Client, co: Path) -> None:
    (co / "b.txt").write_bytes(b"B\n")
    assert client("diff", "co/demo/b.txt") == [
        "Index: co/demo/b.txt",
        "1c1",
        "< b",
        "---",
        "> B",
    ]


def test_a_lost_original_is_said(client: Client, co: Path) -> None:
    lose_original(co / "b.txt")
    with pytest.raises(Error, match="can't find original for diff target") as caught:
        diff(client, "co/demo/b.txt")
    assert "zsync update" in str(caught.value)


def test_a_lost_file_below_a_directory_is_passed_over(client: Client, co: Path) -> None:
    (co / "a.txt").unlink()
    (co / "b.txt").write_bytes(b"B\n")
    assert diff(client).startswith(b"Index: co/demo/b.txt\n")
