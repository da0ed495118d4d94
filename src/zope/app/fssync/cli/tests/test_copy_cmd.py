"""zsync copy."""

import pytest

from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing.controldata import listed

pytestmark = pytest.mark.layout(3)


def test_copy_takes_the_content_and_registers_it(zsync, demo):
    shown = zsync("cp", "co/demo/readme.txt", "co/demo/copy.txt")
    assert "A  co/demo/copy.txt\n" in shown
    assert (demo / "copy.txt").read_bytes() == (demo / "readme.txt").read_bytes()


def test_copy_of_a_directory_may_leave_its_content(zsync, demo):
    whole = zsync.items("copy", "co/demo/sub", "co/demo/whole")
    assert {item["action"] for item in whole} == {"added"}
    assert len(whole) > 1
    alone = zsync.items("copy", "-l", "co/demo/sub", "co/demo/alone")
    assert [item["path"] for item in alone] == ["co/demo/alone"]
    assert listed(demo / "alone") == []


@pytest.mark.parametrize(
    ("args", "text"),
    [
        ([], "copy requires at least one argument"),
        (["a", "b", "c"], "copy allows at most two arguments"),
        (["-l", "-R", "a"], "-l/--local conflicts with -R/--recursive"),
    ],
)
def test_copy_refuses_what_makes_no_sense(zsync, args, text):
    assert text in zsync.refused("copy", *args, status=2)


def test_copy_replaces_nothing(zsync, demo):
    before = snapshot(demo)
    said = zsync.refused("copy", "co/demo/readme.txt", "co/demo/utf8.txt")
    assert "co/demo/utf8.txt" in said
    assert snapshot(demo) == before
