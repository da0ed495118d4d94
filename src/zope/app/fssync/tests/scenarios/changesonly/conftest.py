"""Fixtures of the tests of exchanges: a server, a site, a wire, people."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path

import pytest
import zope.app.wsgi.testlayer

import zope.app.fssync.tests.scenarios.changesonly
from zope.app.fssync.tests.scenarios.changesonly.database import FileDatabase
from zope.app.fssync.tests.scenarios.changesonly.people import Person
from zope.app.fssync.tests.scenarios.changesonly.people import Wire
from zope.app.fssync.tests.scenarios.changesonly.site import Server
from zope.app.fssync.tests.scenarios.changesonly.site import Site


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    layer = zope.app.wsgi.testlayer.BrowserLayer(
        zope.app.fssync.tests.scenarios.changesonly, "site.zcml", allowTearDown=True
    )
    layer.setUp()
    layer.testSetUp()
    server = Server()
    yield server
    server.close()
    layer.testTearDown()
    layer.tearDown()


@pytest.fixture
def site(server: Server, tmp_path: Path) -> Iterator[Site]:
    """A site of its own for each test."""
    place = tmp_path / "database"
    place.mkdir()
    site = Site(FileDatabase(place))
    with site.changing() as root:
        # What refers to others by path has everything sent wherever things move.
        del root["area"]["demo"]["note"], root["area"]["demo"]["pointer"]
    yield site
    site.close()


@pytest.fixture
def wire(server: Server, site: Site) -> Wire:
    server.site = wire = Wire(site)
    return wire


@pytest.fixture
def person(server: Server, wire: Wire, tmp_path: Path) -> Callable[..., Person]:
    """Makes somebody who has checked out the content."""
    number = 0

    def make(login: str = "manager", path: str = "/area/demo") -> Person:
        nonlocal number
        number += 1
        made = Person(server.url, login, tmp_path / f"{login}{number}", path)
        wire.said.clear()
        return made

    return make
