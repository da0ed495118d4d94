"""Each line has the transaction that brought it."""

from __future__ import annotations

import pytest

from zope.app.fssync.client.annotating import annotate
from zope.app.fssync.client.tests.old import OldStates
from zope.fssync.errors import Error

A, B, C = (f"{number:016x}" for number in (1, 5, 9))
URL = "http://localhost/demo/a.txt"


def origins(states: dict[str, bytes | None]) -> list[tuple[str, str | None]]:
    lines = annotate(OldStates(states), URL)
    return [
        (line.text, None if line.logged is None else line.logged.id) for line in lines
    ]


def test_lines_are_attributed() -> None:
    assert origins({A: b"a\nb\n", B: b"a\nx\nb\n", C: b"a\nx\nb\nend"}) == [
        ("a\n", A),
        ("x\n", B),
        ("b\n", A),
        ("end", C),
    ]


def test_a_line_that_came_back_is_of_who_brought_it_back() -> None:
    assert origins({A: b"a\nb\n", B: b"b\n", C: b"a\nb\n"}) == [("a\n", C), ("b\n", A)]


def test_no_more_is_asked_than_is_needed() -> None:
    network = OldStates({A: b"a\n", B: b"b\n", C: b"c\n"})
    annotate(network, URL)
    assert len(network.asked) == 2


def test_binary_files_have_no_lines() -> None:
    with pytest.raises(Error, match="is no text"):
        annotate(OldStates({A: b"\0"}), URL)
