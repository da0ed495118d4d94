"""What files are called, by the names of objects and those in archives."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zope.fssync import files
from zope.fssync import paths
from zope.fssync.metadata import DirectoryManager
from zope.fssync.metadata import entry_of
from zope.fssync.metadata import name_of
from zope.fssync.repository import Repository

NFC, NFD = "gr\u00f6\u00dfe", "gro\u0308\u00dfe"

_names = st.text(
    "aA\u0308\u00e4\u00c4\u212b\u1100\u1161/\\.:\n", min_size=1, max_size=6
)


@pytest.fixture(autouse=True)
def composing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "DECOMPOSES", False)


@pytest.mark.parametrize(
    ("name", "key", "file"),
    [
        ("plain", "plain", "plain"),
        (NFD, NFC, NFC),
        (NFD, NFD, NFD),
        (NFC, NFC, NFC),
        # Numbered or made safe: composed.
        (f"{NFD}-1", NFC, f"{NFC}-1"),
        (f"_{NFD}", f"/{NFC}", f"_{NFC}"),
        ("docs-1", "docs", "docs-1"),
        # A key is no name of a file until it has passed the gate.
        ("safe", "../evil", "safe"),
    ],
)
def test_a_file_has_the_name_of_its_object(name: str, key: str, file: str) -> None:
    assert paths.file_name(name, key) == file


def test_decomposed_file_names_stay_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(paths, "DECOMPOSES", True)
    assert paths.file_name(NFD, NFC) == NFD


@given(st.sets(_names, max_size=8))
def test_files_are_as_different_as_names_in_an_archive(keys: set[str]) -> None:
    repository = Repository(case_insensitive=True, enforce_nfd=True)
    found = set()
    for key in keys:
        name = repository.disambiguate("", key)
        file = paths.file_name(name, key)
        assert paths.check_name(file) == file
        assert paths.nfd(file) == paths.nfd(name)
        if paths.portable_name(key) == key and paths.nfd(key) == name:
            assert file == key
        found.add(paths.fold(file))
    assert len(found) == len(keys)


def test_an_entry_has_the_key_where_the_file_is_called_otherwise() -> None:
    assert entry_of(NFC, NFD, {"key": NFC, "flag": "added"}) == {}
    assert entry_of("docs-1", "docs", {"id": "/docs"}) == {"id": "/docs", "key": "docs"}
    assert entry_of("docs", "docs-1", {"key": "docs"}) == {}


def test_an_object_is_found_by_its_key_and_not_by_the_name_of_another() -> None:
    entries = {"docs": {"key": "Docs"}, "docs-1": {"key": "docs"}, NFD: {"key": NFC}}
    assert name_of(entries, "docs") == "docs-1"
    assert name_of(entries, "Docs") == "docs"
    assert name_of(entries, NFC) == name_of(entries, NFD) == NFD
    assert name_of(entries, "docs-1") == "docs-1"
    assert name_of(entries, "none") is None


def test_a_directory_finds_its_files_by_key(tmp_path: Path) -> None:
    manager = DirectoryManager(str(tmp_path))
    manager.entries.update(
        {"docs-1": {"key": "docs"}, NFD: {"key": NFC, "id": "x"}, "plain": {"id": "y"}}
    )
    assert manager.name_of("docs") == "docs-1"
    assert manager.name_of("docs-1") is None
    assert manager.name_of(NFC) == manager.name_of(NFD) == NFD
    assert manager.name_of("plain") == "plain"
    assert manager.name_of("none") is None


def test_a_file_system_is_asked_whether_it_folds_case(tmp_path: Path) -> None:
    assert not files.folds(str(tmp_path))
    (tmp_path / "@@Zope").mkdir()
    (tmp_path / "probe").touch()
    assert files.folds(str(tmp_path)) == os.path.exists(tmp_path / "PROBE")
    if not files.folds(str(tmp_path)):
        # Somebody's own folder is no proof.
        (tmp_path / paths.CONTROL.swapcase()).mkdir()
        assert not files.folds(str(tmp_path))
