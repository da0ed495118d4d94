"""A log as JSON."""

from __future__ import annotations

import pytest

from zope.app.fssync.browser import logdocument
from zope.app.fssync.browser.logdocument import log_document
from zope.app.fssync.server.changes.logentry import Change
from zope.app.fssync.server.changes.logentry import Page
from zope.app.fssync.server.changes.logentry import Transaction
from zope.fssync.limits import SERVER

CHANGES = [Change("M", ("docs", "a.txt")), Change("R", ("b",), ("docs", "b"))]
FOUND = Transaction(b"\0" * 7 + b"\1", 1.0, "ann", "why", CHANGES, b"record")


def test_changes_are_letters_and_paths() -> None:
    (told,) = log_document(Page([FOUND], None))["transactions"]
    assert told["changes"] == [["M", "docs/a.txt"], ["R", "b", "docs/b"]]
    assert (told["id"], told["count"]) == ("0000000000000001", 2)
    assert "record" not in told


def test_records_are_told_where_they_are_wanted() -> None:
    document = log_document(Page([FOUND], b"\0" * 8, 2.0, b"\1" * 8), True)
    assert document["transactions"][0]["record"] == "cmVjb3Jk"
    assert document["before"] == "0" * 16
    assert document["packed"] == "01" * 8


def test_commits_of_the_object_itself_are_told() -> None:
    page = Page([FOUND._replace(target=each) for each in (b"a", b"b", None)], None)
    told = log_document(page, oid=b"a")["transactions"]
    assert [each.get("here") for each in told] == [True, None, None]
    assert "here" not in log_document(page)["transactions"][0]


def test_the_changes_of_a_transaction_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logdocument, "SERVER", SERVER._replace(logged_changes=1))
    (told,) = log_document(Page([FOUND], None))["transactions"]
    assert len(told["changes"]) == 1
    assert told["count"] == 2
