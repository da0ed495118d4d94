"""What a server explains is printed in two columns."""

from __future__ import annotations

import pytest

from zope.app.fssync.cli.main import main
from zope.app.fssync.cli.tests.caller import listing
from zope.app.fssync.client.api import FSSync

TOLD = {"path": "/a", "permission-to-read": "may.Read\x1b"}


def test_names_are_words_and_several_targets_are_apart(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(FSSync, "explain", lambda self, target: (TOLD, [target]))
    assert main(["explain", "a", "b"]) == 0
    one = "path:               /a\npermission to read: may.Read\\x1b\n"
    assert capsys.readouterr().out == (
        f"{one}file:               a\n\n{one}file:               b\n"
    )


def test_explain_tells_what_the_server_says(zsync):
    told = {"synchronizer": "some.Synchronizer", "passed-over": "another"}
    shown = zsync("explain", "co/demo", answer=listing(**told))
    assert "synchronizer: some.Synchronizer\npassed over:  another\n" in shown
    assert "file:         co/demo/\n" in shown
    zsync("explain", f"{zsync.url}/demo", answer=listing(), status=6)
