"""zsync cat."""

from base64 import b64decode

import pytest

from zope.app.fssync.testing.rawserver import answer
from zope.app.fssync.testing.serversite import Archive

pytestmark = pytest.mark.layout(3)


def test_cat_writes_what_the_server_sent(zsync, demo):
    (demo / "readme.txt").write_text("mine\n")
    assert zsync("cat", "co/demo/readme.txt").startswith("Hello, world.\n")


def test_cat_needs_a_file_that_is_registered(zsync, demo):
    (demo / "new.txt").write_text("new\n")
    assert "cat requires at least one PATH" in zsync.refused("cat", status=2)
    for path in ("co/nosuch", "co/demo/new.txt"):
        assert f"nothing known about '{path}'" in zsync.refused("cat", path)


def test_cat_of_a_url_asks_the_server(zsync):
    found = Archive({"a.txt": b"theirs\n"})
    found.set_entry("a.txt", type="file")
    url = f"{zsync.url}/demo/a.txt"
    assert zsync("cat", url, answer=answer(found.dump())) == "theirs\n"


def test_programs_get_text_as_text_and_other_content_in_base64(zsync):
    text, image = zsync.items("cat", "co/demo/readme.txt", "co/demo/dot.gif")
    assert text["content"].startswith("Hello, world.\n")
    assert b64decode(image["content_base64"]).startswith(b"GIF8")
