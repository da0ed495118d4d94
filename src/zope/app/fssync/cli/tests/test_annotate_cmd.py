"""zsync annotate."""

from __future__ import annotations

import json

import pytest

from zope.app.fssync.cli.main import main
from zope.app.fssync.client.annotating import Line
from zope.app.fssync.client.api import FSSync
from zope.app.fssync.testing.rawserver import answer
from zope.app.fssync.testing.serversite import Archive


def test_each_line_of_each_target_is_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = []

    def annotate(self: FSSync, *arguments: str) -> list[Line]:
        asked.append(arguments)
        return [Line("one\n", None)]

    monkeypatch.setattr(FSSync, "annotate", annotate)
    assert main(["blame", "-r", "PREV", "http://h/a", "http://h/b"]) == 0
    assert capsys.readouterr().out.count("one\n") == 2
    assert asked == [("http://h/a", "PREV"), ("http://h/b", "PREV")]
    assert main(["annotate"]) == 2


def test_annotate_shows_who_wrote_each_line(zsync):
    change = {"id": "040d55d975e08544", "time": 1764399600.0, "user": "ann"}
    change |= {"message": "why", "changes": [["A", "readme.txt"]], "count": 1}
    told = json.dumps({"transactions": [change], "skip": None}).encode()
    archive = Archive()
    archive.set_entry("readme.txt", type="file")
    archive["readme.txt"] = b"one\ntwo\n"
    answers = [
        answer(archive.dump()),
        answer(told, "text/plain"),
        *[answer(status="404 Not Found")] * 3,  # also of the folders above
    ]
    path = "co/demo/readme.txt"
    shown = zsync("annotate", "-r", change["id"], path, answers=answers).splitlines()
    assert [line.split()[-1] for line in shown] == ["one", "two"]
    assert all("ann" in line for line in shown)
