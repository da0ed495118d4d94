"""Whose change on the server is in conflict with one here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from zope.app.fssync.client import blame as module
from zope.app.fssync.client.blame import blamed
from zope.app.fssync.client.blame import changes_since
from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.log import LastChanges
from zope.app.fssync.client.log import Logged
from zope.app.fssync.client.session import Session
from zope.fssync.errors import AccessDenied
from zope.fssync.errors import Error
from zope.fssync.errors import ServerRefused
from zope.fssync.report import LastChange
from zope.fssync.report import last_change

SINCE = f"0x{7:016x}"


def answer(monkeypatch: pytest.MonkeyPatch, found: Any) -> list[Any]:
    asked: list[Any] = []

    def last_changes(network: Network, *args: Any) -> Any:
        asked.append(args)
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr(module, "last_changes", last_changes)
    return asked


def test_each_object_and_its_parts_have_their_transaction(
    co: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = Logged(f"{9:016x}", 1700000000.5, "al\x1bice", "")
    asked = answer(monkeypatch, LastChanges({"a.txt": ours, "": ours}))
    found = changes_since(Network(), "/demo", SINCE)
    blame = blamed(Session(str(co.parent)), str(co), None, lambda: found)
    assert asked == [("/demo", f"{7:016x}")]
    change = LastChange(f"0x{9:016x}", 1700000000, "al\\x1bice")
    assert blame(str(co / "a.txt")) == blame(str(co)) == change
    assert blame(str(co / "@@Zope" / "Extra" / "a.txt" / "title")) == change
    assert blame(str(co / "b.txt")) is None


def test_the_log_is_asked_for_what_the_answer_does_not_tell(co: Path) -> None:
    ours = Logged(f"{9:016x}", 1700000000, "alice", "")
    theirs = Logged(f"{8:016x}", 1700000000, "bob", "")
    asked: list[LastChanges] = []

    def ask() -> LastChanges:
        asked.append(LastChanges({"b.txt": theirs}))
        return asked[-1]

    brought = LastChanges({"a.txt": ours})
    blame = blamed(Session(str(co.parent)), str(co), brought, ask)
    assert blame(str(co / "a.txt")) == ours.last_change()
    assert not asked
    assert blame(str(co / "b.txt")) == theirs.last_change()


@pytest.mark.parametrize(
    "error",
    [
        AccessDenied("no log for you"),
        ServerRefused("the database keeps no history"),
        # What a network of an add-on raises for any response but 200.
        Error("HTTP error 409"),
    ],
)
def test_nobody_is_blamed_where_the_log_is_not_to_be_seen(
    co: Path, monkeypatch: pytest.MonkeyPatch, error: Error
) -> None:
    answer(monkeypatch, error)
    found = changes_since(Network(), "/demo", SINCE)
    blame = blamed(Session(str(co.parent)), str(co), None, lambda: found)
    assert blame(str(co / "a.txt")) is None


def test_an_old_server_and_an_unknown_state_are_not_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = answer(monkeypatch, LastChanges())
    network = Network()
    assert changes_since(network, "/other", None) is None
    network.old_server = True
    assert changes_since(network, "/demo", SINCE) is None
    assert asked == []


@pytest.mark.parametrize("mark", ["", "yes", "yes 0x1 2 x", "kind alice"])
def test_entries_without_a_transaction_name_none(mark: str) -> None:
    assert last_change({"conflict": mark}) is None


@pytest.mark.parametrize("user", ["", "alice", "with a blank"])
def test_a_mark_is_read_as_it_was_written(user: str) -> None:
    change = LastChange(f"0x{9:016x}", 1700000000, user)
    assert LastChange.of_mark(change.mark()) == change
    assert str(change).startswith(f"{user or 'nobody'}, 2023-11-1")
