"""What does not compile is told, or refused."""

from __future__ import annotations

import json

import pytest
from zope.app.file.file import File
from zope.component.globalregistry import base
from zope.configuration import xmlconfig
from zope.site.folder import Folder

import zope.app.fssync
from zope.app.fssync.protocol.headers import FAULTS
from zope.app.fssync.server.faults import IStrict

STRICT = """
<configure xmlns:fssync="http://namespaces.zope.org/fssync">
  <fssync:strict />
</configure>
"""


@pytest.fixture
def demo(site):
    folder = site.root["demo"] = Folder()
    folder["a.json"] = File(b"[1]", "application/json")
    folder["b.svg"] = File(b"<svg/>", "image/svg+xml")
    site.commit()
    return site


@pytest.fixture
def strict():
    context = xmlconfig.file("meta.zcml", zope.app.fssync)
    xmlconfig.string(STRICT, context)
    yield
    base.unregisterUtility(provided=IStrict)


def edited(demo):
    archive = demo.checkout("/demo")
    archive.edit("demo/a.json", b"[1,\n")
    archive.edit("demo/b.svg", b"<svg>")
    return archive


def stored(demo):
    return demo.root["demo"]["a.json"].data


def test_faults_are_told(demo):
    answer = demo.submit("/demo", edited(demo))
    assert answer.status_int == 200
    assert json.loads(answer.headers[FAULTS]) == [
        ["demo/a.json", 2, "Expecting value"],
        ["demo/b.svg", 1, "no element found"],
    ]
    assert stored(demo) == b"[1,\n"


def test_missing_values_are_not_listed(demo):
    archive = demo.accept("/demo", edited(demo))
    archive.edit("demo/b.svg", b"<svg/>")
    answer = demo.submit("/demo", archive)
    assert (answer.status_int, FAULTS in answer.headers) == (200, False)


def test_a_caller_may_be_strict(demo):
    answer = demo.submit("/demo", edited(demo), query="?strict=1")
    assert answer.status_int == 409
    assert answer.text.splitlines() == [
        "Nothing was committed:",
        "demo/a.json:2: Expecting value",
        "demo/b.svg:1: no element found",
    ]
    assert stored(demo) == b"[1]"


def test_a_site_may_be_strict(demo, strict):
    assert demo.submit("/demo", edited(demo)).status_int == 409
    assert stored(demo) == b"[1]"


def checkin(demo, query=""):
    archive = edited(demo)
    view = f"/@@checkin.snarf?name=copy&src=demo&report=1{query}"
    return demo.request("POST", view, "manager", archive.dump())


def test_a_checkin_tells_them_too(demo):
    answer = checkin(demo)
    assert answer.status_int == 200
    assert "warning: demo/a.json:2: Expecting value\n" in answer.text
    assert "copy" in demo.root


def test_a_strict_checkin_is_refused(demo):
    assert checkin(demo, "&strict=1").status_int == 409
    assert "copy" not in demo.root
