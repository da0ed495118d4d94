"""Copies inside a working copy are added with what belongs to them."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.fssync.copier import FileCopier
from zope.fssync.copier import ObjectCopier
from zope.fssync.errors import PathRefused
from zope.fssync.files import Tree
from zope.fssync.fsmerger import FSMerger
from zope.fssync.metadata import Metadata
from zope.fssync.metadata import dump_entries

SPECIALS = ("@@Zope/Extra/f/type", "@@Zope/Annotations/f/dc")


class Sync:
    """Registers copies and remembers them, as the client does."""

    def __init__(self) -> None:
        self.files = Tree()
        self.metadata = Metadata(self.files)
        self.fsmerger = FSMerger(self.metadata, print, files=self.files)
        self.added: list[tuple[str, str | None, str | None]] = []
        self.basic: list[tuple[str, str | None, str | None]] = []

    def add(self, path: str, type: str | None = None, factory: str | None = None):
        self.added.append((path, type, factory))

    def basicadd(self, path: str, type: str | None, factory: str | None):
        self.basic.append((path, type, factory))


@pytest.fixture
def sync() -> Sync:
    return Sync()


@pytest.fixture
def root(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for path, content in {
        "d/f": b"f" * 100_000,
        "d/sub/g": b"g",
        "d/removed": b"",
        "d/unregistered": b"",
        "d/backup~": b"",
        "d/.svn/x": b"",
        **{f"d/{special}": b"special" for special in SPECIALS},
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    for directory, entries in {
        ".": {"d": {"type": "D", "factory": "DF"}},
        "d": {
            "f": {"type": "F", "factory": "FF"},
            "sub": {"type": "S"},
            "removed": {"type": "R", "flag": "removed"},
        },
        "d/sub": {"g": {"type": "G"}},
        "d/@@Zope/Extra/f": {"type": {"type": "str"}},
        "d/@@Zope/Annotations/f": {"dc": {"type": "DC", "factory": "DCF"}},
    }.items():
        control = tmp_path / directory / "@@Zope"
        control.mkdir(exist_ok=True)
        (control / "Entries.xml").write_bytes(dump_entries(entries))
    return tmp_path


def listed(root: Path, directory: str) -> list[str]:
    return sorted(
        path.relative_to(root / directory).as_posix()
        for path in (root / directory).rglob("*")
        if path.is_file()
    )


def test_ordinary_files_are_copied_without_control_data_and_backups(root, sync):
    FileCopier(sync).copy("d", "new")
    assert listed(root, "new") == ["f", "removed", "sub/g", "unregistered"]
    assert [path for path, _, _ in sync.added] == [
        "new",
        "new/f",
        "new/removed",
        "new/sub",
        "new/sub/g",
        "new/unregistered",
    ]
    assert (root / "new" / "f").read_bytes() == b"f" * 100_000


def test_objects_are_copied_with_types_extras_and_annotations(root, sync):
    ObjectCopier(sync).copy("d", "new")
    assert listed(root, "new") == [
        "@@Zope/Annotations/f/dc",
        "@@Zope/Extra/f/type",
        "f",
        "sub/g",
    ]
    assert sync.added == [
        ("new", "D", "DF"),
        ("new/f", "F", "FF"),
        ("new/sub", "S", None),
        ("new/sub/g", "G", None),
    ]
    assert sync.basic == [
        ("new/@@Zope/Extra/f/type", "str", None),
        ("new/@@Zope/Annotations/f/dc", "DC", "DCF"),
    ]


def test_a_directory_can_be_copied_without_its_children(root, sync):
    ObjectCopier(sync).copy("d", "new", children=False)
    assert listed(root, "new") == []
    assert sync.added == [("new", "D", "DF")]


def test_a_directory_can_be_copied_into_itself(root, sync):
    FileCopier(sync).copy("d/sub", "d/sub/copy")
    assert listed(root, "d/sub/copy") == ["g"]


def test_special_files_are_not_copied(root, sync):
    (root / "link").symlink_to("d/f")
    with pytest.raises(PathRefused, match="not a regular file: link"):
        FileCopier(sync).copy("link", "new")
    FileCopier(sync).copy("missing", "new")
    assert not (root / "new").exists()
    assert sync.added == []
