"""Where a working copy begins, and how it is changed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from zope.app.fssync.client.workingcopy.workingcopy import WorkingCopy
from zope.fssync.errors import Error
from zope.fssync.errors import Locked
from zope.fssync.errors import PathRefused


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "co"
    for directory in (root, root / "demo", root / "demo" / "sub"):
        (directory / "@@Zope").mkdir(parents=True)
    (root / "@@Zope" / "Root").write_text("http://localhost/demo\n")
    (root / "demo" / "a.txt").write_text("a")
    return root


@pytest.mark.parametrize(
    "target", [".", "demo", "demo/", "demo/sub", "demo/a.txt", "demo/nosuch", "no/such"]
)
def test_workingcopy_is_found_from_anywhere_below(root: Path, target: str) -> None:
    assert WorkingCopy.find(str(root / target)).root == str(root)


def test_workingcopy_is_found_from_the_working_directory(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root / "demo" / "sub")
    for target in ("", ".", "..", "x"):
        assert WorkingCopy.find(target).root == str(root)


def test_the_nearest_root_decides(root: Path) -> None:
    (root / "demo" / "sub" / "@@Zope" / "Root").write_text("http://localhost/sub\n")
    assert WorkingCopy.find(str(root / "demo" / "sub" / "x")).root == str(
        root / "demo" / "sub"
    )


def test_a_tree_taken_out_begins_with_its_control_data(root: Path) -> None:
    os.unlink(root / "@@Zope" / "Root")
    assert WorkingCopy.find(str(root / "demo" / "sub")).root == str(root)


def test_outside_of_any_there_is_an_error_with_advice(tmp_path: Path) -> None:
    with pytest.raises(Error, match="nothing known about") as caught:
        WorkingCopy.find(str(tmp_path))
    assert "zsync checkout" in str(caught.value)


def test_a_link_is_known_by_where_it_lies(root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("x")
    os.symlink(outside, root / "demo" / "link")
    assert WorkingCopy.find(str(root / "demo" / "link")).root == str(root)


def test_a_link_to_a_working_copy_will_do(root: Path, tmp_path: Path) -> None:
    for name, target in (("one", root), ("two", root / "demo")):
        os.symlink(target, tmp_path / name)
        assert WorkingCopy.find(str(tmp_path / name)).root == str(root)
        assert WorkingCopy.find(str(tmp_path / name / "x")).root == str(root)


def test_a_link_in_a_working_copy_leads_to_no_other(root: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    (other / "@@Zope").mkdir(parents=True)
    link = root / "demo" / "link"
    os.symlink(other, link)
    assert WorkingCopy.find(str(link)).root == str(root)
    assert WorkingCopy.find(f"{link}/").root == str(root)
    for target in (link / "x", link / "deep" / "x"):
        with pytest.raises(PathRefused, match="a link in a working copy"):
            WorkingCopy.find(str(target))


def test_control_data_behind_a_link_makes_no_working_copy(
    root: Path, tmp_path: Path
) -> None:
    fake = tmp_path / "fake"
    fake.mkdir()
    os.symlink(root / "@@Zope", fake / "@@Zope")
    with pytest.raises(Error, match="nothing known about"):
        WorkingCopy.find(str(fake))


def test_changes_are_made_at_the_end(root: Path) -> None:
    copy = WorkingCopy(str(root))
    with copy.changing("test") as changes:
        changes.write(str(root / "demo" / "a.txt"), [b"new"])
        assert (root / "demo" / "a.txt").read_text() == "a"
    assert (root / "demo" / "a.txt").read_text() == "new"
    assert sorted(os.listdir(root / "@@Zope")) == ["Operations", "Root"]


@pytest.mark.parametrize("error", [Error("no"), OSError(28, "full"), KeyboardInterrupt])
def test_after_an_error_nothing_is_changed(root: Path, error) -> None:
    copy = WorkingCopy(str(root))

    def change() -> None:
        with copy.changing("test") as changes:
            changes.write(str(root / "demo" / "a.txt"), [b"new"])
            raise error

    with pytest.raises((Error, OSError, KeyboardInterrupt)):
        change()
    assert (root / "demo" / "a.txt").read_text() == "a"
    assert os.listdir(root / "@@Zope") == ["Root"]


def test_one_command_at_a_time(root: Path) -> None:
    copy = WorkingCopy(str(root))
    with (
        copy.changing("update"),
        pytest.raises(Locked, match="zsync update"),
        copy.changing("commit"),
    ):
        pass  # pragma: no cover


def test_the_next_command_finishes_what_was_begun(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = WorkingCopy(str(root))

    def interrupt(steps: object) -> None:
        raise KeyboardInterrupt

    def change() -> None:
        with copy.changing("test") as changes:
            changes.write(str(root / "demo" / "a.txt"), [b"new"])
            changes.write(str(root / "demo" / "b.txt"), [b"new"])
            monkeypatch.setattr(changes.journal, "_take", interrupt)

    with pytest.raises(KeyboardInterrupt):
        change()
    assert (root / "demo" / "a.txt").read_text() == "a"
    copy.recover()
    assert (root / "demo" / "a.txt").read_text() == "new"
    assert (root / "demo" / "b.txt").read_text() == "new"
    assert sorted(os.listdir(root / "@@Zope")) == ["Operations", "Root"]


def test_with_nothing_to_recover_nothing_is_locked(root: Path) -> None:
    copy = WorkingCopy(str(root))
    with copy.locked("update"):
        copy.recover()


def test_looking_does_not_wait_for_a_command_that_is_staging(root: Path) -> None:
    copy = WorkingCopy(str(root))
    with copy.changing("update") as changes:
        changes.write(str(root / "demo" / "a.txt"), [b"new"])
        assert not copy.recover()
    assert (root / "demo" / "a.txt").read_text() == "new"


def test_workingcopy_is_made_in_a_new_directory(tmp_path: Path) -> None:
    target = tmp_path / "a" / "b"
    with WorkingCopy.making(str(target)) as copy:
        assert os.path.isdir(copy.control)
    assert Path(copy.control).parent == target


@pytest.mark.parametrize("target", ["new", "new/deep/er"])
def test_a_failed_checkout_leaves_no_directory(tmp_path: Path, target: str) -> None:
    with pytest.raises(Error), WorkingCopy.making(str(tmp_path / target)):
        raise Error("no")
    assert os.listdir(tmp_path) == []


def test_a_failed_checkout_keeps_directories_of_others(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    mine = tmp_path / "there" / "mine"
    with pytest.raises(Error), WorkingCopy.making(str(tmp_path / "there")):
        raise Error(f"no, {mine.write_text('mine')}")
    assert (tmp_path / "there" / "mine").read_text() == "mine"
    assert os.listdir(tmp_path / "there") == ["mine"]
