"""Objects of the toolkit outlive the request, with its caller and its site."""

from __future__ import annotations

from typing import Any

import pytest
from zope.component.hooks import getSite
from zope.interface.verify import verifyObject
from zope.proxy import removeAllProxies
from zope.publisher.browser import TestRequest
from zope.security.management import getInteraction
from zope.security.management import queryInteraction
from zope.security.testing import Principal
from zope.security.testing import interaction
from zope.site.folder import Folder

from zope.app.fssync.hosts.toolkit.detached import Detached
from zope.app.fssync.hosts.toolkit.detached import Participation
from zope.app.fssync.server.interfaces import IDetached
from zope.app.fssync.testing.serversite import ServerSite


@pytest.fixture
def folder(site: ServerSite) -> Any:
    site.root["folder"] = Folder()
    site.commit()
    return removeAllProxies(site.root["folder"])


def callers() -> list[str]:
    return [each.principal.id for each in getInteraction().participations]


def test_detached_has_a_connection_of_its_own(folder: Any) -> None:
    detached = Detached(folder, Participation(Principal("zope.manager")))
    assert verifyObject(IDetached, detached)
    assert detached.obj._p_oid == folder._p_oid
    assert detached.obj._p_jar is not folder._p_jar
    detached.close()
    detached.close()


def test_the_caller_is_there_for_a_while(folder: Any) -> None:
    detached = Detached(folder, Participation(Principal("zope.manager")))
    site = getSite()
    with interaction("zope.reader"):
        with detached.active():
            assert callers() == ["zope.manager"]
        assert callers() == ["zope.reader"]
        with pytest.raises(ValueError, match="an error"), detached.active():
            raise ValueError("an error")
        assert callers() == ["zope.reader"]
    assert queryInteraction() is None
    assert getSite() is site
    detached.close()


def test_a_request_is_copied_without_what_ends_with_it(folder: Any) -> None:
    request = TestRequest()
    request.setPrincipal(Principal("zope.manager"))
    request.annotations["a cache"] = folder
    detached = Detached(folder, request)
    with detached.active():
        (copy,) = getInteraction().participations
        assert copy is not request
        assert copy.principal.id == "zope.manager"
        assert copy.annotations == {"ZODB.interfaces.IConnection": detached.obj._p_jar}
    assert "a cache" in request.annotations
    detached.close()
