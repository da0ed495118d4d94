"""Pristine copies that were put back are found, whatever put them back."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from zope.app.fssync.client.workingcopy import receivedfiles
from zope.app.fssync.client.workingcopy.receivedfiles import Received
from zope.app.fssync.client.workingcopy.receivedfiles import are_older
from zope.app.fssync.client.workingcopy.receivedfiles import received_after
from zope.app.fssync.client.workingcopy.receivedfiles import seen
from zope.app.fssync.client.workingcopy.receivedfiles import within
from zope.app.fssync.client.workingcopy.staging import Changes

BASE = "notes/@@Zope/Base"
ORIGINAL = "notes/@@Zope/Original/large.bin"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for path in (BASE, ORIGINAL, "notes/@@Zope/Entries.xml", "notes/large.bin"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(b"one")
    return tmp_path


def write(
    root: Path, received: Received, *names: str, more: bool = True, whole: str = "-"
) -> Received:
    """Write files in one change, and return what is noted of them."""
    changes = Changes(str(root))
    for path in names:
        changes.write(str(root / path), [b"two"])
    found = received_after(changes, received, more, None if whole == "-" else whole)
    changes.apply()
    return found


def older(root: Path, received: Received) -> bool:
    return are_older(str(root), received.items())


def test_only_pristine_copies_are_noted(root: Path) -> None:
    everything = (BASE, ORIGINAL, "notes/@@Zope/Entries.xml", "notes/large.bin")
    received = write(root, {}, *everything)
    assert list(received) == [BASE, ORIGINAL]
    assert not older(root, received)


@pytest.mark.parametrize("path", [BASE, ORIGINAL])
def test_one_that_was_put_back_is_found(root: Path, path: str) -> None:
    shutil.copy2(root / path, root / "kept")
    received = write(root, {}, path)
    shutil.copy2(root / "kept", root / path)
    assert older(root, received)


def test_one_that_is_lost_is_none_that_was_put_back(root: Path) -> None:
    received = write(root, {}, BASE)
    (root / BASE).unlink()
    assert not older(root, received)


def test_a_later_change_does_not_cover_it_up(root: Path) -> None:
    received = write(root, {}, BASE)
    os.utime(root / BASE, (1, 1))
    for more in (False, True):
        received = write(root, received, BASE, more=more)
        assert older(root, received)


def test_a_later_change_of_ours_is_noted_and_adds_none(root: Path) -> None:
    received = write(root, {}, BASE)
    os.utime(root / ORIGINAL, (1, 1))
    received = write(root, received, BASE, ORIGINAL, more=False)
    assert list(received) == [BASE]
    assert not older(root, received)


@pytest.mark.parametrize(("whole", "settled"), [("", True), ("notes", True), ("n", 0)])
def test_all_of_a_directory_settles_what_is_in_it(
    root: Path, whole: str, settled: bool
) -> None:
    received = write(root, {}, BASE, ORIGINAL)
    os.utime(root / BASE, (1, 1))
    received = write(root, received, ORIGINAL, whole=whole)
    assert older(root, received) is not bool(settled)


def test_removed_files_are_forgotten(root: Path) -> None:
    received = write(root, {}, BASE, ORIGINAL)
    changes = Changes(str(root))
    changes.remove(str(root / BASE))
    assert list(received_after(changes, received, True)) == [ORIGINAL]
    (root / ORIGINAL).unlink()
    assert list(seen(str(root), received)) == [BASE]


def test_the_latest_are_kept_that_fit(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    received = write(root, {}, BASE)
    monkeypatch.setattr(receivedfiles, "RECEIVED_PATHS", 70)
    assert list(write(root, received, ORIGINAL)) == [ORIGINAL]


@pytest.mark.parametrize(
    ("path", "directory", "found"),
    [
        ("notes/a/@@Zope/Base", "", True),
        ("notes/a/@@Zope/Base", "notes", True),
        ("notes/a/@@Zope/Base", "notes/a", True),
        ("notes/a/@@Zope/Base", "not", False),
        ("@@Zope/Base", "notes", True),
        ("@@Zope/Base", "notes/a", False),
        (".zsync/tree/notes/@@Zope/Base", "notes", True),
        (".zsync/tree/@@Zope/Base", "notes", True),
        (".zsync/tree/notes/@@Zope/Base", "other", False),
    ],
)
def test_copies_belong_to_a_directory_in_each_layout(
    path: str, directory: str, found: bool
) -> None:
    assert within(path, directory) is found


@pytest.mark.parametrize("path", ["a\0b/@@Zope/Base", "\ud800/@@Zope/Base"])
def test_names_that_no_file_has_do_no_harm(root: Path, path: str) -> None:
    assert not older(root, {path: "3-1"})
