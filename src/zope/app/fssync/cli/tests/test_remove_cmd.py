"""zsync remove."""

import shutil

import pytest

from zope.app.fssync.testing import snapshot

pytestmark = pytest.mark.layout(3)


def test_targets_come_from_standard_input(zsync, demo):
    shown = zsync("rm", "--targets", "-", stdin="co/demo/readme.txt\n")
    assert shown == "D  co/demo/readme.txt\n"
    assert not (demo / "readme.txt").exists()


def test_local_changes_are_lost_by_force_only(zsync, demo):
    (demo / "readme.txt").write_text("mine\n")
    assert "co/demo/readme.txt" in zsync.refused("remove", "co/demo/readme.txt")
    kept = zsync("remove", "-n", "--keep-local", "co/demo/readme.txt")
    assert kept == "D  co/demo/readme.txt\n"
    assert zsync("status", "co") == "M  co/demo/readme.txt\n"
    assert zsync("remove", "--force", "co/demo/readme.txt") == kept
    assert not (demo / "readme.txt").exists()


def test_files_may_be_kept(zsync, demo):
    (item,) = zsync.items("remove", "--keep-local", "co/demo/readme.txt")
    assert (item["action"], item["path"]) == ("removed", "co/demo/readme.txt")
    assert (demo / "readme.txt").exists()


def test_a_directory_is_not_taken_for_what_is_in_it(zsync, demo):
    before = snapshot(demo)
    zsync.refused("remove", "co/demo/utf8.txt", "co")
    assert snapshot(demo) == before


def test_remove_refuses_what_makes_no_sense(zsync):
    assert "remove requires at least one TARGET" in zsync.refused("remove", status=2)
    said = zsync.refused("remove", "--force", "--keep-local", "co/demo", status=2)
    assert "--force conflicts with --keep-local" in said


def test_changed_metadata_are_those_of_an_object(zsync, demo):
    zsync("prop", "set", "co/demo/readme.txt", "title", "Mine")
    said = zsync.refused("remove", "co/demo/readme.txt")
    assert said.startswith("zsync: 'co/demo/readme.txt' still exists and has changes ")
    assert "'zsync revert co/demo/readme.txt' first" in said


def test_a_removed_directory_is_shown_as_one(zsync):
    assert zsync("remove", "co/demo/sub") == "D  co/demo/sub/\n"
    assert zsync("status", "co") == "D  co/demo/sub/\n"
    assert zsync("status", "--compat", "co").splitlines()[-1] == "R co/demo/sub"


def test_a_lost_directory_is_shown_as_one(zsync, demo):
    shutil.rmtree(demo / "sub")
    assert zsync("status", "co") == "!  co/demo/sub/\n"
