"""zsync relocate."""

import pytest

from zope.app.fssync.cli.tests.caller import listing
from zope.app.fssync.testing.controldata import control

pytestmark = pytest.mark.layout(3)


def test_relocate_asks_for_the_object_and_writes_the_url(zsync):
    old, new = f"http://{zsync.host}/demo", f"http://{zsync.host}/prefix/demo"
    root = control(zsync.place / "co") / "Root"
    before = root.read_text()
    zsync.refused("relocate", "http://other/demo", new, "co")
    other = listing(id="/other/demo")
    zsync.refused("relocate", old, new, "co", answer=other)
    assert root.read_text() == before
    shown = zsync("relocate", old, new, "co", answer=listing())
    assert shown == f"The URL is http://zsync@{zsync.host}/prefix/demo\n"
    assert root.read_text() == f"http://zsync@{zsync.host}/prefix/demo\n"
    assert zsync("status", "co") == ""


def test_programs_get_the_url(zsync):
    old, new = f"http://{zsync.host}/", f"http://{zsync.host}/prefix/"
    items = zsync.items("relocate", old, new, "co", answer=listing())
    assert items == [{"url": f"http://zsync@{zsync.host}/prefix/demo"}]


def test_relocate_needs_both_urls(zsync):
    said = zsync.refused("relocate", "http://a", status=2)
    assert "relocate requires the arguments OLD and NEW" in said


def test_control_data_that_was_moved_is_found_again(zsync):
    (zsync.place / "co" / ".zsync").rename(zsync.place / "state")
    said = zsync("relocate", "--control", "state", "co")
    assert said == "The control data is in state\n"
    assert zsync("status", "co") == ""
    (zsync.place / "state").rename(zsync.place / "other")
    said = zsync.refused("status", "co", status=7)
    assert "zsync: the control data of co is not there: state\n" in said
    assert "'zsync relocate --control DIR co'" in said
    items = zsync.items("relocate", "--control", "other", "co")
    assert items == [{"control": str(zsync.place / "other")}]
    (shown,) = zsync.items("info", "co/demo")
    assert shown["control"] == str(zsync.place / "other")
    said = zsync.refused("relocate", "--control", "other", "co", "more", status=2)
    assert "relocate --control takes one PATH" in said
