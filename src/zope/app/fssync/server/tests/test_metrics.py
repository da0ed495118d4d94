"""The numbers of a process, as Prometheus reads them."""

from __future__ import annotations

import os
from typing import Any

import pytest

from zope.app.fssync.server import metrics
from zope.app.fssync.server.exchange import Exchange
from zope.app.fssync.server.metrics import Metrics


def exchange(verb: str, result: str = "done", **more: Any) -> Exchange:
    made = Exchange(0.0, "jo", "::1", "v", "/a", 7, None, 2, 0.02, 200, 3, verb, result)
    return made._replace(**more)


@pytest.fixture
def counted() -> list[str]:
    counts = Metrics()
    counts.add(exchange("commit"))
    counts.add(exchange("commit", "conflict", seconds=2.5))
    counts.add(exchange("update", sent=100, seconds=5000.0))
    counts.retried("commit")
    return counts.text(4).splitlines()


def test_exchanges_are_counted_by_verb_and_result(counted: list[str]) -> None:
    assert [line for line in counted if line.startswith("zsync_exchanges_total")] == [
        'zsync_exchanges_total{verb="commit",result="conflict"} 1',
        'zsync_exchanges_total{verb="commit",result="done"} 1',
        'zsync_exchanges_total{verb="update",result="done"} 1',
    ]


def test_bytes_objects_and_retries_are_added_up(counted: list[str]) -> None:
    for line in (
        'zsync_received_bytes_total{verb="commit"} 14',
        'zsync_sent_bytes_total{verb="update"} 100',
        'zsync_objects_total{verb="commit"} 6',
        'zsync_withheld_total{verb="update"} 2',
        'zsync_retries_total{verb="commit"} 1',
        "zsync_exchanges_running 4",
    ):
        assert line in counted


def test_durations_fall_into_classes_that_hold_the_smaller_ones(
    counted: list[str],
) -> None:
    def class_of(verb: str, bound: str) -> str:
        head = f'zsync_exchange_seconds_bucket{{verb="{verb}",le="{bound}"}} '
        return next(line for line in counted if line.startswith(head))[len(head) :]

    bounds = ("0.01", "0.03", "1", "3", "1000", "+Inf")
    assert [class_of("commit", each) for each in bounds] == list("011222")
    assert [class_of("update", each) for each in bounds] == list("000001")
    assert 'zsync_exchange_seconds_count{verb="commit"} 2' in counted
    assert 'zsync_exchange_seconds_sum{verb="commit"} 2.52' in counted


def test_each_number_has_its_kind_and_its_meaning_once(counted: list[str]) -> None:
    types = [line.split()[2] for line in counted if line.startswith("# TYPE")]
    assert len(types) == len(set(types))
    for number, line in enumerate(counted):
        if line.startswith("# TYPE"):
            assert counted[number - 1].startswith(f"# HELP {line.split()[2]} ")


def test_a_label_cannot_end_its_line() -> None:
    counts = Metrics()
    counts.add(exchange('a"\n\\'))
    assert 'verb="a\\"\\n\\\\"' in counts.text(0)


def test_memory_is_that_of_the_process(
    counted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    head = "process_resident_memory_bytes "
    (line,) = (line for line in counted if line.startswith(head))
    assert int(line[len(head) :]) > os.sysconf("SC_PAGE_SIZE") * 100
    monkeypatch.setattr(metrics, "resident", lambda: None)
    assert "memory" not in Metrics().text(0)
