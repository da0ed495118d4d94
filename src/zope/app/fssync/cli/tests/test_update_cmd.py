"""zsync update."""

import pytest

from zope.app.fssync.cli.tests.caller import CHECKOUT

pytestmark = pytest.mark.layout(3)


#: The same tree after somebody else changed the first line of a file.
CHANGED = CHECKOUT.replace(b"Hello, world.", b"Hallo, Welt!!")

README = "co/demo/readme.txt"


def test_update_to_a_conflict_and_resolve_it(zsync, demo):
    (demo / "readme.txt").write_text("mine\n")
    shown = zsync("update", "co", answer=CHANGED, status=3)
    assert f"C  {README}\n" in shown
    conflict = f"C  {README}\n      > both sides have a version of their own\n"
    assert zsync("status", "co") == conflict
    assert README in zsync.refused("resolve", "co")
    assert zsync("resolve", "co", "--force") == f"Resolved {README}\n"


def test_update_rehearses(zsync, demo):
    shown = zsync("update", "-n", "co", answer=CHANGED)
    assert shown == f"U  {README}\nWould update: 1 updated.\n"
    assert (demo / "readme.txt").read_text().startswith("Hello, world.")


def test_programs_are_told_of_each_file(zsync):
    (item,) = zsync.items("update", "co", answer=CHANGED)
    assert item == {"action": "updated", "path": README}


def test_update_refuses_what_is_not_registered_and_depths_that_are_none(zsync):
    assert "nothing known about 'nosuch'" in zsync.refused("update", "nosuch")
    said = zsync.refused("update", "--set-depth", "deep", "co", status=2)
    assert "--set-depth" in said
