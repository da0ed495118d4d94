"""JSON in a working copy is bounded before it is read."""

from __future__ import annotations

import json

import pytest

from zope.app.fssync.client.workingcopy.indexjson import load_json
from zope.fssync.errors import LimitExceeded
from zope.fssync.limits import INDEX_FREE_LISTS


def test_an_index_is_read() -> None:
    value = {f"a{n}": [n, n + 1, 12345] for n in range(5 * INDEX_FREE_LISTS)}
    assert load_json(json.dumps(value).encode()) == value


def test_size_is_limited() -> None:
    assert load_json(b"[1]", 3) == [1]
    with pytest.raises(LimitExceeded, match="more than 2 bytes"):
        load_json(b"[1]", 2)


@pytest.mark.parametrize("empty", [b"[]", b"{}"])
def test_lists_that_hold_nothing_are_refused(empty: bytes) -> None:
    few = b"[%s]" % b",".join([empty] * (INDEX_FREE_LISTS - 1))
    assert len(load_json(few)) == INDEX_FREE_LISTS - 1
    with pytest.raises(ValueError, match="hold nothing"):
        load_json(b"[%s]" % b",".join([empty] * 3 * INDEX_FREE_LISTS))


@pytest.mark.parametrize("text", [b"", b"[", b"\xff", b"{1:2}"])
def test_invalid_json_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        load_json(text)
