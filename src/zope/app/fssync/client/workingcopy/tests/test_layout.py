"""The number of a layout is known, or never guessed at."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync.client.workingcopy.layout import COMPACT
from zope.app.fssync.client.workingcopy.layout import PLAIN
from zope.app.fssync.client.workingcopy.layout import read_layout
from zope.app.fssync.client.workingcopy.layout import write_layout
from zope.fssync.errors import MetadataDamaged
from zope.fssync.errors import WorkingCopyError
from zope.fssync.files import Tree


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "@@Zope").mkdir()
    return tmp_path


def test_without_a_number_it_is_that_of_the_old_release(root: Path) -> None:
    assert read_layout(Tree(), str(root)) == PLAIN
    write_layout(Tree(), str(root), PLAIN)
    assert list((root / "@@Zope").iterdir()) == []


def test_the_number_comes_and_goes(root: Path) -> None:
    write_layout(Tree(), str(root), COMPACT)
    assert (root / "@@Zope" / "Format").read_bytes() == b"2\n"
    assert read_layout(Tree(), str(root)) == COMPACT
    write_layout(Tree(), str(root), PLAIN)
    assert read_layout(Tree(), str(root)) == PLAIN


@pytest.mark.parametrize("text", [b"", b"two", b"-1", b"\xb2"])
def test_an_invalid_number_is_damage(root: Path, text: bytes) -> None:
    (root / "@@Zope" / "Format").write_bytes(text)
    with pytest.raises(MetadataDamaged, match="no number of a layout"):
        read_layout(Tree(), str(root))


@pytest.mark.parametrize("text", [b"0\n", b"4\n", b"9" * 40])
def test_another_number_is_of_another_release(root: Path, text: bytes) -> None:
    (root / "@@Zope" / "Format").write_bytes(text)
    with pytest.raises(WorkingCopyError, match="newer zsync"):
        read_layout(Tree(), str(root))
