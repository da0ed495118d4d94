"""The summary at the end of a checkin."""

from __future__ import annotations

import pytest

from zope.app.fssync.server.report import summary
from zope.fssync.xmlpickle.bytetext import ByteText


@pytest.mark.parametrize(
    ("made", "line"),
    [(0, "new: 0 objects\n"), (1, "new: 1 object\n"), (2, "new: 2 objects\n")],
)
def test_summary_counts_objects(made: int, line: str) -> None:
    assert summary("new", made, ByteText()) == line


def test_summary_tells_how_byte_strings_were_read() -> None:
    text = ByteText("utf-8")
    text.counts = {"new/b": (1, 2), "new/a": (0, 1), "new/c": (2, 0)}
    assert summary("new", 3, text).splitlines()[1:] == [
        "new/a: 1 byte string kept as bytes",
        "new/b: 1 byte string read as utf-8 text, 2 byte strings kept as bytes",
        "new/c: 2 byte strings read as utf-8 text",
    ]


def test_summary_steers_no_terminal() -> None:
    assert summary("a\x1bb", 1, ByteText()) == "a\\x1bb: 1 object\n"
