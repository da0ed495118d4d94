"""zsync annotate."""

from __future__ import annotations

import pytest

from zope.app.fssync.cli.main import main
from zope.app.fssync.client.annotating import Line
from zope.app.fssync.client.api import FSSync


def test_each_line_of_each_target_is_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = []

    def annotate(self: FSSync, *arguments: str) -> list[Line]:
        asked.append(arguments)
        return [Line("one\n", None)]

    monkeypatch.setattr(FSSync, "annotate", annotate)
    assert main(["blame", "-r", "PREV", "a", "b"]) == 0
    assert capsys.readouterr().out.count("one\n") == 2
    assert asked == [("a", "PREV"), ("b", "PREV")]
    assert main(["annotate"]) == 2
