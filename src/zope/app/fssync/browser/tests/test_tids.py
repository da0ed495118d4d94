"""Ids of transactions in arguments."""

from __future__ import annotations

import pytest

from zope.app.fssync.browser.tids import transaction_id
from zope.fssync.errors import UsageError


def test_an_id_has_sixteen_digits() -> None:
    assert transaction_id("at", "040d55d975e08544") == bytes.fromhex("040d55d975e08544")
    assert transaction_id("at", None) is None


@pytest.mark.parametrize("text", ["", "5", "x" * 16, "040d55d975e0854455"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="'at' is not the id of a transaction"):
        transaction_id("at", text)
