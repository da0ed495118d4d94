"""The pages in the management interface of Zope."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from AccessControl import getSecurityManager

from zope.app.fssync.hosts.ofs.frame import ZopeFrame
from zope.app.fssync.testing.ofs.site import application
from zope.app.fssync.testing.ofs.site import calling
from zope.app.fssync.testing.ofs.site import configured
from zope.fssync.errors import Error


class Page:
    def __init__(self, context: Any) -> None:
        self.context = context
        self.request = context.REQUEST


@pytest.fixture
def app() -> Iterator[Any]:
    with configured(), application() as app:
        app.manage_addFolder("demo")
        yield app


def test_another_user_acts_for_a_while(app: Any) -> None:
    reader = app.acl_users.getUser("reader").getId()
    with calling(app, "manager"):
        with ZopeFrame().acting(Page(app.demo), reader):
            assert getSecurityManager().getUser().getId() == reader
        assert getSecurityManager().getUser().getUserName() == "manager"
        with (
            pytest.raises(Error, match="no user"),
            ZopeFrame().acting(Page(app.demo), "nobody"),
        ):
            pass
