"""Pickles refer to what the caller may read, and learn nothing of the rest."""

from __future__ import annotations

from typing import Any

import pytest
from zope.app.file.file import File
from zope.interface.verify import verifyClass
from zope.proxy import removeAllProxies
from zope.security.testing import interaction
from zope.securitypolicy.interfaces import IPrincipalPermissionManager
from zope.site.folder import Folder

from zope.app.fssync.server.references import GuardedPathLoader
from zope.app.fssync.testing.serversite import ServerSite
from zope.fssync.errors import PickleRefused
from zope.fssync.errors import Withheld
from zope.fssync.interfaces import IPersistentIdLoader
from zope.fssync.pickle import XMLUnpickler


@pytest.fixture
def folder(site: ServerSite) -> Any:
    for name in ("folder", "closed"):
        site.root[name] = Folder()
        site.root[name]["a.txt"] = File(b"a", "text/plain")
    closed = IPrincipalPermissionManager(removeAllProxies(site.root["closed"]))
    closed.denyPermissionToPrincipal("zope.View", "zope.local")
    site.commit()
    return site.root["folder"]


def load(folder: Any, path: str, who: str) -> Any:
    with interaction(f"zope.{who}"):
        return GuardedPathLoader(XMLUnpickler(folder)).load(path)


def test_a_path_leads_to_its_object(folder: Any) -> None:
    assert verifyClass(IPersistentIdLoader, GuardedPathLoader)
    assert load(folder, "/folder/a.txt", "local").data == b"a"
    assert load(folder, "/closed/a.txt", "manager").data == b"a"
    assert removeAllProxies(load(folder, "..", "local")) == removeAllProxies(folder)


@pytest.mark.parametrize("path", ["/closed", "/closed/a.txt", "/closed/none"])
def test_whether_there_is_something_hidden_is_not_told(folder: Any, path: str) -> None:
    with pytest.raises(Withheld, match=f"you may not refer to {path}"):
        load(folder, path, "local")


@pytest.mark.parametrize(
    "path", ["/none", "/folder/none", "/folder/a.txt/data", "/folder/@@contents.html"]
)
def test_invalid_object_is_refused(folder: Any, path: str) -> None:
    with pytest.raises(PickleRefused):
        load(folder, path, "manager")
