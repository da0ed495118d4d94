"""An application of Grok that tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from grok import create_application
from zope.app.wsgi.testlayer import BrowserLayer

import zope.app.fssync.hosts.grok.tests
from zope.app.fssync.hosts.grok.tests.app import Herd
from zope.app.fssync.hosts.grok.tests.app import INotes
from zope.app.fssync.hosts.grok.tests.app import Mammoth
from zope.app.fssync.hosts.grok.tests.app import Poem
from zope.app.fssync.hosts.grok.tests.app import Shelf
from zope.app.fssync.hosts.grok.tests.app import Zoo
from zope.app.fssync.testing.serversite import ServerSite
from zope.app.fssync.testing.serversite import server_site


@pytest.fixture(scope="module")
def layer() -> Iterator[BrowserLayer]:
    found = BrowserLayer(
        zope.app.fssync.hosts.grok.tests, "ftesting.zcml", allowTearDown=True
    )
    found.setUp()
    try:
        yield found
    finally:
        found.tearDown()


@pytest.fixture
def zoo(layer: BrowserLayer) -> Iterator[ServerSite]:
    with server_site(layer) as site:
        app = create_application(Zoo, site.root, "zoo")
        app["herd"] = Herd("The herd")
        app["herd"]["manfred"] = Mammoth("Manfred", 3.5)
        app["herd"]["ellie"] = Mammoth("Ellie", 3.0)
        app["herd"]["ellie"].friend = app["herd"]["manfred"]
        INotes(app["herd"]["manfred"]).text = "likes company"
        app["shelf"] = Shelf()
        for name in ("z", "a", "m"):
            app["shelf"][name] = Poem(f"A poem about {name}\n")
        site.commit()
        yield site
