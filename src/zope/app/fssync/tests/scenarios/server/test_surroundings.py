"""Synchronizers find the same request and site, however an archive is sent."""

from __future__ import annotations

import pytest
from persistent import Persistent
from zope.component import provideUtility
from zope.component.hooks import getSite
from zope.container.contained import Contained
from zope.security.management import getInteraction
from zope.site import LocalSiteManager
from zope.site.folder import Folder
from zope.traversing.api import getPath

from zope.app.fssync.protocol.headers import NO_STATE
from zope.app.fssync.protocol.headers import STREAMED
from zope.app.fssync.testing.serversite import Archive
from zope.fssync.interfaces import ISynchronizerFactory
from zope.fssync.synchronizer import FileSynchronizer
from zope.fssync.synchronizer import dottedname


class Mirror(Contained, Persistent):
    """Its file tells what its synchronizer sees."""


class MirrorSynchronizer(FileSynchronizer):
    def dump(self, writeable):
        [request] = getInteraction().participations
        seen = [
            f"site {getPath(getSite())}",
            f"url {request.getURL()}",
            f"agent {request.get('HTTP_USER_AGENT')}",
            f"query {request.form.get('query')}",
            f"principal {request.principal.id}",
            f"interaction {request.interaction is getInteraction()}",
        ]
        writeable.write("".join(f"{line}\n" for line in seen).encode())


@pytest.fixture
def demo(site):
    provideUtility(MirrorSynchronizer, ISynchronizerFactory, name=dottedname(Mirror))
    folder = site.root["demo"] = Folder()
    folder.setSiteManager(LocalSiteManager(folder))
    folder["inner"] = Folder()
    folder["inner"]["mirror"] = Mirror()
    site.commit()
    return site


def test_a_synchronizer_finds_the_same(demo):
    def asked(**headers):
        view = "/demo/inner/@@toFS.snarf?query=words"
        return demo.request("GET", view, "manager", User_Agent="zsync test", **headers)

    whole, streamed = asked(), asked(X_Zsync_State=NO_STATE)
    assert STREAMED in streamed.headers
    assert STREAMED not in whole.headers
    seen = Archive.parse(whole.body)["inner/mirror"].decode()
    assert seen.splitlines() == [
        "site /demo",
        "url http://localhost/demo/inner/@@toFS.snarf",
        "agent zsync test",
        "query words",
        "principal zope.manager",
        "interaction True",
    ]
    assert Archive.parse(streamed.body)["inner/mirror"].decode() == seen
