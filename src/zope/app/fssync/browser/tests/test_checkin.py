"""A checkin makes a new object, or answers why not."""

from __future__ import annotations

from zope.app.fssync.browser.tests.onefile import demo as demo
from zope.app.fssync.browser.tests.onefile import refused


def test_checkin_wants_a_name(demo):
    response = demo.request("POST", "/@@checkin.snarf", "manager")
    refused(response, 400, "'name'")


def test_checkin_does_not_replace(demo):
    archive = demo.checkout("/demo")
    response = demo.request(
        "POST", "/@@checkin.snarf?name=demo", "manager", archive.dump()
    )
    refused(response, 409, "object already exists: demo")


def test_checkin_answers_nothing(demo):
    archive = demo.checkout("/demo")
    response = demo.request(
        "POST", "/@@checkin.snarf?name=copy&src=demo", "manager", archive.dump()
    )
    assert (response.status_int, response.body) == (200, b"")
    assert demo.root["copy"]["a.txt"].data == b"a"
