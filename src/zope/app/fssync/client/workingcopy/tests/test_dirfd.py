"""A name in a directory that is held open: no link leads elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync.client.workingcopy.dirfd import DirFd
from zope.fssync.errors import PathRefused


def test_a_missing_directory_is_made_only_if_asked(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "name"
    with (
        pytest.raises(FileNotFoundError),
        DirFd.below(str(tmp_path), str(path)),
    ):
        pass
    with DirFd.below(str(tmp_path), str(path), make=True) as place:
        assert place.status() is None
    assert path.parent.is_dir()


@pytest.mark.parametrize("kind", ["link", "file"])
def test_invalid_directory_is_refused(tmp_path: Path, kind: str) -> None:
    (tmp_path / "outside").mkdir()
    root = tmp_path / "root"
    root.mkdir()
    if kind == "link":
        (root / "a").symlink_to(tmp_path / "outside")
    else:
        (root / "a").write_bytes(b"")
    with (
        pytest.raises(PathRefused, match="not a directory"),
        DirFd.below(str(root), str(root / "a" / "name"), make=True),
    ):
        pass


def test_a_link_that_comes_later_has_no_effect(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "outside").mkdir()
    source = tmp_path / "source"
    source.write_bytes(b"new")
    with DirFd.below(str(tmp_path), str(tmp_path / "a" / "name")) as place:
        (tmp_path / "a").rename(tmp_path / "moved")
        (tmp_path / "a").symlink_to(tmp_path / "outside")
        place.fill(str(source))
    assert (tmp_path / "moved" / "name").read_bytes() == b"new"
    assert list((tmp_path / "outside").iterdir()) == []


def test_existing_files_are_kept_under_a_free_name(tmp_path: Path) -> None:
    path = tmp_path / "name"
    for number in (b"1", b"2"):
        path.write_bytes(number)
        with DirFd.below(str(tmp_path), str(path)) as place:
            place.keep()
    assert not path.exists()
    assert (tmp_path / "name.mine").read_bytes() == b"1"
    assert (tmp_path / "name.mine2").read_bytes() == b"2"


def test_a_name_that_is_taken_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "old").write_bytes(b"old")
    (tmp_path / "new").write_bytes(b"new")
    with DirFd.below(str(tmp_path), str(tmp_path / "new")) as place:
        assert not place.rename("old")
        assert place.rename("nothing")
        with DirFd.below(str(tmp_path), str(tmp_path / "old")) as source:
            assert not place.take(source)
            place.unlink()
            assert place.take(source)
            assert place.take(source)
    assert (tmp_path / "new").read_bytes() == b"old"
    assert not (tmp_path / "old").exists()


def test_a_directory_that_is_not_empty_stays(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "a").write_bytes(b"")
    with DirFd.below(str(tmp_path), str(tmp_path / "d")) as place:
        place.rmdir()
        assert place.status() is not None
        (tmp_path / "d" / "a").unlink()
        place.rmdir()
        assert place.status() is None
