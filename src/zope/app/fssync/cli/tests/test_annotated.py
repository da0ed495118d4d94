"""The lines of annotate, for people and programs."""

from __future__ import annotations

from zope.app.fssync.cli.annotated import fields
from zope.app.fssync.cli.annotated import shown
from zope.app.fssync.client.annotating import Line
from zope.app.fssync.client.log import Logged

LOGGED = Logged("040d55d975e08544", 1764399600.0, "ann\x1b", "why")


def test_a_line_is_shown_with_its_origin() -> None:
    text = shown(Line("a\x1bb\r\n", LOGGED))
    assert text.startswith("040d55d975e08544 ann\\x1b")
    assert text.endswith("2025-11-29 a\\x1bb")
    assert shown(Line("a\n", None)).split() == ["?", "a"]


def test_programs_are_told_all() -> None:
    assert fields(Line("a\n", None)) == {"text": "a\n"}
    assert fields(Line("a\n", LOGGED))["id"] == LOGGED.id
