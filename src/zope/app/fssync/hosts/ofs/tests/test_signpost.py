"""A script above a view does not run in its place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from Products.PageTemplates.ZopePageTemplate import ZopePageTemplate
from zope.component import queryMultiAdapter

from zope.app.fssync.hosts.ofs.signpost import Signpost
from zope.app.fssync.protocol import views
from zope.app.fssync.testing.ofs.site import application
from zope.app.fssync.testing.ofs.site import configured


@pytest.fixture(scope="module")
def app() -> Iterator[Any]:
    with configured(), application() as app:
        yield app


@pytest.mark.parametrize(
    "view", [views.CHECKOUT, views.COMMIT, views.LIST, views.LOG, views.HIDDEN]
)
def test_each_view_has_one(app: Any, view: str) -> None:
    template = ZopePageTemplate("page").__of__(app)
    found = queryMultiAdapter((template, app.REQUEST), name=view)
    assert isinstance(found, Signpost)
    assert not callable(found)
