"""zsync log."""

from __future__ import annotations

import json
from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

import pytest

from zope.app.fssync.cli.main import main
from zope.app.fssync.client.api import FSSync
from zope.app.fssync.client.log import Logged
from zope.app.fssync.client.log import Query
from zope.app.fssync.testing.rawserver import answer
from zope.fssync.errors import Error

IDS = ("040d55d975e08544", "040d55d975e08533")


class Differences:
    """What `LogDiff` shows of each transaction: a line, or why it does not."""

    def __init__(self, write: Callable[[bytes], object], begin: Callable[[str], Any]):
        self._write = write
        self._begin = begin

    def show(self, logged: Logged) -> list[Error]:
        if logged.id == IDS[1]:
            return [Error("it was packed away"), Error("it was packed away")]
        self._begin("a.txt")
        self._write(b"+new\n")
        return []


@pytest.fixture
def queries(monkeypatch: pytest.MonkeyPatch) -> list[Query]:
    asked: list[Query] = []

    def log(
        self: FSSync, target: str, query: Query, began: Callable[[float], object]
    ) -> Iterator[Logged]:
        asked.append(query)
        for tid in IDS:
            yield Logged(tid, 1764399600.0, "ann", "why", [("M", "a.txt")], 1)
        began(1764396000.0)

    monkeypatch.setattr(FSSync, "log", log)
    monkeypatch.setattr(
        FSSync, "log_diff", lambda self, target, *more: Differences(*more)
    )
    return asked


@pytest.mark.usefixtures("queries")
def test_differences_follow_their_transaction(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["log", "--diff", "-l", "5"]) == 0
    first, second = capsys.readouterr().out.split("\n\n")
    assert first.startswith(IDS[0])
    assert first.endswith("    why\nIndex: a.txt\n+new")
    assert second.startswith(IDS[1])
    assert second.count("Some differences are not shown: it was packed away") == 1


@pytest.mark.usefixtures("queries")
def test_programs_are_told_which_transaction_made_a_difference(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["log", "--diff", "--json"]) == 0
    one, difference, two = json.loads(capsys.readouterr().out)["items"]
    assert [one["id"], two["id"]] == list(IDS)
    assert (difference["path"], difference["transaction"]) == ("a.txt", IDS[0])
    assert "+new\n" in difference["content"]


@pytest.mark.usefixtures("queries")
def test_the_end_tells_when_the_history_begins(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["log"]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("The history begins at 2025-11-29")
    assert last.endswith("what was before was packed away.")


def test_ends_may_be_words(queries: list[Query]) -> None:
    assert main(["log", "-r", "PREV:HEAD"]) == 0
    assert queries == [Query(since="PREV", until="HEAD")]


def test_log_shows_what_the_server_tells(zsync):
    change = {"id": "040d55d975e08544", "time": 1764399600.0, "user": "ann"}
    change |= {"message": "why", "changes": [["M", "a.txt"]], "count": 1}
    told = json.dumps({"transactions": [change], "skip": None}).encode()
    shown = zsync(
        "log", "-v", "co/demo", answer=answer(told, "text/plain")
    ).splitlines()
    assert shown[0].startswith("040d55d975e08544  20")
    assert shown[0].endswith("  ann")
    assert shown[1:] == ["    why", "M   a.txt"]
    zsync("log", "co/demo", "co", status=2)
