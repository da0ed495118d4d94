"""``Root`` is found above a path, and read as text."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync.client.rootfile import find_root
from zope.app.fssync.client.rootfile import read_root
from zope.app.fssync.client.rootfile import write_root
from zope.fssync.errors import MetadataDamaged


def test_the_nearest_root_is_found(tmp_path: Path) -> None:
    inner = tmp_path / "co" / "demo" / "sub"
    inner.mkdir(parents=True)
    (tmp_path / "co" / "@@Zope").mkdir()
    (tmp_path / "co" / "@@Zope" / "Root").write_text(" http://u@h/demo \n")
    assert find_root(str(inner / "file")) == "http://u@h/demo"
    assert read_root(str(inner)) is None
    assert find_root("/") is None


def test_a_root_is_written_as_one_line(tmp_path: Path) -> None:
    write_root(str(tmp_path), "http://u@h/demo")
    assert (tmp_path / "@@Zope" / "Root").read_text() == "http://u@h/demo\n"
    assert read_root(str(tmp_path)) == "http://u@h/demo"


def test_a_root_that_is_no_text_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "@@Zope").mkdir()
    (tmp_path / "@@Zope" / "Root").write_bytes(b"\xff\xfe")
    with pytest.raises(MetadataDamaged):
        read_root(str(tmp_path))
