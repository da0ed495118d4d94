"""What is accepted as a submission, and the note of its transaction."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from zope.component import getSiteManager

from zope.app.fssync.browser.tests.onefile import demo as demo
from zope.app.fssync.browser.tests.onefile import refused
from zope.fssync.interfaces import ILimits
from zope.fssync.limits import DEFAULT


def test_a_write_view_wants_post(demo):
    response = demo.request("GET", "/demo/@@fromFS.snarf", "manager")
    refused(response, 400, "POST")


@pytest.mark.parametrize("type", ["text/plain", "application/x-snarf; charset=x"])
def test_the_content_type_is_exact(demo, type):
    response = demo.request(
        "POST", "/demo/@@fromFS.snarf", "manager", b"", Content_Type=type
    )
    refused(response, 400, "Content-Type is not application/x-snarf")


@pytest.mark.parametrize(
    ("limit", "reason"),
    [("archive_size", "more than 2 bytes"), ("members", "more than 2 members")],
)
def test_a_body_has_limits(demo, limit, reason):
    archive = demo.checkout("/demo")
    archive.add("demo/new", b"new")
    limits = DEFAULT._replace(**{limit: 2})
    getSiteManager().registerUtility(limits, ILimits)
    try:
        response = demo.submit("/demo", archive)
        copy = demo.request(
            "POST", "/@@checkin.snarf?name=copy&src=demo", "manager", archive.dump()
        )
    finally:
        getSiteManager().unregisterUtility(limits, ILimits)
    refused(response, 413, reason)
    refused(copy, 413, reason)
    assert set(demo.root) == {"demo"}
    assert "new" not in demo.root["demo"]


def test_the_note_describes_the_transaction(demo):
    archive = demo.checkout("/demo")
    archive.edit("demo/a.txt", b"b")
    demo.submit("/demo", archive, query="?note=first%20changes%20%26%20more")
    storage = demo.layer.db.storage
    note = list(storage.changes.iterator())[-1].description
    assert b"first changes & more" in note


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("one\r\ntwo\n", "one two"),
        ("a\x1b[31mred\x1b[0m\x07", "a [31mred [0m"),
        ("a\u202eb\u2066c\u200e\ufeffd", "abcd"),
        ("line\u2028line\x85line", "line line line"),
        ("क्\u200dष ü 日本", "क्\u200dष ü 日本"),
        ("x" * 10_000, "x" * 4000),
    ],
)
def test_the_note_is_one_line_of_what_can_be_seen(demo, sent, kept):
    archive = demo.checkout("/demo")
    archive.edit("demo/a.txt", b"b")
    response = demo.submit("/demo", archive, query=f"?note={quote(sent)}")
    assert response.status_int == 200
    storage = demo.layer.db.storage
    note = list(storage.changes.iterator())[-1].description.decode()
    assert kept in note.splitlines()


@pytest.mark.parametrize("sent", ["", "\n", "\u202e"])
def test_a_note_without_a_letter_is_none(demo, sent):
    archive = demo.checkout("/demo")
    archive.edit("demo/a.txt", b"b")
    demo.submit("/demo", archive, query=f"?note={quote(sent)}")
    storage = demo.layer.db.storage
    note = list(storage.changes.iterator())[-1].description.decode()
    assert all(line.strip() for line in note.splitlines())
