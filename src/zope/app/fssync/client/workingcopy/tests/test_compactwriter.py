"""What is written to a tree with packs, and where it lies then."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from zope.interface.verify import verifyObject

from zope.app.fssync.client.workingcopy.compactwriter import CompactWriter
from zope.fssync.errors import MetadataDamaged
from zope.fssync.files import Tree
from zope.fssync.interfaces import IFileTree
from zope.fssync.limits import UNPACKED_SIZE

SPECIAL = "d/@@Zope/Extra/n"


@pytest.fixture
def files(tmp_path: Path) -> CompactWriter:
    (tmp_path / "d" / "@@Zope").mkdir(parents=True)
    return CompactWriter(Tree(), compact=True)


def test_compact_is_a_file_tree(files: CompactWriter) -> None:
    assert verifyObject(IFileTree, files)


def test_originals_lie_in_one_file(files: CompactWriter, tmp_path: Path) -> None:
    for name in "abc":
        files.write(str(tmp_path / "d/@@Zope/Original" / name), [b"content"])
    files.flush()
    assert os.listdir(tmp_path / "d" / "@@Zope") == ["Base"]
    assert files.listdir(str(tmp_path / "d/@@Zope/Original")) == ["a", "b", "c"]
    assert files.listdir(str(tmp_path / "d/@@Zope")) == ["Original"]


def test_large_originals_stay_files(files: CompactWriter, tmp_path: Path) -> None:
    original = tmp_path / "d/@@Zope/Original/a"
    files.write(str(original), [b"x" * (UNPACKED_SIZE + 1)])
    assert original.stat().st_size == UNPACKED_SIZE + 1
    files.write(str(original), [b"small"])
    files.flush()
    assert not original.exists()
    assert files.size(str(original)) == 5


def test_a_pack_without_members_goes(files: CompactWriter, tmp_path: Path) -> None:
    original = str(tmp_path / "d/@@Zope/Original/a")
    files.write(original, [b"x"])
    files.flush()
    files.remove(original)
    files.flush()
    assert os.listdir(tmp_path / "d" / "@@Zope") == []


def test_files_that_lie_on_the_disk_are_newer_than_the_pack(
    files: CompactWriter, tmp_path: Path
) -> None:
    original = tmp_path / "d/@@Zope/Original/a"
    files.write(str(original), [b"packed"])
    files.flush()
    original.parent.mkdir()
    original.write_bytes(b"by 3.6.0")
    with files.open(str(original)) as stream:
        assert stream.read() == b"by 3.6.0"


def test_control_data_goes_with_its_directory(
    files: CompactWriter, tmp_path: Path
) -> None:
    special = tmp_path / SPECIAL
    entries = str(special / "@@Zope/Entries.xml")
    files.write(entries, [b"<entries />"])
    files.flush()
    assert files.isfile(entries)
    special.rmdir()
    assert files.kind(entries) is None
    assert files.had(str(special))
    files.mkdir(str(special))
    assert files.kind(entries) is None


def test_a_tree_of_3_6_0_gets_no_pack(tmp_path: Path) -> None:
    files = CompactWriter(Tree())
    original = tmp_path / "d/@@Zope/Original/a"
    files.write(str(original), [b"x"])
    files.keep(str(tmp_path / "d/@@Zope/Received"), b"x")
    files.flush()
    assert original.read_bytes() == b"x"
    assert os.listdir(tmp_path / "d" / "@@Zope") == ["Original"]


def test_kept_content_of_any_size_is_packed(
    tmp_path: Path,
) -> None:
    files = CompactWriter(Tree(), compact=True)
    received = tmp_path / "d/@@Zope/Received"
    files.write(str(received.parent / "Original/a"), [b"x"])
    files.keep(str(received), b"x" * 3 * UNPACKED_SIZE)
    files.flush()
    assert files.size(str(received)) == 3 * UNPACKED_SIZE
    assert os.listdir(received.parent) == ["Base"]
    for _ in range(2):
        files.keep(str(received), b"")
        assert not files.exists(str(received))


def test_memory_stays_flat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zope.app.fssync.client.workingcopy.compact.KEPT_PACKS", 1000)
    files = CompactWriter(Tree(), compact=True)
    for number in range(50):
        path = tmp_path / f"d{number % 5}/@@Zope/Original/{number}"
        files.write(str(path), [b"%d" % number * 50])
    files.flush()
    for number in range(50):
        path = tmp_path / f"d{number % 5}/@@Zope/Original/{number}"
        with files.open(str(path)) as stream:
            assert stream.read() == b"%d" % number * 50


def test_a_damaged_pack_is_told(files: CompactWriter, tmp_path: Path) -> None:
    (tmp_path / "d/@@Zope/Base").write_bytes(b"zsync base 1 5\n")
    with pytest.raises(MetadataDamaged, match="Base"):
        files.kind(str(tmp_path / "d/@@Zope/Original/a"))
