"""What an object leads to is found by references, each looked at once."""

from __future__ import annotations

import random
from collections.abc import Iterable
from itertools import pairwise

import pytest

from zope.app.fssync.server.changes import leading as module
from zope.app.fssync.server.changes.leading import Leading

HERE = b"here"


class Index:
    """An index of references, and how often it was asked."""

    def __init__(self, references: Iterable[tuple[bytes, bytes]]) -> None:
        self.references = set(references)
        self.asked: list[bytes] = []

    def of(self, oid: bytes, tid: bytes) -> list[bytes]:
        self.asked.append(oid)
        return sorted(one for one, other in self.references if other == oid)

    def referred(self, oid: bytes) -> list[bytes]:
        return sorted(other for one, other in self.references if one == oid)

    def below(self, oid: bytes, outside: set[bytes]) -> set[bytes]:
        found, pending = {oid}, [oid]
        while pending:
            each = pending.pop()
            new = {other for one, other in self.references if one == each}
            pending += new - found - outside
            found |= new - outside
        return found


@pytest.mark.parametrize("seed", range(60))
def test_leading_is_what_the_references_tell_at_any_time(seed: int) -> None:
    dice = random.Random(seed)
    nodes = [HERE, *(b"%d" % number for number in range(12))]
    outside = set(dice.sample(nodes[1:], 2))

    def reference() -> tuple[bytes, bytes]:
        return dice.choice(nodes), dice.choice(nodes)

    index = Index(reference() for _ in range(12))
    leading = Leading(index, HERE, outside, b"")
    knows = dice.randrange(20), (None, index.referred)[seed % 2]
    for number in range(20):
        if number == knows[0]:
            leading.know(index.below(HERE, outside), knows[1])
        asked = dice.sample(nodes, 4)
        below = index.below(HERE, outside)
        assert [each in leading for each in asked] == [each in below for each in asked]
        new = reference()
        index.references.add(new)
        leading.note(new[0], {new[1]})


def test_references_that_are_known_later_are_followed() -> None:
    index = Index([(HERE, b"a"), (b"b", b"c"), (b"c", b"d"), (b"e", b"a")])
    leading = Leading(index, HERE, {b"d"}, b"")
    leading.note(b"c", {b"f"})
    leading.note(b"e", {b"g"})
    leading.know({HERE, b"a"}, index.referred)
    asked = [b"a", b"b", b"c", b"d", b"e", b"f", b"g"]
    assert [each for each in asked if each in leading] == [b"a"]
    assert index.asked == []
    leading.note(b"a", {b"b"})
    assert [each for each in asked if each in leading] == [b"a", b"b", b"c", b"f"]
    assert index.asked == []


def test_references_to_many_records_are_not_followed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "CLIMBED_RECORDS", 10)
    chain = [b"%d" % number for number in range(20)]
    index = Index(pairwise(chain))
    leading = Leading(index, HERE, set(), b"")
    leading.know({HERE}, index.referred)
    assert chain[19] not in leading
    leading.note(HERE, {chain[0]})
    assert chain[19] in leading
    assert b"elsewhere" in leading


def test_nothing_is_looked_at_twice() -> None:
    index = Index(
        [
            (HERE, b"folder"),
            *((b"folder", b"%d" % each) for each in range(9)),
            *((b"%d" % each, b"folder") for each in range(9)),
            (b"beside", b"other"),
            (b"other", b"beside"),
        ]
    )
    leading = Leading(index, HERE, (), b"")
    assert b"1" in leading
    assert b"other" not in leading
    index.asked.clear()
    assert b"1" in leading
    assert b"folder" in leading
    assert b"other" not in leading
    assert b"beside" not in leading
    assert index.asked == []
    assert b"2" in leading
    assert index.asked == [b"2"]


def test_a_record_counts_as_led_to_when_the_search_takes_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "CLIMBED_RECORDS", 10)
    chain = [b"%d" % number for number in range(20)]
    index = Index(pairwise(chain))
    leading = Leading(index, HERE, set(), b"")
    assert chain[5] not in leading
    assert chain[19] in leading
    assert len(index.asked) == 10
    assert chain[3] not in leading
    index.asked.clear()
    leading.know({HERE, b"known"})
    assert b"known" in leading
    assert index.asked == []
