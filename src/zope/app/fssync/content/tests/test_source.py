"""Objects with a source are files of UTF-8."""

from __future__ import annotations

import io

import pytest
from zope.interface.verify import verifyObject

from zope.app.fssync.content.source import SourceSynchronizer
from zope.app.fssync.content.tests.registering import Pages
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import IFileSynchronizer


def test_source_keeps_its_contract():
    assert verifyObject(IFileSynchronizer, SourceSynchronizer(Pages()))


def test_the_text_goes_there_and_back():
    page, out = Pages(), io.BytesIO()
    synchronizer = SourceSynchronizer(page)
    synchronizer.load(io.BytesIO("Größe".encode()))
    assert page.source == "Größe"
    synchronizer.dump(out)
    assert out.getvalue() == "Größe".encode()


def test_other_bytes_are_refused_and_change_nothing():
    page = Pages()
    page.source = "before"
    with pytest.raises(SynchronizationError, match="the source is not UTF-8"):
        SourceSynchronizer(page).load(io.BytesIO(b"\xff"))
    assert page.source == "before"
