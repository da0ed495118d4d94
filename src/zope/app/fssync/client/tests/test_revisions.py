"""How people name a state of the past."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync.client.log import Query
from zope.app.fssync.client.revisions import NEWEST
from zope.app.fssync.client.revisions import before
from zope.app.fssync.client.revisions import is_revision
from zope.app.fssync.client.revisions import resolve
from zope.app.fssync.client.revisions import resolved
from zope.app.fssync.client.revisions import states_of
from zope.app.fssync.client.revisions import transaction_id
from zope.app.fssync.client.tests.test_log import URL
from zope.app.fssync.client.tests.test_log import Answering
from zope.app.fssync.client.tests.test_log import transactions
from zope.fssync.errors import Error
from zope.fssync.errors import UsageError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *((each, True) for each in ("HEAD", "040d55d975e08544", "2 hours ago")),
        *((each, False) for each in ("co", "head", "./040d55d975e08544", "")),
    ],
)
def test_a_revision_is_told_from_a_path(text: str, expected: bool) -> None:
    assert is_revision(text) == expected


def test_an_id_and_a_date_stand_for_themselves() -> None:
    network = Answering()
    assert resolve(network, URL, "0x040D55D975E08544") == "040d55d975e08544"
    assert resolve(network, URL, "2026-11-29") == transaction_id("2026-11-29", True)
    assert resolve(network, URL, "HEAD") == NEWEST
    assert network.views == []


def test_prev_is_before_the_last_change() -> None:
    network = Answering(transactions("040d55d975e08544"))
    assert resolve(network, URL, "PREV") == "040d55d975e08543"
    assert f"until={NEWEST}" in network.views[0]


def test_a_log_may_name_its_ends_by_words() -> None:
    newest, before = map(transactions, ("040d55d975e08544", "040d55d975e07000"))
    network = Answering(newest, before)
    query = Query(since="PREV", until="HEAD", user="ann")
    found = resolved(network, URL, query)
    assert found == Query(since="040d55d975e07000", until=NEWEST, user="ann")
    assert "until=040d55d975e08543" in network.views[-1]
    assert resolved(network, URL, Query(since=NEWEST)) == Query(since=NEWEST)


def test_a_word_is_the_last_transaction_of_the_object() -> None:
    network = Answering(transactions("040d55d975e08544"))
    query = resolved(network, URL, Query(since="HEAD", until="HEAD"))
    assert query == Query(since="040d55d975e08544", until=NEWEST)
    none = resolved(Answering(transactions()), URL, Query(since="HEAD"))
    assert none == Query(since=NEWEST)


def test_the_states_around_a_change_are_those_of_its_transaction() -> None:
    network = Answering(transactions("040d55d975e08544"))
    around = ("040d55d975e08543", "040d55d975e08544")
    assert states_of(network, URL, "2026-11-29") == around
    assert states_of(network, URL, "0x040D55D975E08544") == around
    with pytest.raises(Error, match="was not changed until 'HEAD'"):
        states_of(Answering(transactions()), URL, "HEAD")


def test_prev_of_what_never_changed_is_none() -> None:
    with pytest.raises(Error, match="no change of"):
        resolve(Answering(transactions()), URL, "PREV")


def test_base_of_a_url_and_of_an_unknown_state_is_none(co: Path) -> None:
    for target in (URL, str(co)):
        with pytest.raises(Error, match="not known which transaction"):
            resolve(Answering(), target, "BASE")


def test_invalid_revision_is_refused() -> None:
    with pytest.raises(UsageError, match="neither a date nor the id"):
        resolve(Answering(), URL, "head")


def test_nothing_is_before_the_first() -> None:
    assert before("0000000000000000") == "0000000000000000"
