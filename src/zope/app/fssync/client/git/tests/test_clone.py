"""What a clone keeps."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync.client.git.clone import Clone
from zope.fssync.errors import Locked
from zope.fssync.errors import WorkingCopyError

URL = "http://localhost/demo"


@pytest.fixture
def clone(git):
    return Clone(git, "origin", URL)


def test_a_new_clone_knows_nothing(clone):
    assert clone.known().tip == ""
    assert clone.known().url == URL


def test_kept_clones_are_known(clone, git, make):
    tip = make({"a": "a"})
    with clone.locked():
        known = clone.known()._replace(tip=tip, transaction="01")
        clone.keep(known)
    assert clone.known() == known
    assert git.commit_id("refs/zsync/origin/main") == tip
    assert Clone(git, "origin", "http://localhost/other").known().tip == ""


def test_without_its_commits_nothing_is_known(clone, make):
    with clone.locked():
        clone.keep(clone.known()._replace(tip=make({"a": "a"})))
        path = Path(clone.directory, "state.json")
        path.write_text(path.read_text().replace('"tip": "', '"tip": "0'))
    assert clone.known().tip == ""


def test_damage_is_told(clone):
    with clone.locked():
        Path(clone.directory, "state.json").write_text("{")
        with pytest.raises(WorkingCopyError, match="damaged"):
            clone.known()


def test_one_command_at_a_time(clone):
    with (
        clone.locked(),
        pytest.raises(Locked, match="the clone is locked by git"),
        clone.locked(),
    ):
        pass


@pytest.mark.parametrize("name", [URL, "..", "/etc"])
def test_a_remote_without_a_name_has_a_directory(git, name):
    clone = Clone(git, name, URL)
    assert Path(clone.directory).parent == Path(git.directory, "zsync")
