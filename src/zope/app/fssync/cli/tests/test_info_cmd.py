"""zsync info."""

import pytest

pytestmark = pytest.mark.layout(3)


def test_info_tells_where_a_file_comes_from(zsync, demo):
    (demo / "readme.txt").write_text("mine\n")
    shown = zsync("info", "co/demo/readme.txt")
    assert f"url:          http://zsync@{zsync.host}/demo/readme.txt\n" in shown
    assert "layout:       described\n" in shown
    assert "state:        registered\n" in shown
    assert "user:         zsync\n" in shown
    (demo / "new.txt").write_text("")
    assert "state:        not registered\n" in zsync("info", "co/demo/new.txt")


def test_info_needs_a_working_copy(zsync):
    assert "It is not in a working copy" in zsync.refused("info")
    assert "nothing known about 'co/nosuch'" in zsync.refused("info", "co/nosuch")


def test_several_targets_are_apart_and_items_for_programs(zsync):
    paths = ("co/demo/readme.txt", "co/demo/sub")
    assert zsync("info", *paths).count("\n\n") == 1
    assert [item["path"] for item in zsync.items("info", *paths)] == [*paths]
