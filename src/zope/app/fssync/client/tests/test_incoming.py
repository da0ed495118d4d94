"""What an update would bring, and who changed it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from zope.app.fssync.client import incoming as module
from zope.app.fssync.client import log
from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.incoming import Incoming
from zope.app.fssync.client.incoming import _objects
from zope.app.fssync.client.log import Logged
from zope.app.fssync.client.log import LogPage
from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing.clientside import CannedNetwork
from zope.app.fssync.testing.clientside import Server
from zope.fssync import report
from zope.fssync.errors import AccessDenied
from zope.fssync.report import Change


def test_the_rehearsal_of_an_update_is_told_and_nothing_is_changed(
    server: Server, co: Path, home: Path
) -> None:
    server.objects["demo/a.txt"] = b"changed\n"
    server.objects["demo/new"] = None
    del server.objects["demo/b.txt"]
    before = snapshot(co)
    network = CannedNetwork(server, home)
    brought = module.incoming(network, str(co), network.warnings.append)
    found = {Path(each.path).name: each for each in brought}
    assert snapshot(co) == before
    assert {name: each.state for name, each in found.items()} == {
        "a.txt": "changed",
        "b.txt": "gone",
        "new": "new",
    }
    assert found["new"].is_directory


def test_parts_belong_to_their_object() -> None:
    changes = [
        Change(report.UPDATED, "co/@@Zope/Extra/a/title", "U"),
        Change(report.UPDATED, "co/b", "U"),
        Change(report.UPDATED, "co/@@Zope/Extra/b/title", "U"),
        Change(report.KEPT, "co/c", "M", report.MODIFIED),
        Change(report.CONFLICT, "co/d", "C", report.REMOVED_THERE),
        Change(report.SAME, "co/e", "D", report.REMOVED),
        "a plain line",
    ]
    assert _objects(changes, lambda path: False) == [
        Incoming("co/a", "changed", False),
        Incoming("co/b", "changed", False),
        Incoming("co/d", "gone", False),
        Incoming("co/e", "gone", False),
    ]


def logged(number: int, *changes: tuple[str, ...]) -> Logged:
    return Logged(f"{number:016x}", 0, f"user{number}", "", list(changes), len(changes))


def test_the_last_transaction_of_each_counts_and_the_known_one_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer = [
        logged(9, ("M", "a"), ("A", "new/")),
        logged(8, ("M", "a"), ("M", "b")),
        logged(7, ("M", "c")),
    ]
    monkeypatch.setattr(module, "info", lambda *args: {"transaction": f"{7:016x}"})
    monkeypatch.setattr(module, "find", lambda network, target: "/co")
    page = LogPage(answer, None, "", True)
    monkeypatch.setattr(log, "log_pages", lambda *args, **options: iter([page]))
    last = module._last(Network(), "co", print)
    assert {path: each.user for path, each in last.items()} == {
        "a": "user9",
        "new": "user9",
        "b": "user8",
    }
    assert module._of("co/b", "co", last) == answer[1]
    assert module._of("co", "co", last) is None


def test_a_user_who_changed_it_need_not_be_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*args: Any) -> Any:
        raise AccessDenied("no log for you")

    monkeypatch.setattr(module, "info", lambda *args: {"transaction": f"{7:016x}"})
    monkeypatch.setattr(module, "find", refuse)
    said: list[str] = []
    assert module._last(Network(), "co", said.append) == {}
    assert said == ["who changed it is unknown: no log for you"]


def test_without_a_known_transaction_the_log_is_not_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "info", lambda *args: {})
    assert module._last(Network(), "co", print) == {}
