"""zsync attach; what it does is tested with the client."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync.cli.main import main

URL = "http://127.0.0.1:1/demo"


def test_attach_needs_files_that_are_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["attach", "-u", "me", URL, "nowhere"]) == 1
    assert "'nowhere' is no directory" in capsys.readouterr().err
    assert main(["attach"]) == 2


def test_attach_leaves_a_working_copy_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".zsync").mkdir()
    assert main(["attach", URL]) == 1
    assert "is a working copy already" in capsys.readouterr().err
