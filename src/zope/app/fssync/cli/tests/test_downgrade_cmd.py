"""zsync downgrade."""

import pytest

pytestmark = pytest.mark.layout(3)


def test_downgrade_makes_the_layout_of_3_6_0(zsync, demo):
    assert zsync("downgrade", "co") == "Converted 'co'.\n"
    assert (demo / "@@Zope" / "Original" / "readme.txt").exists()
    assert not (demo.parent / ".zsync").exists()
    assert zsync("status", "co") == ""
    assert zsync("-C", "co/demo", "downgrade") == "Nothing to convert in '.'.\n"


def test_downgrade_keeps_changes(zsync, demo):
    (demo / "readme.txt").write_text("mine\n")
    assert zsync.document("downgrade", "co")["exit"] == 0
    assert zsync("status", "co") == "M  co/demo/readme.txt\n"


def test_downgrade_needs_a_working_copy(zsync):
    assert "nothing known about 'nosuch'" in zsync.refused("downgrade", "nosuch")
