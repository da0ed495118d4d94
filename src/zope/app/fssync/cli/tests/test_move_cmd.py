"""zsync move."""

import pytest

pytestmark = pytest.mark.layout(3)


def test_move_and_what_is_said_of_it(zsync, demo):
    (demo / "dir").mkdir()
    zsync("add", "co/demo/dir")
    moved = "R  co/demo/dir/readme.txt (from co/demo/readme.txt)\n"
    assert zsync("move", "-n", "co/demo/readme.txt", "co/demo/dir") == moved
    assert zsync("mv", "co/demo/readme.txt", "co/demo/dir") == moved
    shown = zsync("-C", "co/demo/dir", "status")
    assert "R  readme.txt (from ../readme.txt)\n" in shown
    assert zsync("--compat", "status", "co") == (
        "A co/demo/dir/\nA co/demo/dir/readme.txt\nR co/demo/readme.txt\n"
    )
    zsync("rename", "co/demo/dir/readme.txt", "co/demo/readme.txt")
    assert zsync("status", "co") == "A  co/demo/dir/\n"


def test_files_moved_by_hand_are_registered_afterwards(zsync, demo):
    (demo / "readme.txt").rename(demo / "by-hand.txt")
    zsync("move", "co/demo/readme.txt", "co/demo/by-hand.txt", status=1)
    command = "move --after co/demo/readme.txt co/demo/by-hand.txt"
    assert f"now; if you moved it: 'zsync {command}'\n" in zsync("status", "co")
    assert "hint" not in zsync("status", "co", "--compat")
    zsync(*command.split())
    assert "(from co/demo/readme.txt)" in zsync("status", "co")


def test_move_needs_a_target(zsync):
    said = zsync.refused("move", "co/demo/readme.txt", status=2)
    assert "move requires a SOURCE and a TARGET argument" in said


def test_programs_are_told_where_it_was(zsync):
    (item,) = zsync.items("move", "co/demo/readme.txt", "co/demo/b.txt")
    assert item == {
        "action": "moved",
        "path": "co/demo/b.txt",
        "origin": "co/demo/readme.txt",
    }
