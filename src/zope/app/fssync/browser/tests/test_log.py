"""The view of the log answers in JSON, with what the caller may know."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest
import transaction
import webtest

from zope.app.fssync.browser.log import fitting
from zope.app.fssync.server.changes.logentry import Page
from zope.app.fssync.server.changes.logentry import Transaction
from zope.app.fssync.tests.scenarios.changesonly.conftest import server as server
from zope.app.fssync.tests.scenarios.changesonly.conftest import site as site
from zope.app.fssync.tests.scenarios.changesonly.site import Site
from zope.fssync.limits import LOG_RECORDS_SIZE


def get(site: Site, query: str = "", status: int = 200, user: str = "manager") -> Any:
    token = b64encode(f"{user}:{user}pw".encode()).decode()
    return webtest.TestApp(site).get(
        f"/area/demo/@@log.snarf?{query}",
        headers={"Authorization": f"Basic {token}"},
        status=status,
    )


@pytest.fixture
def changed(server: object, site: Site) -> Site:
    for note in ("one", "two"):
        with site.changing() as root:
            transaction.get().note(note)
            root["area"]["demo"]["docs"]["two.txt"].data = note.encode()
    return site


def test_transactions_are_told_the_newest_first(changed: Site) -> None:
    response = get(changed)
    assert response.headers["Content-Type"].startswith("text/plain")
    assert "no-store" in response.headers["Cache-Control"]
    document = json.loads(response.text)
    first, second, *_ = document["transactions"]
    assert (first["message"], second["message"]) == ("two", "one")
    assert first["changes"] == [["M", "docs/two.txt"]]
    assert first["count"] == 1
    assert len(first["id"]) == 16
    assert (document["before"], document["begins"]) == (None, None)


def test_a_part_is_asked_for(changed: Site) -> None:
    one = json.loads(get(changed, "limit=1").text)
    assert [each["message"] for each in one["transactions"]] == ["two"]
    more = json.loads(get(changed, f"limit=1&before={one['before']}").text)
    assert [each["message"] for each in more["transactions"]] == ["one"]
    found = json.loads(get(changed, "text=ONE").text)
    assert [each["message"] for each in found["transactions"]] == ["one"]


def test_records_are_told_as_far_as_they_fit() -> None:
    part = bytes(LOG_RECORDS_SIZE // 2)
    told = [
        Transaction(bytes([9 - number] * 8), 1.0, "", "", [], part)
        for number in range(4)
    ]
    assert fitting(Page(told[:2], None, 1.0)) == Page(told[:2], None, 1.0)
    assert fitting(Page(told, None, 1.0)) == Page(told[:2], told[1].tid)
    large = told[0]._replace(record=3 * part)
    assert fitting(Page([large, *told], None)) == Page([large], large.tid)


@pytest.mark.parametrize("query", ["limit=many", "since=yesterday", "until=0x"])
def test_invalid_number_or_id_is_refused(changed: Site, query: str) -> None:
    name = query.partition("=")[0]
    assert name in get(changed, query, status=400).text
