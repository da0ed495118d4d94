"""A caller knows of the changes of what they may read today, and of no others."""

from __future__ import annotations

from typing import Any

import pytest

from zope.app.fssync.server.changes.logentry import Change
from zope.app.fssync.server.changes.logentry import Keys
from zope.app.fssync.server.changes.visibility import Visibility
from zope.app.fssync.server.changes.whereabouts import Moved

OID, ROOT, CLOSED = (bytes([number]) * 8 for number in range(3))
TREE: dict[str, Any] = {"open": {"one": {}}, "closed": {"two": {}}}


class Synchronizer:
    def __init__(self, obj: dict[str, Any]) -> None:
        self.obj = obj

    def __getitem__(self, key: str) -> Any:
        return self.obj[key]


def access(obj: Any, add: bool, owner: Any = None) -> Synchronizer | None:
    return None if obj is TREE["closed"] else Synchronizer(obj)


class Tracer:
    """Knows the keys of one object, which is nowhere else."""

    def __init__(self, keys: Keys | None, elsewhere: Any = None) -> None:
        self._keys = keys
        self._elsewhere = elsewhere

    def keys(self, oid: bytes) -> Keys | None:
        return self._keys

    def in_place(self, oid: bytes) -> Any:
        return self._elsewhere


def visibility(keys: Keys | None, elsewhere: Any = None) -> Visibility:
    below: Any = Tracer(keys)
    anywhere: Any = Tracer(None, elsewhere)
    above = {ROOT: TREE, CLOSED: TREE["closed"]}
    return Visibility(TREE, access, below, anywhere, above)


OPEN_ONE, CLOSED_TWO = ("open", "one"), ("closed", "two")


@pytest.mark.parametrize(
    ("change", "known"),
    [
        (Change("M", OPEN_ONE), Change("M", OPEN_ONE)),
        (Change("M", CLOSED_TWO), None),
        (Change("D", ("open", "gone")), Change("D", ("open", "gone"))),
        (Change("D", ("closed", "gone")), None),
        (Change("R", OPEN_ONE, CLOSED_TWO), Change("A", OPEN_ONE)),
        (Change("R", CLOSED_TWO, OPEN_ONE), Change("D", OPEN_ONE)),
        (Change("R", CLOSED_TWO, CLOSED_TWO), None),
    ],
)
def test_a_change_is_known_as_far_as_its_places_may_be_read(
    change: Change, known: Change | None
) -> None:
    assert visibility(change.keys).change(OID, change) == known


def test_a_change_of_an_object_that_is_elsewhere_today_is_withheld() -> None:
    change = Change("A", ("open", "gone"))
    assert visibility(None).change(OID, change) == change
    assert visibility(None, {}).change(OID, change) is None


def test_the_origin_is_known_if_its_containers_may_be_read() -> None:
    found = visibility(None)
    assert found.origin(None) is None
    assert found.origin(Moved(("..", "x"), (ROOT,), ())) == ("..", "x")
    assert found.origin(Moved(("..", "x"), (CLOSED,), ())) is None
    assert found.origin(Moved(("..", "x"), (OID,), (ROOT,))) == ("..", "x")
    assert found.origin(Moved(("..", "x"), (OID,), (CLOSED,))) is None
