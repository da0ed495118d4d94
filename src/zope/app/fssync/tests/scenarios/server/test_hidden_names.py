"""What is hidden is told from what is removed, whatever its file is called."""

from __future__ import annotations

from pathlib import Path

import pytest
from zope.app.file.file import File
from zope.securitypolicy.interfaces import IPrincipalPermissionManager
from zope.site.folder import Folder

from zope.app.fssync.browser.tests.test_hidden import Person
from zope.app.fssync.testing.serversite import ServerSite


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("docs.txt", "docs-1.txt"),
        ("Docs.txt", "Docs.txt"),
        ("gr\u00f6\u00dfe.txt", "gr\u00f6\u00dfe.txt"),
    ],
)
def test_hidden_objects_stay_and_removed_ones_go(
    site: ServerSite,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    file: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = site.root["demo"] = Folder()
    for each in ("Docs.txt", "docs.txt", "gr\u00f6\u00dfe.txt", "gone.txt"):
        folder[each] = File(each.encode(), "text/plain")
    site.commit()
    person = Person(site, tmp_path)
    person("checkout", "co", url="http://localhost/demo")
    folder = site.root["demo"]
    manager = IPrincipalPermissionManager(folder[name])
    for permission in ("zope.View", "zope.ManageContent"):
        manager.denyPermissionToPrincipal(permission, "zope.editor")
    del folder["gone.txt"]
    site.commit()
    person.network.user = "editor"
    lines = person("update", "co/demo")
    assert f"W co/demo/{file}" in lines
    assert "D co/demo/gone.txt" in lines
    assert Path("co/demo", file).read_bytes() == name.encode()
    assert person("update", "co/demo") == []
