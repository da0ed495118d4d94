"""The name of a state."""

from __future__ import annotations

import pytest

from zope.app.fssync.server.changes.token import State

STATE = State(b"\0" * 7 + b"\1", b"\0" * 7 + b"\2", "0" * 32, True)
TEXT = f"4-{'0' * 15}1-{'0' * 15}2-1-{'0' * 32}"


def test_a_state_can_be_written_and_read() -> None:
    assert str(STATE) == TEXT
    assert State.parse(TEXT) == STATE
    assert State.parse(str(STATE._replace(references=False))) != STATE


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "none",
        TEXT[:-1],
        f"{TEXT}0",
        f"{TEXT}\n",
        f"5{TEXT[1:]}",
        TEXT.upper()[:-1] + "G",
    ],
)
def test_any_other_text_is_no_state(text: str | None) -> None:
    assert State.parse(text) is None
