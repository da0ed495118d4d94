"""Which records concern the log of an object."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from zope.app.fssync.server.changes import reachable as module
from zope.app.fssync.server.changes.history import TooLarge
from zope.app.fssync.server.changes.near import NearRecords
from zope.app.fssync.server.changes.reachable import Reachable

HERE, FILE, ONCE, ELSEWHERE = (bytes([number]) * 8 for number in range(4))


class Index:
    """An index of all references of a database."""

    def __init__(self, below: Any = None, busy: bool = False) -> None:
        self._below = below
        self._busy = busy
        self.prepared = 0

    def prepare(self) -> None:
        self.prepared += 1

    def is_being_made(self) -> bool:
        return self._busy

    def of(self, oid: bytes, tid: bytes) -> list[bytes]:
        return [HERE] if oid == FILE else []

    def referred(self, oid: bytes) -> list[bytes]:
        return [FILE] if oid == HERE else []

    def below(self, oid: bytes, without: Any, limit: int) -> Any:
        if limit < 1:
            raise TooLarge("the database has too many records")
        return self._below


def before(
    oids: Iterable[bytes], tid: bytes
) -> Iterator[tuple[bytes, set[bytes] | None]]:
    """Yield what records referred to; ``FILE`` is new."""
    return ((oid, None if oid == FILE else {ONCE}) for oid in oids)


def reachable(index: Any, near: NearRecords | None, is_large: bool = False) -> Any:
    history: Any = SimpleNamespace(now=b"\1" * 8, before=before)
    context = SimpleNamespace(_p_oid=HERE)
    tracing: Any = lambda context, index: None  # noqa: E731
    return Reachable(context, history, tracing, set(), index, near, is_large)


NEAR = NearRecords({HERE: b"", FILE: b""}, {FILE: [HERE]})


def test_few_records_need_no_index() -> None:
    index = Index()
    found = reachable(index, NEAR)
    assert found.listed() is NEAR
    assert found.among([FILE, ELSEWHERE]) == [FILE]
    assert index.prepared == 0


def test_many_records_are_found_in_the_index() -> None:
    index = Index(below=NEAR)
    found = reachable(index, None)
    assert found.among([FILE, ELSEWHERE]) == [FILE]
    assert found.listed() is NEAR
    assert index.prepared == 1


def test_nobody_waits_for_an_index() -> None:
    found = reachable(Index(busy=True), None)
    assert found.among([FILE, ELSEWHERE]) == [FILE, ELSEWHERE]


def test_a_large_object_is_not_listed() -> None:
    assert reachable(Index(below=NEAR), None, is_large=True).listed() is None


def test_a_database_that_is_too_large_is_searched_record_by_record(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "LISTED_RECORDS", 0)
    found = reachable(Index(), None)
    found._leading.left = 1
    assert found.among([FILE, ELSEWHERE]) == [FILE, ELSEWHERE]


@pytest.mark.parametrize("near", [NEAR, None])
def test_records_that_were_reachable_once_are_among_them(
    near: NearRecords | None,
) -> None:
    found = reachable(Index(), near)
    assert found.among([ONCE]) == []
    assert found.add_before(b"\1" * 8, [HERE, FILE]) == {FILE}
    assert found.among([ONCE]) == [ONCE]
