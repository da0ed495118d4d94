"""zsync undo."""

from __future__ import annotations

import json
from typing import Any

import pytest

from zope.app.fssync.cli.main import main
from zope.app.fssync.client.api import FSSync
from zope.app.fssync.client.log import Logged
from zope.app.fssync.client.workingcopy.operations import Operation

REVERT = Operation(3, "revert", 1764399600.0, 5, ["a.txt"], False)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []

    def recorder(name: str, answer: Any) -> None:
        def method(self: FSSync, *arguments: Any) -> Any:
            found.append((name, *arguments))
            return answer

        monkeypatch.setattr(FSSync, name, method)

    recorder("undo", REVERT)
    recorder("operations", [REVERT])
    for name in ("undo_transaction", "undo_on_server"):
        recorder(name, Logged("040d55d975e08544", 1.0, "ann", "why"))
    return found


@pytest.mark.parametrize(
    ("args", "call"),
    [
        ([], ("undo", ".")),
        (["--list"], ("operations", ".")),
        (["shop"], ("undo", "shop")),
        (["--list", "shop"], ("operations", "shop")),
        (["PREV"], ("undo_transaction", ".", "PREV")),
        (["-r", "PREV", "shop"], ("undo_transaction", "shop", "PREV")),
        (["shop", "-r", "PREV"], ("undo_transaction", "shop", "PREV")),
        (["--server", "PREV"], ("undo_on_server", ".", "PREV", None, False)),
        (["--server", "-n", "PREV"], ("undo_on_server", ".", "PREV", None, True)),
        (["--server", "-m", "w", "PREV"], ("undo_on_server", ".", "PREV", "w", False)),
    ],
)
def test_the_named_transaction_is_undone(
    args: list[str], call: tuple[Any, ...], calls: list[tuple[Any, ...]]
) -> None:
    assert main(["undo", *args]) == 0
    assert calls == [call]


@pytest.mark.parametrize(
    ("reported", "told"),
    [(0, "Nothing of 040d55d975e08544 is left"), (1, "Took back 040d55d975e08544")],
)
def test_undo_cmd_is_told_whether_anything_was_taken_back(
    reported: int,
    told: str,
    calls: list[tuple[Any, ...]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def undone(self: FSSync, *arguments: Any) -> Logged:
        self.reported += reported
        return Logged("040d55d975e08544", 1.0, "ann", "why")

    monkeypatch.setattr(FSSync, "undo_transaction", undone)
    assert main(["undo", "PREV"]) == 0
    assert told in capsys.readouterr().out


def test_undo_tells_of_a_second_commit(
    calls: list[tuple[Any, ...]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def undone(self: FSSync, *arguments: Any) -> Logged:
        self.later.append("shop/a\n.txt")
        return Logged("040d55d975e08544", 1.0, "ann", "why")

    monkeypatch.setattr(FSSync, "undo_transaction", undone)
    assert main(["undo", "PREV"]) == 0
    told = capsys.readouterr().err
    assert "shop/a\\x0a.txt takes a second step" in told
    assert "run 'zsync undo 040d55d975e08544' again" in told


@pytest.mark.parametrize("args", [["a", "b", "c"], ["--server"], ["-n"]])
def test_nonsense_is_refused(args: list[str], calls: list[tuple[Any, ...]]) -> None:
    assert main(["undo", *args]) == 2
    assert calls == []


def test_programs_get_the_list(
    calls: list[tuple[Any, ...]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["undo", "--list", "--json"]) == 0
    (item,) = json.loads(capsys.readouterr().out)["items"]
    assert item["verb"] == "revert"
    assert item["paths"] == ["a.txt"]


def test_undo_takes_the_last_command_back(zsync, demo):
    (demo / "readme.txt").write_text("mine\n")
    zsync("revert", "co/demo/readme.txt")
    assert "revert" in zsync("undo", "--list", "co")
    zsync("undo", "co")
    assert (demo / "readme.txt").read_text() == "mine\n"
