"""What the tests of the views and pages share."""

from __future__ import annotations

import pytest
from zope.site.folder import Folder

from zope.app.fssync.testing.serversite import ServerSite


@pytest.fixture
def demo(site: ServerSite) -> ServerSite:
    """A site with an empty folder."""
    site.root["demo"] = Folder()
    site.commit()
    return site
