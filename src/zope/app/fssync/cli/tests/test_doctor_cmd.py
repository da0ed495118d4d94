"""zsync doctor."""

import pytest

from zope.app.fssync.testing.controldata import remove

pytestmark = pytest.mark.layout(3)


def test_doctor_of_what_is_sound(zsync):
    assert zsync("doctor", "co") == "No damage is left.\n"
    assert zsync("doctor", "co", "-q") == ""
    assert zsync.document("doctor", "co")["exit"] == 0
    assert "nothing known about 'nosuch'" in zsync.refused("doctor", "nosuch")


def test_doctor_names_the_damage_that_is_left(zsync, demo):
    remove(demo / "@@Zope" / "Original" / "readme.txt")
    shown = zsync("doctor", "co", status=7)
    assert shown.startswith("damaged co/demo/readme.txt: its original is lost")
    assert zsync.said == (
        "zsync: damage is left, first in co/demo/readme.txt\n"
        "hint: Repair it by hand, or check out again beside it and merge.\n"
    )
    _, error = zsync.document("doctor", "co", status=7)["messages"]
    assert error["path"] == str(demo / "readme.txt")
