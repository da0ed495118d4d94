"""zsync revert."""

import pytest

pytestmark = pytest.mark.layout(3)


def test_revert_brings_back_what_the_server_sent(zsync, demo):
    (demo / "readme.txt").write_text("mine\n")
    (demo / "utf8.txt").unlink()
    assert zsync("revert", "co/demo/readme.txt") == "Reverted co/demo/readme.txt\n"
    assert zsync("status", "co") == "!  co/demo/utf8.txt\n"
    (item,) = zsync.items("revert", "co")
    assert (item["action"], item["path"]) == ("reverted", "co/demo/utf8.txt")
    assert zsync("status", "co") == ""


def test_revert_keeps_what_was_added(zsync, demo):
    (demo / "new.txt").write_text("new\n")
    zsync("add", "co/demo/new.txt")
    zsync("revert", "co")
    assert zsync("status", "co") == "?  co/demo/new.txt\n"


def test_revert_refuses_what_is_not_registered(zsync):
    assert "nothing known about 'nosuch'" in zsync.refused("revert", "nosuch")


def test_revert_says_how_the_content_of_a_directory_comes_back(zsync, demo):
    assert zsync("remove", "co/demo/sub") == "D  co/demo/sub/\n"
    assert zsync("revert", "co") == "Reverted co/demo/sub\n"
    assert "'zsync update co/demo/sub' brings it back" in zsync.said
    assert zsync("status", "co") == "!  co/demo/sub/\n"
