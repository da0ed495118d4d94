"""zsync checkin."""

import pytest

from zope.app.fssync.testing.rawserver import answer
from zope.app.fssync.testing.rawserver import recorded_answer

pytestmark = pytest.mark.layout(3)


STORED = recorded_answer("checkin-file")


def test_checkin_names_the_new_object_and_sends_the_message(zsync):
    zsync("checkin", f"{zsync.url}/new%20one", "co", "-m", "a & b", answer=STORED)
    assert zsync.server.requests[-1].line == (
        "POST /@@checkin.snarf?note=a%20%26%20b&name=new%20one&src=demo"
        "&report=1 HTTP/1.1"
    )


def test_checkin_rehearses(zsync):
    zsync("checkin", "-n", f"{zsync.url}/new", "co", "-m", "a", answer=STORED)
    assert "/@@rehearse-checkin.snarf?" in zsync.server.requests[-1].line


def test_checkin_tells_programs_what_the_server_says(zsync):
    told = answer(b"1 object", "text/plain")
    url = f"{zsync.url}/new"
    document = zsync.document("checkin", url, "co", "-m", "a", answer=told)
    assert document["messages"][0]["text"] == "1 object\n"


def test_checkin_needs_a_url_and_a_tree(zsync):
    assert "checkin requires a URL" in zsync.refused("checkin", status=2)
    said = zsync.refused("checkin", f"{zsync.url}/new", "nosuch", "-m", "a")
    assert "nosuch" in said
