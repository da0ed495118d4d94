"""The base of requests: the note of a transaction."""

from __future__ import annotations

import pytest

from zope.app.fssync.server.request import one_line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a word", "a word"),
        ("two\nlines\r\nand\ttabs", "two lines and tabs"),
        ("para\u2029graph \u2028 line", "para graph line"),
        ("\x1b[2Jhidden", "[2Jhidden"),
        ("right\u202eleft\ufeff", "rightleft"),
        ("\u0915\u094d\u200d\u0937", "\u0915\u094d\u200d\u0937"),
        ("\ud800half", "half"),
        ("  ", ""),
    ],
)
def test_a_note_is_one_line_of_visible_characters(text: str, line: str) -> None:
    assert one_line(text) == line
