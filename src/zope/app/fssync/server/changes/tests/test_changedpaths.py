"""What was done to items between two states of a database."""

from __future__ import annotations

import pytest

from zope.app.fssync.server.changes.changedpaths import Places
from zope.app.fssync.server.changes.changedpaths import changes_between
from zope.app.fssync.server.changes.logentry import Change
from zope.app.fssync.server.changes.logentry import Keys

OID = b"\0" * 8
ONE, TWO, BESIDE = ("docs", "one"), ("docs", "two"), ("beside", "one")
ABSENT: dict[bytes, Keys] = {}


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        (ABSENT, {OID: ONE}, Change("A", ONE)),
        ({OID: ONE}, ABSENT, Change("D", ONE)),
        ({OID: ONE}, {OID: ONE}, Change("M", ONE)),
        ({OID: ONE}, {OID: TWO}, Change("R", TWO, ONE)),
        ({OID: ONE}, {OID: BESIDE}, Change("R", BESIDE, ONE)),
    ],
)
def test_changes_of_an_item(
    before: dict[bytes, Keys], after: dict[bytes, Keys], change: Change
) -> None:
    found = changes_between(Places(before, {}, []), Places(after, {}, []))
    assert list(found) == [(OID, change)]


@pytest.mark.parametrize(
    ("after", "changes"),
    [
        (ONE, []),
        (BESIDE, []),
        (TWO, [(OID, Change("R", TWO, ONE))]),
    ],
)
def test_a_listed_item_changes_only_with_its_name(
    after: Keys, changes: list[tuple[bytes, Change]]
) -> None:
    before = Places({}, {OID: ONE}, [])
    assert list(changes_between(before, Places({}, {OID: after}, []))) == changes
