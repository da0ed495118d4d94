"""The pages in the management interface of the toolkit."""

from __future__ import annotations

from typing import Any

import pytest
from zope.publisher.browser import TestRequest
from zope.security.management import getInteraction
from zope.security.testing import interaction
from zope.site.folder import Folder

from zope.app.fssync.hosts.toolkit.frame import ToolkitFrame
from zope.app.fssync.testing.serversite import ServerSite
from zope.fssync.errors import Error


class Page:
    def __init__(self, context: Any) -> None:
        self.context = context
        self.request = TestRequest()


def principals() -> list[str]:
    return [each.principal.id for each in getInteraction().participations]


def test_another_principal_acts_for_a_while(site: ServerSite) -> None:
    frame = ToolkitFrame()
    with interaction("zope.manager"):
        with frame.acting(Page(site.root), "zope.reader"):
            assert principals() == ["zope.reader"]
        assert principals() == ["zope.manager"]
        with (
            pytest.raises(Error, match="no user"),
            frame.acting(Page(site.root), "nobody"),
        ):
            pass


def test_the_tab_is_there_for_who_may_change_content(site: ServerSite) -> None:
    site.root["demo"] = Folder()
    site.commit()
    page = "/demo/@@contents.html"
    assert "@@synchronize.html" in site.request("GET", page, "manager").text
    assert "@@synchronize.html" not in site.request("GET", page, "reader").text
