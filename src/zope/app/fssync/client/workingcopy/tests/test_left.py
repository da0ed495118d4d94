"""What a conversion moves away is removed when all is done, and no edit with it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from zope.app.fssync.client.workingcopy.journal import Journal
from zope.app.fssync.client.workingcopy.left import Left
from zope.app.fssync.client.workingcopy.left import remove_all
from zope.app.fssync.client.workingcopy.place import LEFT
from zope.app.fssync.client.workingcopy.staging import Changes
from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing.filefaults import Faults
from zope.app.fssync.testing.filefaults import Killed
from zope.fssync.errors import MetadataDamaged
from zope.fssync.files import signature_at


@pytest.fixture
def root(tmp_path: Path) -> Path:
    extras = tmp_path / "docs" / "@@Zope" / "Extra" / "a.txt"
    extras.mkdir(parents=True)
    (extras / "title").write_bytes(b"old")
    (extras / "size").write_bytes(b"1")
    (tmp_path / "@@Zope").mkdir()
    (tmp_path / "@@Zope" / "Root").write_bytes(b"http://localhost\n")
    return tmp_path


def looks(directory: Path) -> dict[str, list[int]]:
    found = {str(p): signature_at(str(p)) for p in directory.rglob("*") if p.is_file()}
    return {path: look for path, look in found.items() if look is not None}


def test_left_is_gone_in_the_end(root: Path) -> None:
    changes = Changes(str(root))
    left = Left(changes, str(root))
    extra = root / "docs" / "@@Zope" / "Extra"
    left.take(str(extra), looks(extra))
    assert extra.exists()
    left.note()
    changes.apply()
    assert not extra.exists()
    assert remove_all(str(root)) == []
    assert not (root / "@@Zope" / LEFT).exists()


def test_files_edited_or_made_meanwhile_are_kept(root: Path) -> None:
    changes = Changes(str(root))
    left = Left(changes, str(root))
    extra = root / "docs" / "@@Zope" / "Extra"
    left.take(str(extra), looks(extra))
    (extra / "a.txt" / "title").write_bytes(b"edited")
    (extra / "a.txt" / "new").write_bytes(b"new")
    (root / "docs" / "a.txt.new.mine").write_bytes(b"another")
    left.note()
    changes.apply()
    kept = remove_all(str(root))
    docs = root / "docs"
    assert sorted(kept) == [
        str(docs / "a.txt.new.mine2"),
        str(docs / "a.txt.title.mine"),
    ]
    assert (docs / "a.txt.title.mine").read_bytes() == b"edited"
    assert (docs / "a.txt.new.mine2").read_bytes() == b"new"
    assert (docs / "a.txt.new.mine").read_bytes() == b"another"
    assert not (root / "@@Zope" / LEFT).exists()


def test_several_take_names_that_are_free(root: Path) -> None:
    batches = root / "@@Zope" / LEFT
    for number in range(2):
        changes = Changes(str(root))
        left = Left(changes, str(root))
        for name in ("title", "size"):
            directory = root / "docs" / "@@Zope" / name / str(number)
            directory.mkdir(parents=True)
            (directory / "new").write_bytes(b"%d" % number)
            left.take(str(directory), {})
        left.note()
        changes.apply()
    assert sorted(p.name for p in batches.iterdir()) == ["0", "1"]
    assert sorted(p.name for p in (batches / "1").iterdir()) == ["0", "1", "Read"]
    assert len(remove_all(str(root))) == 4
    assert list(snapshot(root / "@@Zope")) == ["Root"]


def interrupted(root: Path, last: int) -> bool:
    """Move away and remove, killed at a step; was it?"""
    changes = Changes(str(root))
    left = Left(changes, str(root))
    extra = root / "docs" / "@@Zope" / "Extra"
    left.take(str(extra), looks(extra))
    (extra / "a.txt" / "title").write_bytes(b"edited")
    try:
        with Faults(last):
            left.note()
            changes.apply()
            remove_all(str(root))
    except Killed:
        return True
    return False


def test_an_edit_outlives_an_end_at_any_step(tmp_path: Path, root: Path) -> None:
    shutil.copytree(root, tmp_path / "before")
    number = 0
    while True:
        shutil.copytree(tmp_path / "before", tmp_path / str(number))
        place = tmp_path / str(number)
        is_killed = interrupted(place, number)
        Journal(str(place)).recover()
        remove_all(str(place))
        found = [p for p in place.rglob("*") if p.is_file()]
        assert [p.read_bytes() for p in found].count(b"edited") == 1, number
        assert not (place / "@@Zope" / LEFT).exists()
        if not is_killed:
            break
        number += 1
    assert (place / "docs" / "a.txt.title.mine").read_bytes() == b"edited"
    assert number > 10


def test_an_edit_outlives_its_directory(root: Path) -> None:
    moved_with_edit(root)
    shutil.rmtree(root / "docs")
    assert remove_all(str(root)) == [str(root / "a.txt.title.mine")]


def test_an_edit_never_gets_out_through_a_link(root: Path) -> None:
    moved_with_edit(root)
    shutil.rmtree(root / "docs")
    outside = root / "outside"
    outside.mkdir()
    (root / "docs").symlink_to(outside)
    assert remove_all(str(root)) == [str(root / "a.txt.title.mine")]
    assert list(outside.iterdir()) == []


def test_a_name_that_would_be_too_long_is_cut(root: Path) -> None:
    long = root / "docs" / "@@Zope" / "Extra" / ("n" * 250) / ("t" * 250)
    long.parent.mkdir()
    long.write_bytes(b"long")
    moved_with_edit(root)
    kept = {Path(path).name for path in remove_all(str(root))}
    assert kept == {"a.txt.title.mine", "n" * 250 + ".mine"}


@pytest.mark.parametrize(
    "read",
    [
        None,
        b"",
        b"[",
        b'["0", "docs/a.txt", null]\n',
        b'["0", "docs/../../@@Zope", null]\n',
        b'["0", "/@@Zope/Extra", null]\n',
        b"[" * 100_000,
    ],
)
def test_files_of_unknown_origin_stay(root: Path, read: bytes | None) -> None:
    moved_with_edit(root)
    batch = root / "@@Zope" / LEFT / "0"
    (batch / "Read").unlink()
    if read is not None:
        (batch / "Read").write_bytes(read)
    with pytest.raises(MetadataDamaged, match="not known what was converted") as raised:
        remove_all(str(root))
    assert (batch / "0" / "a.txt" / "title").read_bytes() == b"edited"
    # As the advice says.
    assert raised.value.path == str(batch)
    batch.rename(root / "before")
    assert remove_all(str(root)) == []


@pytest.mark.parametrize("link", [".zsync", f"@@Zope/{LEFT}", f"@@Zope/{LEFT}/0"])
def test_a_link_in_its_place_is_left_alone(root: Path, link: str) -> None:
    file = root / "outside" / LEFT / "0" / "0" / "file"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"another's")
    targets = {".zsync": "", f"@@Zope/{LEFT}": LEFT, f"@@Zope/{LEFT}/0": f"{LEFT}/0"}
    (root / link).parent.mkdir(exist_ok=True)
    (root / link).symlink_to(root / "outside" / targets[link])
    assert remove_all(str(root)) == []
    assert file.read_bytes() == b"another's"


def moved_with_edit(root: Path) -> None:
    """Move control data away of which a file was edited meanwhile."""
    changes = Changes(str(root))
    left = Left(changes, str(root))
    extra = root / "docs" / "@@Zope" / "Extra"
    read = looks(extra)
    left.take(str(extra), {path: read[path] for path in read if "size" in path})
    left.note()
    changes.apply()
    (root / "@@Zope/Left/0/0/a.txt/title").write_bytes(b"edited")
