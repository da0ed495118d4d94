"""exchange.txt, run as a test."""

from __future__ import annotations

import re

import pytest
from zope.app.file.file import File
from zope.component import getSiteManager
from zope.site.folder import Folder

from zope.app.fssync.testing.serversite import Archive
from zope.fssync.interfaces import ISynchronizerFactory
from zope.fssync.limits import CHANGED_RECORDS
from zope.fssync.limits import DEFAULT
from zope.fssync.tests.documents import run_document

FILE = "zope.app.file.file.File"


@pytest.fixture
def demo(site):
    folder = site.root["demo"] = Folder()
    folder["a.txt"] = File(b"a", "text/plain")
    folder["b.txt"] = File(b"b", "text/plain")
    site.commit()
    site.parse = Archive.parse
    yield site
    getSiteManager().unregisterUtility(provided=ISynchronizerFactory, name=FILE)


def test_exchange(demo):
    run_document("zope.app.fssync", "exchange.txt", site=demo)


def test_the_numbers_are_those_of_the_code():
    from importlib.resources import files

    text = re.sub(r"\s+", " ", (files("zope.app.fssync") / "exchange.txt").read_text())
    assert f"more than {CHANGED_RECORDS:,} records" in text
    assert f"at most {DEFAULT.deflated_size >> 20} MiB" in text
