"""zsync list."""

import pytest

from zope.app.fssync.cli.tests.caller import listing

pytestmark = pytest.mark.layout(3)


def test_list_shows_what_is_in_a_folder_of_a_server(zsync):
    assert zsync("list", f"{zsync.url}/demo", answer=listing()) == "a.txt  File\n"
    shown = zsync("ls", "-v", "co", answer=listing())
    assert shown == "a.txt  zope.app.file.file.File\n"


def test_programs_get_the_class_of_each(zsync):
    (item,) = zsync.items("list", "co/demo", answer=listing())
    assert (item["name"], item["kind"]) == ("a.txt", "file")
    assert item["type"] == "zope.app.file.file.File"


def test_list_asks_no_server_for_what_is_not_registered(zsync):
    assert "nothing known about 'nosuch'" in zsync.refused("list", "nosuch")
    assert zsync.server.requests == []
