"""The log of a server, and what strangers may send in its place."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from zope.app.fssync.client import log as module
from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.log import Query
from zope.app.fssync.client.log import last_changes
from zope.app.fssync.client.log import log
from zope.fssync.errors import ServerRefused


class Answering(Network):
    """Answers every request with the next of some documents."""

    def __init__(self, *answers: bytes) -> None:
        super().__init__()
        self.answers = list(answers)
        self.views: list[str] = []

    def httpreq(self, path: str, view: str, *more: Any, **named: Any) -> Any:
        self.views.append(view)
        return io.BytesIO(self.answers.pop(0)), {}


TOLD = {"time": 1, "user": "u", "message": "m", "changes": [], "count": 0}

#: What no server says of a transaction.
UNHEARD_OF: dict[str, list[Any]] = {
    "id": ["", "x", "--all", "a\n", "0" * 17, None, 1],
    "time": [float("nan"), float("inf"), -1, 10**400, "x"],
    "count": [float("inf"), float("nan"), None, []],
    "changes": [None, [1], [[]], ["M"], [["R", "a"]]],
    "versions": [None, [1], [[float("inf"), ""]]],
    "record": ["\ud800"],
}


def transactions(
    *ids: str,
    before: str | None = None,
    changes: list[list[str]] | None = None,
    count: int = 0,
    begins: float | None = None,
) -> bytes:
    told = {"time": 1, "user": "u", "message": "m", "changes": changes or []}
    found = [{**told, "id": each, "count": count} for each in ids]
    return json.dumps(
        {"transactions": found, "before": before, "begins": begins}
    ).encode()


URL = "http://localhost/demo"


def test_log_goes_on_where_the_server_stopped():
    network = Answering(transactions("b", before="7"), transactions("a"))
    assert [each.id for each in log(network, URL, Query())] == ["b", "a"]
    assert "before=7" in network.views[1]


def test_log_tells_nothing_twice_where_others_commit_between_two_pages():
    network = Answering(transactions("c", "b", before="2"), transactions("b", "a"))
    assert [each.id for each in log(network, URL, Query())] == ["c", "b", "a"]


def test_log_tells_at_its_end_when_the_history_begins():
    told: list[float] = []
    network = Answering(transactions("b", before="2"), transactions("a", begins=7.5))
    list(log(network, URL, Query(), told.append))
    assert told == [7.5]


def test_log_asks_for_no_more_than_are_wanted():
    network = Answering(transactions("a", "b", before="2"))
    assert len(list(log(network, URL, Query(limit=2)))) == 2
    assert network.views == ["@@log.snarf?limit=2"]


def test_log_ends_where_a_server_would_have_it_turn_in_circles():
    network = Answering(transactions("b", before="5"), transactions("a", before="5"))
    assert [each.id for each in log(network, URL, Query())] == ["b", "a"]


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"[]",
        b"{}",
        b'{"transactions": 5}',
        b'{"transactions": [5]}',
        b'{"transactions": [{"id": "a"}]}',
        *(
            json.dumps({"transactions": [{**TOLD, "id": "a", name: value}]}).encode()
            for name, values in UNHEARD_OF.items()
            for value in values
        ),
        b'{"transactions": [], "begins": Infinity}',
        b'{"transactions": [], "begins": 1%s}' % (b"0" * 400),
        b'{"transactions": [], "begins": "now"}',
        b"[" * 100_000,
        b"\xff",
    ],
)
def test_an_invalid_log_is_reported(answer):
    with pytest.raises(ServerRefused, match="is not a log"):
        list(log(Answering(answer), URL, Query(), print))


@pytest.mark.parametrize(
    ("count", "limit", "are_all"), [(1, 100, True), (2, 100, False), (1, 2, False)]
)
def test_last_changes_tell_whether_they_are_all(
    count: int, limit: int, are_all: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BLAMED_TRANSACTIONS", limit)
    network = Answering(transactions("c", "b", "a", changes=[["M", "x/"]], count=count))
    found = last_changes(network, "/demo", "a")
    assert {path: each.id for path, each in found.items()} == {"x": "c"}
    assert found.are_all == are_all


def test_last_changes_are_asked_for_at_once() -> None:
    network = Answering(transactions("c", "b", "a", changes=[["M", "x/"]]))
    last_changes(network, "/demo", "a")
    assert network.views == ["@@log.snarf?limit=100&since=a"]
