"""What was moved by hand is recognized by what it holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync.cli.main import main
from zope.app.fssync.client.api import FSSync
from zope.app.fssync.client.renames import likely_moves
from zope.app.fssync.client.session import reading
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server


def found(missing: list[str], new: list[str]) -> list[tuple[str, str]]:
    def inside(names: list[str]) -> list[str]:
        return [f"co/demo/{name}" for name in names]

    pairs = likely_moves(reading("co"), inside(missing), inside(new))
    return [(a.removeprefix("co/demo/"), b.removeprefix("co/demo/")) for a, b in pairs]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("1\n2\n3\n4\n", True),
        ("1\n2\n3\nx\n", True),
        ("1\n2\nx\ny\n", False),
        ("", False),
        ("1\n" * 200_000, False),
    ],
)
def test_a_file_is_recognized_by_its_lines(
    client: Client, co: Path, server: Server, lines: str, expected: bool
) -> None:
    server.objects["demo/a.txt"] = b"1\n2\n3\n4\n"
    client("update", "co/demo")
    (co / "a.txt").unlink()
    (co / "new").write_text(lines)
    (co / "other").write_text("quite another\n")
    pairs = found(["a.txt"], ["other", "new"])
    assert pairs == ([("a.txt", "new")] if expected else [])


def test_the_most_alike_is_taken_once(client: Client, co: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (co / name).rename(co / f"{name}.moved")
    assert found(["a.txt", "b.txt"], ["b.txt.moved", "a.txt.moved", "void"]) == [
        ("a.txt", "a.txt.moved"),
        ("b.txt", "b.txt.moved"),
    ]


@pytest.mark.layout(2)
def test_a_directory_is_recognized_by_its_control_data(
    client: Client, co: Path
) -> None:
    (co / "sub").rename(co / "moved")
    (co / "plain").mkdir()
    assert found(["sub"], ["plain/", "moved/"]) == [("sub", "moved")]


def test_files_beside_are_looked_at(client: Client, co: Path) -> None:
    (co / "a.txt").rename(co / "new.txt")
    fs = FSSync()
    pair = ("co/demo/a.txt", "co/demo/new.txt")
    assert fs.moved_by_hand(missing=["co/demo/a.txt"]) == [pair]
    client("add", "co/demo/new.txt")
    assert fs.moved_by_hand(new=["co/demo/new.txt"]) == [pair]
    client("remove", "co/demo/a.txt")
    assert fs.moved_by_hand(new=["co/demo/new.txt"]) == []
    assert fs.moved_by_hand(missing=["co/demo/b.txt"]) == []


def test_add_and_remove_offer_the_move(
    client: Client, co: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (co / "a.txt").rename(co / "new.txt")
    after = "then 'zsync move --after co/demo/a.txt co/demo/new.txt'"
    assert main(["add", "co/demo/new.txt"]) == 0
    assert f"'zsync revert co/demo/new.txt', {after}" in capsys.readouterr().out
    assert main(["revert", "co/demo/new.txt"]) == 0
    assert main(["remove", "co/demo/a.txt"]) == 0
    assert f"'zsync revert co/demo/a.txt', {after}" in capsys.readouterr().out
