"""The transactions that changed an object, for one caller."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import transaction
from persistent.mapping import PersistentMapping
from zope.annotation.interfaces import IAnnotations
from zope.app.file.file import File

from zope.app.fssync.server.changes import log
from zope.app.fssync.server.changes import reachable
from zope.app.fssync.server.changes.history import TooLarge
from zope.app.fssync.server.changes.log import Log
from zope.app.fssync.server.changes.logentry import Change
from zope.app.fssync.server.changes.logentry import Page
from zope.app.fssync.server.changes.logentry import Wanted
from zope.app.fssync.server.changes.referrers import LateReferrers
from zope.app.fssync.server.changes.referrers import NotYet
from zope.app.fssync.server.changes.tests.callers import MANAGER
from zope.app.fssync.server.changes.tests.callers import Principal
from zope.app.fssync.server.changes.tests.callers import called_by
from zope.app.fssync.server.changes.tests.callers import demo
from zope.app.fssync.server.changes.tracer import RecordTracer
from zope.app.fssync.tests.scenarios.changesonly.conftest import server as server
from zope.app.fssync.tests.scenarios.changesonly.conftest import site as site
from zope.app.fssync.tests.scenarios.changesonly.site import Site
from zope.fssync.limits import NEAR_RECORDS

ALL = Wanted()


def change(site: Site, note: str, what: Callable[[Any], object]) -> None:
    with site.changing() as root:
        transaction.get().note(note)
        what(root["area"]["demo"])


def page(
    site: Site, wanted: Wanted = ALL, limit: int = 10, who: Principal = MANAGER
) -> Page:
    with called_by(who) as host, demo(site) as obj:
        return Log(obj, host, host.access()).page(wanted, limit)


def told(found: Page) -> list[tuple[str, list[Change]]]:
    return [(each.note, each.changes) for each in found.transactions]


@pytest.fixture
def edited(server: object, site: Site) -> Site:
    change(site, "more", lambda demo: setattr(demo["docs"]["two.txt"], "data", b"1"))
    change(site, "less", lambda demo: demo["docs"].__delitem__("two.txt"))
    return site


def test_the_newest_comes_first(edited: Site) -> None:
    assert told(page(edited))[:2] == [
        ("less", [Change("M", ("docs",)), Change("D", ("docs", "two.txt"))]),
        ("more", [Change("M", ("docs", "two.txt"))]),
    ]


def test_a_page_is_limited_and_tells_where_to_go_on(edited: Site) -> None:
    found = page(edited, limit=1)
    assert [each.note for each in found.transactions] == ["less"]
    assert found.before == found.transactions[-1].tid


def test_the_newest_are_told_while_an_index_is_made(
    edited: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "NEAR_RECORDS", 1)
    monkeypatch.setattr(reachable, "LISTED_RECORDS", 1)
    monkeypatch.setattr(log, "LOG_PAGE", 1)
    assert len(page(edited).transactions) > 1
    monkeypatch.setattr(LateReferrers, "is_being_made", lambda self: True)
    found = page(edited)
    assert [each.note for each in found.transactions] == ["less"]
    with called_by(MANAGER) as host, demo(edited) as obj:
        rest = Log(obj, host, host.access()).page(ALL, 10, found.before)
    assert rest.transactions[0].note == "more"
    assert rest.before is None


@pytest.mark.parametrize("records", range(0, 40, 3))
def test_large_transactions_are_told_by_the_records_of_what_is_logged(
    edited: Site, monkeypatch: pytest.MonkeyPatch, records: int
) -> None:
    for number in range(8):
        change(edited, f"{number}", lambda demo: setattr(demo["docs"], "x", 1))
    expected = page(edited)
    monkeypatch.setattr(log, "NEAR_RECORDS", 1)
    monkeypatch.setattr(log, "LOG_READ", 3)
    monkeypatch.setattr(log, "LOOKED_RECORDS", records)
    assert page(edited) == expected


@pytest.fixture
def busy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread makes the index, and nobody may wait for it."""

    def updated(self: Any) -> None:
        assert not self.waits, "it waits for the index"
        raise NotYet

    monkeypatch.setattr(log, "NEAR_RECORDS", 1)
    monkeypatch.setattr(LateReferrers, "is_being_made", lambda self: True)
    monkeypatch.setattr(LateReferrers, "_updated", updated)


def test_the_log_of_a_part_does_not_wait_for_the_index(
    edited: Site, request: pytest.FixtureRequest
) -> None:
    expected = told(page(edited))
    request.getfixturevalue("busy")
    assert told(page(edited)) == expected


def test_an_object_with_too_many_records_is_looked_up_once(
    edited: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = told(page(edited))
    asked: list[bool] = []

    def below(self: Any, *args: Any) -> None:
        asked.append(self.waits)
        assert not self.waits
        raise NotYet

    monkeypatch.setattr(log, "NEAR_RECORDS", 1)
    monkeypatch.setattr(reachable, "LISTED_RECORDS", 1)
    monkeypatch.setattr(log, "LOG_PAGE", 1)
    monkeypatch.setattr(LateReferrers, "below", below)
    assert told(page(edited)) == expected
    assert asked == [False]


def test_the_newest_transactions_need_no_other_records(
    edited: Site, busy: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A folder itself knows where it is.
    change(edited, "new", lambda demo: setattr(demo["docs"], "title", "Documents"))
    monkeypatch.setattr(reachable, "LISTED_RECORDS", None)
    assert [each.note for each in page(edited, limit=1).transactions] == ["new"]


def test_the_wanted_object_is_found(edited: Site) -> None:
    assert told(page(edited, Wanted(text="MORE")))[0][0] == "more"
    assert page(edited, Wanted(user="nobody")).transactions == []
    newest = page(edited, limit=1).transactions[0].tid
    (one,) = page(edited, Wanted(since=newest)).transactions
    assert one.note == "less"


@pytest.mark.parametrize("near", [NEAR_RECORDS, 1])
def test_all_that_a_transaction_made_is_told(
    server: object, site: Site, monkeypatch: pytest.MonkeyPatch, near: int
) -> None:
    monkeypatch.setattr(log, "NEAR_RECORDS", near)

    def add(demo: Any) -> None:
        docs = demo["docs"]
        docs["new"] = type(docs)()
        docs["new"]["one.txt"] = File(b"1")
        IAnnotations(docs["two.txt"])["test.note"] = PersistentMapping()

    change(site, "added", add)
    ((note, changes),) = told(page(site, limit=1))
    assert (note, [(each.letter, each.keys) for each in changes]) == (
        "added",
        [
            ("M", ("docs",)),
            ("A", ("docs", "new")),
            ("A", ("docs", "new", "one.txt")),
            ("M", ("docs", "two.txt")),
        ],
    )


def test_records_of_other_objects_are_not_loaded(
    server: object, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "NEAR_RECORDS", 1)
    with site.changing() as root:
        beside = type(root["area"]["demo"])()
        root["area"]["beside"] = beside
        for number in range(20):
            beside[f"{number}.txt"] = File(b"x")
        root._p_jar.add(beside)
        oid = beside._p_oid
    looked_for: set[bytes] = set()
    get = RecordTracer.get

    def look(self: Any, oid: bytes, is_stored: bool = False) -> Any:
        looked_for.add(oid)
        return get(self, oid, is_stored)

    monkeypatch.setattr(RecordTracer, "get", look)
    assert page(site, limit=1).transactions
    assert looked_for
    assert oid not in looked_for


@pytest.mark.parametrize(("near", "prepared"), [(NEAR_RECORDS, 0), (1, 1)])
def test_an_index_is_prepared_for_what_leads_to_many_records(
    edited: Site, monkeypatch: pytest.MonkeyPatch, near: int, prepared: int
) -> None:
    calls: list[object] = []
    monkeypatch.setattr(log, "NEAR_RECORDS", near)
    monkeypatch.setattr(LateReferrers, "prepare", lambda self: calls.append(self))
    page(edited, limit=1)
    assert len(calls) == prepared


def test_in_a_database_that_is_too_large_the_newest_are_told(
    edited: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: Any, *args: Any) -> None:
        raise TooLarge("the database has too many records")

    monkeypatch.setattr(log, "NEAR_RECORDS", 1)
    for name in ("below", "of"):
        monkeypatch.setattr(LateReferrers, name, fail)
    assert page(edited, limit=1).transactions[0].note == "less"


def test_a_caller_learns_nothing_of_what_is_withheld(
    server: object, site: Site
) -> None:
    plan = Change("M", ("secret", "plan.txt"))
    change(site, "hush", lambda demo: setattr(demo["secret"]["plan.txt"], "data", b"1"))
    assert ("hush", [plan]) in told(page(site))
    weak = page(site, who=Principal("zope.weak"))
    assert "hush" not in [note for note, _ in told(weak)]
