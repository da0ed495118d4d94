"""The headers of requests and answers."""

from __future__ import annotations

from urllib.parse import unquote

import pytest

from zope.app.fssync.protocol.headers import left_out
from zope.app.fssync.protocol.headers import transaction_of
from zope.fssync.limits import LEFT_OUT_SIZE


@pytest.mark.parametrize(
    ("state", "transaction"),
    [
        (f"4-{'0a' * 8}-rest", "0x" + "0a" * 8),
        (f"4-{'0a' * 8}", None),
        (f"4-{'0A' * 8}-rest", None),
        (f"3-{'0a' * 8}-rest", None),
        (f" 4-{'0a' * 8}-rest", None),
        ("none", None),
        ("", None),
        (None, None),
    ],
)
def test_a_state_begins_with_its_transaction(
    state: str | None, transaction: str | None
) -> None:
    assert transaction_of(state) == transaction


def test_paths_are_words_of_one_line() -> None:
    names = ["a b", "ä", "\r\n", "x\ud800"]
    said = left_out(names)
    assert said.isascii()
    assert said.isprintable()
    assert [unquote(word, errors="surrogatepass") for word in said.split()] == names


def test_paths_that_do_not_fit_are_left_out_whole() -> None:
    said = left_out(["x" * 99] * 100)
    assert len(said) <= LEFT_OUT_SIZE
    assert set(said.split()) == {"x" * 99}
    assert left_out(["x" * LEFT_OUT_SIZE]) == ""
