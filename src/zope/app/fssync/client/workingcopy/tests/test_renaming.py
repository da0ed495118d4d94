"""Files are renamed with all that is known of them, or not at all."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from zope.app.fssync.client.workingcopy.journal import Journal
from zope.app.fssync.client.workingcopy.journal import Step
from zope.app.fssync.client.workingcopy.staging import Changes
from zope.fssync.errors import PathRefused


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "co"
    (root / "@@Zope").mkdir(parents=True)
    (root / "old").mkdir()
    (root / "old" / "a").write_text("a")
    return root


def deepest_first(root: Path) -> list[Step]:
    return [
        Step("rename", str(root / "old" / "b"), "a"),
        Step("rename", str(root / "new"), "old"),
    ]


def test_files_are_renamed_before_their_directory(root: Path) -> None:
    Journal(str(root)).perform(deepest_first(root))
    assert (root / "new" / "b").read_text() == "a"
    assert not (root / "old").exists()


@pytest.mark.parametrize("taken", [0, 1, 2])
def test_steps_that_were_taken_are_taken_again_without_harm(
    root: Path, taken: int
) -> None:
    journal = Journal(str(root))
    steps = deepest_first(root)
    journal.stage("plan", str(root / "any"))
    with open(journal.stage("plan", str(root / "any")), "w") as plan:
        for step in steps:
            relative = os.path.relpath(step.path, root)
            plan.write(json.dumps(step._replace(path=relative)) + "\n")
    for step in steps[:taken]:
        os.rename(os.path.join(os.path.dirname(step.path), step.staged), step.path)
    assert Journal(str(root)).recover()
    assert (root / "new" / "b").read_text() == "a"
    assert not Journal(str(root)).recover()


def test_nothing_is_renamed_over_another_file(root: Path) -> None:
    (root / "old" / "b").write_text("another")
    journal = Journal(str(root))
    journal.perform(deepest_first(root))
    assert (root / "new" / "a").read_text() == "a"
    assert (root / "new" / "b").read_text() == "another"
    assert journal.kept == [str(root / "old" / "a")]


@pytest.mark.parametrize("name", ["../x", "..", "", "a/b", "@@zope", "@@Zope"])
def test_a_journal_that_others_made_renames_nothing_elsewhere(
    root: Path, name: str
) -> None:
    journal = Journal(str(root))
    journal.stage("plan", str(root / "any"))
    with open(journal.stage("plan", str(root / "any")), "w") as plan:
        plan.write(json.dumps(["rename", "new", name, None]) + "\n")
    with pytest.raises(PathRefused):
        journal.recover()
    assert not (root / "new").exists()


def test_renaming_is_found_where_it_was_until_the_changes_are_made(
    root: Path,
) -> None:
    changes = Changes(str(root))
    changes.rename(str(root / "old"), "new")
    changes.write(str(root / "@@Zope" / "x"), [b"x"])
    assert changes.isdir(str(root / "old"))
    changes.abandon()
    assert (root / "old").exists()
    changes = Changes(str(root))
    changes.rename(str(root / "old"), "new")
    changes.apply()
    assert (root / "new" / "a").exists()
