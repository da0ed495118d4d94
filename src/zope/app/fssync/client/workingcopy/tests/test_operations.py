"""What is kept of operations is bounded, and what others wrote there is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from zope.app.fssync.client.workingcopy import operations as module
from zope.app.fssync.client.workingcopy.operations import Operations
from zope.app.fssync.client.workingcopy.workingcopy import WorkingCopy
from zope.fssync.errors import MetadataDamaged


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "co"
    (root / "@@Zope").mkdir(parents=True)
    (root / "@@Zope" / "Root").write_text("http://localhost/demo\n")
    (root / "a.txt").write_text("0")
    return root


def write(root: Path, *texts: str, verb: str = "update") -> None:
    for text in texts:
        with WorkingCopy(str(root)).changing(verb) as changes:
            changes.write(str(root / "a.txt"), [text.encode()])


def kept(root: Path) -> list[int]:
    return [each.number for each in Operations(str(root)).newest_first()]


def test_replaced_files_are_kept_and_not_copied(root: Path) -> None:
    inode = (root / "a.txt").stat().st_ino
    write(root, "1")
    (operation,) = Operations(str(root)).newest_first()
    assert (operation.verb, operation.paths, operation.size) == ("update", ["a.txt"], 1)
    found = root / "@@Zope" / "Operations" / "1" / "0"
    assert found.read_text() == "0"
    assert found.stat().st_ino == inode


def test_files_are_copied_where_links_are_not_possible(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object, **named: object) -> None:
        raise PermissionError

    monkeypatch.setattr(module.os, "link", refuse)
    write(root, "1")
    operations = Operations(str(root))
    assert (root / "@@Zope" / "Operations" / "1" / "0").read_text() == "0"
    operations.stage(1, "0", str(root / "back"))
    assert (root / "back").read_text() == "0"


def test_only_the_last_operations_are_kept(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "KEPT_OPERATIONS", 2)
    write(root, "1", "2", "3")
    assert kept(root) == [3, 2]


def test_no_more_bytes_are_kept_than_the_limit(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "OPERATIONS_SIZE", 10)
    write(root, "1", "x" * 8, "y" * 4, "2")
    # The last replaced 4 bytes, the one before it 8.
    assert kept(root) == [4]


def test_old_operations_are_dropped(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "OPERATION_DAYS", -1)
    write(root, "1")
    assert kept(root) == []


def test_a_commit_is_kept_as_final_without_its_files(root: Path) -> None:
    write(root, "1", verb="commit")
    assert kept(root) == []
    write(root, "2")
    write(root, "3", verb="commit")
    newest, before = Operations(str(root)).newest_first()
    assert (newest.verb, newest.is_final, newest.paths) == ("commit", True, [])
    assert before.verb == "update"


def test_changes_that_may_be_stored_are_not_undone(root: Path) -> None:
    write(root, "1")
    (root / "@@Zope" / "Operations" / "new").mkdir()
    write(root, "2")
    assert kept(root) == [1]


def test_a_command_goes_on_where_nothing_can_be_kept(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object, **named: object) -> None:
        raise OSError(28, "full")

    write(root, "1")
    monkeypatch.setattr(module, "_link", refuse)
    write(root, "2")
    assert (root / "a.txt").read_text() == "2"
    assert kept(root) == []


@pytest.mark.parametrize(
    "line",
    [
        5,
        ["move", "../a.txt", "", None, "0", "a.txt"],
        ["move", "a.txt", "", None, "0", "/etc/passwd"],
        ["move", "a.txt", "", None, "../../Root", "a.txt"],
        ["relocate", "a.txt", "../b.txt", None, None, "a.txt"],
        ["rename", "a.txt", "../b.txt", None, None, "a.txt"],
        ["move", "a\0.txt", "", None, None, "a.txt"],
    ],
)
def test_a_list_that_others_wrote_is_refused(root: Path, line: object) -> None:
    write(root, "1")
    path = root / "@@Zope" / "Operations" / "1" / "steps"
    head = path.read_text().splitlines()[0]
    path.write_text(f"{head}\n{json.dumps(line)}\n")
    with pytest.raises(MetadataDamaged, match="cannot be read"):
        kept(root)


@pytest.mark.parametrize(
    ("name", "value"),
    [("time", 1e300), ("time", float("nan")), ("time", -1), ("size", float("inf"))],
)
def test_a_list_of_no_time_or_size_is_refused(
    root: Path, name: str, value: float
) -> None:
    write(root, "1")
    path = root / "@@Zope" / "Operations" / "1" / "steps"
    head, *steps = path.read_text().splitlines(keepends=True)
    path.write_text(json.dumps({**json.loads(head), name: value}) + "\n" + steps[0])
    with pytest.raises(MetadataDamaged, match="cannot be read"):
        kept(root)


def test_a_link_in_the_place_of_a_kept_file_is_refused(root: Path) -> None:
    write(root, "1")
    found = root / "@@Zope" / "Operations" / "1" / "0"
    found.unlink()
    found.symlink_to("/etc/passwd")
    with pytest.raises(MetadataDamaged):
        Operations(str(root)).stage(1, "0", str(root / "back"))
