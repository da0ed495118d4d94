"""The Zope Toolkit as a host."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from zope.app.file.file import File
from zope.authentication.interfaces import IAuthentication
from zope.component import getUtility
from zope.interface.verify import verifyObject
from zope.publisher.browser import TestRequest
from zope.security.management import endInteraction
from zope.security.management import newInteraction
from zope.securitypolicy.interfaces import IPrincipalPermissionManager
from zope.site.folder import Folder

from zope.app.fssync.server.interfaces import IDetached
from zope.app.fssync.server.interfaces import IHost
from zope.app.fssync.testing.hostcontract import HostContract
from zope.app.fssync.testing.hostcontract import HostPlace


class ToolkitPlace(HostPlace):
    """A site of the toolkit."""

    def __init__(self, site: Any) -> None:
        self.host = getUtility(IHost)
        self.root = site.root
        self.folder = self.root["folder"] = Folder()
        self.folder["a.txt"] = File(b"text", "text/plain")
        denials = IPrincipalPermissionManager(self.folder)
        denials.denyPermissionToPrincipal("zope.View", "zope.local")
        site.commit()
        self.file = self.folder["a.txt"]

    @contextmanager
    def calling(self, name: str) -> Iterator[None]:
        request = TestRequest()
        login = {"stranger": "local"}.get(name, name)
        request.setPrincipal(principal(f"zope.{login}"))
        endInteraction()
        newInteraction(request)
        try:
            yield
        finally:
            endInteraction()

    def new_file(self, body: bytes) -> File:
        return File(body, "text/plain")


def principal(id: str) -> Any:
    return getUtility(IAuthentication).getPrincipal(id)


@pytest.fixture
def place(site: Any) -> ToolkitPlace:
    return ToolkitPlace(site)


class TestToolkitHost(HostContract):
    """All of the contract."""

    def test_twins_decide_the_same_and_count_by_themselves(
        self, place: ToolkitPlace
    ) -> None:
        for name in ("manager", "stranger"):
            with place.calling(name):
                access = place.host.access(reading=True)
                found = access(place.file, context=place.folder)
                twin = access.twin()
                again = twin(place.file, context=place.folder)
                assert (found is None) == (again is None) == (name == "stranger")
                access.damaged += 1
                assert twin.damaged == 0

    def test_a_detached_object_provides_what_it_says(self, place: ToolkitPlace) -> None:
        with place.calling("manager"):
            detached = place.host.detached(place.file)
        assert verifyObject(IDetached, detached)
        with detached.active():
            access = place.host.access(reading=True)
            assert access(detached.obj) is not None
        detached.close()
        detached.close()
