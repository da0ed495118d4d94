"""Transactions that are undone after the view has answered: nothing is told as done."""

from __future__ import annotations

from typing import Any

import pytest
from zope.app.file.file import File
from zope.site.folder import Folder

from zope.app.fssync.tests.scenarios.server.late import LATE
from zope.app.fssync.tests.scenarios.server.late import SECRET
from zope.app.fssync.tests.scenarios.server.late import at_each_change


@pytest.fixture
def demo(site: Any) -> Any:
    site.root["demo"] = Folder()
    site.root["demo"]["a.txt"] = File(b"a", "text/plain")
    site.commit()
    return site


def stored(site: Any) -> tuple[bytes, bool]:
    """What a new connection sees."""
    connection = site.layer.db.open()
    try:
        root = connection.root()["Application"]
        return root["demo"]["a.txt"].data, "copy" in root
    finally:
        connection.close()


@pytest.mark.parametrize("what", LATE)
def test_a_commit_that_is_undone_is_answered_as_an_error(demo, what):
    archive = demo.checkout("/demo")
    archive.edit("demo/a.txt", b"A")
    with at_each_change(what):
        response = demo.submit("/demo", archive)
    assert stored(demo) == (b"a", False)
    assert response.status_int == 500, response.body
    assert response.headers["Content-Type"] == "text/plain;charset=utf-8"
    assert int(response.headers["Content-Length"]) == len(response.body)
    assert "Nothing was c" in response.text
    assert SECRET not in response.text
    assert "X-Zsync-State" not in response.headers


@pytest.mark.parametrize("what", LATE)
def test_a_checkin_that_is_undone_is_answered_as_an_error(demo, what):
    archive = demo.checkout("/demo")
    with at_each_change(what):
        response = demo.request(
            "POST", "/@@checkin.snarf?name=copy&src=demo", "manager", archive.dump()
        )
    assert stored(demo) == (b"a", False)
    assert response.status_int == 500
    assert "Nothing was c" in response.text


def test_finished_steps_are_reported_as_done(demo):
    archive = demo.checkout("/demo")
    archive.edit("demo/a.txt", b"A")
    demo.accept("/demo", archive)
    assert stored(demo) == (b"A", False)


def test_a_rehearsal_promises_nothing(demo):
    archive = demo.checkout("/demo")
    response = demo.request(
        "POST",
        "/@@rehearse-checkin.snarf?name=copy&src=demo",
        "manager",
        archive.dump(),
    )
    assert response.status_int == 200
    assert "rehearsal" in response.text


def test_a_refusal_stays_what_it_is(demo):
    archive = demo.checkout("/demo")
    archive.edit("demo/a.txt", b"A")
    demo.root["demo"]["a.txt"].data = b"others"
    demo.commit()
    response = demo.submit("/demo", archive)
    assert response.status_int == 200
    assert response.text.startswith("Up-to-date check failed")
