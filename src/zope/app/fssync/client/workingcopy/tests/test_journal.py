"""Steps are all taken, or none, whatever interrupts."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from zope.app.fssync.client.workingcopy import journal as module
from zope.app.fssync.client.workingcopy.journal import Journal
from zope.app.fssync.client.workingcopy.journal import Step
from zope.fssync import files
from zope.fssync.errors import MetadataDamaged
from zope.fssync.errors import PathRefused


class Crash(BaseException):
    """The process ends here."""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "co"
    (root / "@@Zope").mkdir(parents=True)
    (root / "a.txt").write_text("old a")
    (root / "b.txt").write_text("old b")
    (root / "empty").mkdir()
    return root


def seen(path: Path) -> files.Signature:
    return files.signature(os.lstat(path))


def steps(root: Path, journal: Journal) -> list[Step]:
    """Replace a file, remove one, make one below a new directory, ..."""
    Path(journal.stage("0", str(root / "any"))).write_text("new a")
    Path(journal.stage("1", str(root / "any"))).mkdir()
    (Path(journal.stage("1", str(root / "any"))) / "in.txt").write_text("new in")
    Path(journal.stage("2", str(root / "any"))).write_text("new c")
    return [
        Step("move", str(root / "a.txt"), "0", seen(root / "a.txt")),
        Step("remove", str(root / "b.txt"), "", seen(root / "b.txt")),
        Step("rmdir", str(root / "empty")),
        Step("move", str(root / "fresh"), "1"),
        Step("move", str(root / "deep" / "c.txt"), "2"),
    ]


def content(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): path.read_text() if path.is_file() else "/"
        for path in sorted(root.rglob("*"))
    }


OLD = {"@@Zope": "/", "a.txt": "old a", "b.txt": "old b", "empty": "/"}
NEW = {
    "@@Zope": "/",
    "a.txt": "new a",
    "deep": "/",
    "deep/c.txt": "new c",
    "fresh": "/",
    "fresh/in.txt": "new in",
}


def test_all_steps_are_taken_and_nothing_is_left(root: Path) -> None:
    journal = Journal(str(root))
    journal.perform(steps(root, journal))
    assert content(root) == NEW
    assert journal.kept == []


def test_without_steps_nothing_is_written(root: Path) -> None:
    Journal(str(root)).perform([])
    assert content(root) == OLD
    assert not Journal(str(root)).recover()


def test_staged_files_without_a_plan_are_dropped(root: Path) -> None:
    steps(root, Journal(str(root)))
    assert Journal(str(root)).recover()
    assert content(root) == OLD


@pytest.mark.parametrize("survived", range(6))
def test_a_crash_between_steps_is_finished_by_the_next_command(
    root: Path, monkeypatch: pytest.MonkeyPatch, survived: int
) -> None:
    journal = Journal(str(root))
    todo = steps(root, journal)
    check = journal._tree.check_parents
    calls = iter(range(100))

    def crash_later(path: str) -> None:
        if next(calls) == survived:
            raise Crash
        check(path)

    monkeypatch.setattr(journal._tree, "check_parents", crash_later)
    monkeypatch.setattr(journal, "clear", lambda: None)
    try:
        journal.perform(todo)
    except Crash:
        journal.abandon()
    assert Journal(str(root)).recover()
    assert content(root) == NEW
    assert not Journal(str(root)).recover()


def test_steps_taken_twice_have_the_effect_of_one(root: Path) -> None:
    journal = Journal(str(root))
    todo = steps(root, journal)
    journal._write(todo)
    journal._take(todo)
    (root / "b.txt").write_text("made anew since")
    assert Journal(str(root)).recover()
    assert content(root) == {**NEW, "b.txt": "made anew since"}


def test_a_crash_while_the_plan_is_written_changes_nothing(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(str(root))
    todo = steps(root, journal)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        journal.perform(todo)
    journal.abandon()
    assert content(root) == OLD


def test_a_file_edited_before_its_step_is_kept_under_another_name(root: Path) -> None:
    journal = Journal(str(root))
    todo = steps(root, journal)
    (root / "a.txt").write_text("edited in between")
    (root / "a.txt.mine").write_text("taken name")
    journal.perform(todo)
    assert (root / "a.txt").read_text() == "new a"
    assert (root / "a.txt.mine").read_text() == "taken name"
    assert (root / "a.txt.mine2").read_text() == "edited in between"
    assert journal.kept == [str(root / "a.txt.mine2")]


def test_a_file_edited_before_its_removal_stays(root: Path) -> None:
    journal = Journal(str(root))
    todo = steps(root, journal)
    (root / "b.txt").write_text("edited in between")
    journal.perform(todo)
    assert (root / "b.txt").read_text() == "edited in between"
    assert journal.kept == [str(root / "b.txt")]


@pytest.mark.parametrize("kind", ["file", "dir", "link"])
def test_a_file_that_appears_meanwhile_is_kept(root: Path, kind: str) -> None:
    journal = Journal(str(root))
    todo = steps(root, journal)
    if kind == "dir":
        (root / "fresh").mkdir()
        (root / "fresh" / "mine.txt").write_text("mine")
    elif kind == "file":
        (root / "fresh").write_text("mine")
    else:
        os.symlink("nowhere", root / "fresh")
    journal.perform(todo)
    assert (root / "fresh" / "in.txt").read_text() == "new in"
    assert journal.kept == [str(root / "fresh.mine")]
    assert os.path.lexists(root / "fresh.mine")


def test_a_file_keeps_its_mode(root: Path) -> None:
    (root / "a.txt").chmod(0o750)
    journal = Journal(str(root))
    journal.perform(steps(root, journal))
    assert (root / "a.txt").stat().st_mode & 0o777 == 0o750


def plan(root: Path, *lines: object) -> None:
    directory = root / "@@Zope" / "Journal"
    directory.mkdir()
    (directory / "0").write_text("evil")
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (directory / "plan").write_text(text)


@pytest.mark.parametrize(
    "path", ["../victim", "a/../../victim", "/victim", "", ".", "x//y", "x/../y"]
)
@pytest.mark.parametrize("verb", ["move", "remove", "rmdir"])
def test_a_plan_that_leads_out_is_refused(root: Path, verb: str, path: str) -> None:
    victim = root.parent / "victim"
    victim.write_text("mine")
    plan(root, [verb, path, "0", None])
    with pytest.raises(PathRefused) as caught:
        Journal(str(root)).recover()
    assert caught.value.exit_code == 8
    assert victim.read_text() == "mine"
    assert sorted(os.listdir(root.parent)) == ["co", "victim"]


@pytest.mark.parametrize("staged", ["..", ".", "../../a.txt", "", "plan", "x"])
def test_only_what_is_staged_is_moved(root: Path, staged: str) -> None:
    plan(root, ["move", "new", staged, None])
    with pytest.raises((PathRefused, MetadataDamaged)):
        Journal(str(root)).recover()
    assert not (root / "new").exists()
    assert (root / "a.txt").read_text() == "old a"


@pytest.mark.parametrize(
    "line",
    [
        [],
        {},
        "move",
        7,
        None,
        ["exec", "x", "", None],
        ["remove", 5, "", None],
        ["move", "x", 5, None],
        ["remove", "x", "", 5],
        ["remove", "x", "", None, "more"],
        ["move", "\0x", "0", None],
        ["move", "\ud800", "0", None],
    ],
)
def test_a_plan_of_another_form_is_damaged_metadata(root: Path, line: object) -> None:
    plan(root, line)
    with pytest.raises(MetadataDamaged, match="damaged journal"):
        Journal(str(root)).recover()
    assert {name: text for name, text in content(root).items() if name in OLD} == OLD


@pytest.mark.parametrize("text", ["{", "[" * 100_000, "\0\0\0", "nonsense"])
def test_a_plan_that_is_no_json_is_damaged_metadata(root: Path, text: str) -> None:
    plan(root)
    (root / "@@Zope" / "Journal" / "plan").write_text(text)
    with pytest.raises(MetadataDamaged):
        Journal(str(root)).recover()


def test_a_directory_that_became_a_link_is_not_followed(root: Path) -> None:
    outside = root.parent / "outside"
    outside.mkdir()
    os.symlink(outside, root / "link")
    plan(root, ["move", "link/x.txt", "0", None])
    with pytest.raises(PathRefused):
        Journal(str(root)).recover()
    assert os.listdir(outside) == []


@pytest.mark.parametrize("operation", ["replace", "unlink", "rmdir", "rename"])
def test_a_directory_that_is_swapped_at_the_last_moment_leads_nowhere(
    root: Path, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    outside = root.parent / "outside"
    for directory in (outside, root / "dir"):
        (directory / "empty").mkdir(parents=True)
        (directory / "a.txt").write_text("precious")
        (directory / "b.txt").write_text("precious")
    journal = Journal(str(root))
    Path(journal.stage("0", str(root / "any"))).write_text("new")
    found = {name: root / "dir" / name for name in ("a.txt", "b.txt", "empty")}
    steps = {
        "replace": Step("move", str(found["a.txt"]), "0", seen(found["a.txt"])),
        "rename": Step("move", str(found["a.txt"]), "0", [0, 0, 0, 0]),
        "unlink": Step("remove", str(found["b.txt"]), "", seen(found["b.txt"])),
        "rmdir": Step("rmdir", str(found["empty"])),
    }
    original, rename = getattr(os, operation), os.rename

    def swapped(*args: object, **options: object) -> None:
        if (root / "dir").is_symlink():
            return original(*args, **options)
        rename(root / "dir", root / "moved")
        os.symlink(outside, root / "dir")
        return original(*args, **options)

    before = content(outside)
    monkeypatch.setattr(os, operation, swapped)
    journal.perform([steps[operation]])
    assert content(outside) == before
    assert content(root / "moved") != before


def test_a_link_in_its_place_is_no_journal(root: Path) -> None:
    elsewhere = root.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "precious").write_text("mine")
    os.symlink(elsewhere, root / "@@Zope" / "Journal")
    assert not Journal(str(root)).recover()
    with pytest.raises(OSError, match="File exists"):
        Journal(str(root)).stage("0", str(root / "any"))
    assert (elsewhere / "precious").read_text() == "mine"


def test_many_staged_files_are_synced_in_one_go(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = []
    monkeypatch.setattr(module.os, "sync", lambda: synced.append(True))
    journal = Journal(str(root))
    todo = []
    for number in range(40):
        Path(journal.stage(str(number), str(root / "any"))).write_text("x")
        todo.append(Step("move", str(root / f"f{number}"), str(number)))
    journal.perform(todo)
    assert synced == [True]
    assert len(list(root.glob("f*"))) == 40


def test_removals_alone_need_no_staged_file(root: Path) -> None:
    Journal(str(root)).perform(
        [
            Step("remove", str(root / "b.txt"), "", seen(root / "b.txt")),
            Step("rmdir", str(root / "empty")),
        ]
    )
    assert content(root) == {"@@Zope": "/", "a.txt": "old a"}


def test_a_directory_that_cannot_be_written_stops_all_before_it_begins(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = content(root)
    journal = Journal(str(root))
    planned = steps(root, journal)
    (root / "deep").mkdir()
    access = os.access
    # Asked for, since the administrator may write everywhere.
    monkeypatch.setattr(
        os, "access", lambda path, mode: "deep" not in path and access(path, mode)
    )
    with pytest.raises(PermissionError, match="deep"):
        journal.perform(planned)
    journal.abandon()
    assert content(root) == {**before, "deep": "/"}


def test_a_power_cut_finds_the_plan_or_all_it_says(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(str(root))
    planned = steps(root, journal)
    done: list[str] = []

    def watch(name: str) -> None:
        original = getattr(os, name)

        def call(what: object, *args: object, **options: object) -> object:
            where = what
            if isinstance(what, int):
                where = os.readlink(f"/proc/self/fd/{what}")
            done.append(f"{name} {os.path.basename(str(where))}")
            return original(what, *args, **options)

        monkeypatch.setattr(os, name, call)

    for name in ("fsync", "replace", "unlink"):
        watch(name)
    monkeypatch.setattr(os, "sync", lambda: done.append("sync"))
    journal.perform(planned)
    plan = done.index("unlink plan")
    moves = [n for n, each in enumerate(done) if each in ("replace 0", "replace 2")]
    assert done.index("sync") < done.index("fsync Journal") < min(moves)
    settled = [done.index(f"fsync {name}") for name in ("co", "deep")]
    assert max(moves) < min(settled)
    assert max(settled) < plan
