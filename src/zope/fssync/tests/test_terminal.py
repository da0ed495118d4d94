"""No text from outside steers a terminal."""

from __future__ import annotations

import io
import os

import pytest

from zope.fssync.terminal import TEXT
from zope.fssync.terminal import columns_for
from zope.fssync.terminal import escape
from zope.fssync.terminal import is_terminal
from zope.fssync.terminal import padded


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ä 漢", "plain ä 漢"),
        ("\x1b[2J", "\\x1b[2J"),
        ("\x9b", "\\x9b"),
        ("a\nb", "a\\x0ab"),
        ("\u202egpj.exe", "\\u202egpj.exe"),
        ("\udcff", "\\xff"),
        ("\ud800", "\\ud800"),
        ("\U000e0001", "\\U000e0001"),
        ("\\x1b", "\\x1b"),
    ],
)
def test_control_characters_are_escaped(text: str, shown: str) -> None:
    assert escape(text) == shown
    assert escape(shown) == shown


def test_text_keeps_its_lines() -> None:
    assert escape("a\n\tb\r", TEXT) == "a\n\tb\\x0d"


def test_a_stream_without_descriptor_is_no_terminal() -> None:
    assert not is_terminal(io.StringIO())
    reading, writing = os.pipe()
    os.close(writing)
    with os.fdopen(reading) as stream:
        assert not is_terminal(stream)
    assert not is_terminal(stream)


@pytest.mark.parametrize(
    ("text", "columns"),
    [("", 0), ("abc", 3), ("\u00fc", 1), ("u\u0308", 1), ("\u65e5\u672c", 4)],
)
def test_text_takes_columns(text: str, columns: int) -> None:
    assert columns_for(text) == columns
    assert padded(text, 5) == text + " " * (5 - columns)
    assert padded(text, 0) == text
