"""Numbers and ids of transactions in arguments."""

from __future__ import annotations

import pytest

from zope.app.fssync.browser.arguments import number
from zope.app.fssync.browser.arguments import transaction_id
from zope.fssync.errors import UsageError


def test_an_id_has_sixteen_digits() -> None:
    assert transaction_id("at", "040d55d975e08544") == bytes.fromhex("040d55d975e08544")
    assert transaction_id("at", None) is None


@pytest.mark.parametrize("text", ["", "5", "x" * 16, "040d55d975e0854455", "f" * 16])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="'at' is not the id of a transaction"):
        transaction_id("at", text)


def test_a_number_has_at_most_nine_digits() -> None:
    assert number("skip", "0") == 0
    assert number("skip", "999999999") == 999999999
    assert number("skip", None) is None


@pytest.mark.parametrize("text", ["", "-1", "1.0", "٣", "1234567890"])
def test_another_text_is_no_number(text: str) -> None:
    with pytest.raises(UsageError, match="'skip' is no number"):
        number("skip", text)
