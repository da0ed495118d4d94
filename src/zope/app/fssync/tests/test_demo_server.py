"""`demo_server.main`, the server for ssh of 3.6.0."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync import demo_server
from zope.app.fssync.sshserver import demo


def test_main_is_that_of_the_demo_server(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert demo_server.main is demo.main
    missing = tmp_path / "keys"
    assert demo_server.main(["--authorized-keys", str(missing)], parts=tmp_path) == 1
    said = capsys.readouterr().err
    assert said.startswith("demo-ssh-server: ")
    assert str(missing) in said
