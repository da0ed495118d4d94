"""What a permission hides is not taken for removed, by nobody's client."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from zope.app.file.file import File
from zope.site.folder import Folder
from zope.site.site import LocalSiteManager

from zope.app.fssync.client.api import FSSync
from zope.app.fssync.client.connection import Network
from zope.app.fssync.protocol.views import LOG
from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing.controldata import Part
from zope.app.fssync.testing.controldata import control
from zope.app.fssync.testing.serversite import ServerSite
from zope.fssync.errors import ServerRefused

SECRET = "demo/site/++etc++site"
TYPE = "demo/@@Zope/Extra/a.txt/contentType"


@pytest.fixture
def demo(site: ServerSite) -> ServerSite:
    folder = site.root["demo"] = Folder()
    folder["a.txt"] = File(b"a", "text/plain")
    folder["b.txt"] = File(b"b", "text/plain")
    folder["site"] = Folder()
    folder["site"].setSiteManager(LocalSiteManager(folder["site"]))
    site.commit()
    return site


def ask(site: ServerSite, user: str | None, *paths: str) -> list[str]:
    body = "".join(f"{path}\n" for path in paths).encode()
    response = site.request("POST", "/demo/@@hidden.snarf", user, body)
    assert response.status_int == 200, response.text
    assert response.headers["Content-Type"].startswith("text/plain")
    return response.text.splitlines()


class TestTheView:
    def test_hidden_names_what_is_hidden_of_what_is_asked_for(self, demo):
        inside = f"{SECRET}/default"
        absent = "demo/nosuch", "demo/site/nosuch", "demo/a.txt/deep", "other/x"
        asked = SECRET, TYPE, inside, "demo/a.txt", "demo/site", *absent
        assert ask(demo, "editor", *asked) == sorted([SECRET, TYPE, inside])
        assert ask(demo, "manager", *asked) == []

    def test_hidden_tells_nothing_else(self, demo):
        assert ask(demo, "reader") == []
        assert ask(demo, "reader", "demo") == []

    def test_names_are_compared_in_their_composed_form(self, demo):
        demo.root["demo"]["sité"] = folder = Folder()
        folder.setSiteManager(LocalSiteManager(folder))
        demo.commit()
        for name in ("sité", "sité"):
            path = f"demo/{name}/++etc++site"
            assert ask(demo, "editor", path) == [path]

    @pytest.mark.parametrize("body", [b"../x\n", b"a//b\n", b"/etc\n", b"\xff\n"])
    def test_invalid_path_is_refused(self, demo, body):
        response = demo.request("POST", "/demo/@@hidden.snarf", "reader", body)
        assert response.status_int == 400

    def test_hidden_is_asked_by_post(self, demo):
        assert demo.request("GET", "/demo/@@hidden.snarf", "reader").status_int == 400

    def test_a_user_who_may_not_view_the_object_gets_no_answer(self, demo):
        site_manager = f"/{SECRET}/@@hidden.snarf"
        assert demo.request("POST", site_manager, "editor").status_int in (401, 403)


class SiteNetwork(Network):
    """Asks a site in this process, as one user or another."""

    site: ServerSite
    user = "manager"
    requests: list[str]

    def httpreq(
        self,
        path: str,
        view: str,
        datasource: Any = None,
        content_type: str = "application/x-snarf",
        expected_type: str | None = None,
        headers: Any = (),
    ) -> Any:
        if view.startswith(LOG):
            raise ServerRefused("there is no log")
        self.requests.append(view.partition("?")[0])
        body = b""
        if datasource is not None:
            datasource.seek(0)
            body = datasource.read()
        target = f"{path}/{view}"
        method = "GET" if datasource is None else "POST"
        own = {name.replace("-", "_"): value for name, value in headers}
        if datasource is not None:
            own["Content_Type"] = content_type
        response = self.site.request(method, target, self.user, body, **own)
        assert response.status_int == 200, response.text
        return io.BytesIO(response.body), response.headers


class Person:
    def __init__(self, site: ServerSite, home: Path) -> None:
        self.home = home
        self.network = SiteNetwork(filename=str(home / "tokens"))
        self.network.site = site
        self.network.requests = []

    def __call__(self, verb: str, *args: Any, url: str | None = None) -> list[str]:
        lines: list[str] = []
        fs = FSSync(network=self.network, rooturl=url, reporter=lines.append)
        getattr(fs, verb)(*args)
        return sorted(lines)

    def whole(self) -> dict[str, Any]:
        """All but what the server has said of its state."""
        return {
            path: content
            for path, content in snapshot(self.home / "co").items()
            if path != ".zsync/State"
        }

    def files(self) -> dict[str, Any]:
        """All that is no entry."""
        return {
            path: content
            for path, content in self.whole().items()
            if not path.endswith(("Entries.xml", "Base"))
        }


@pytest.fixture
def person(demo: ServerSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    monkeypatch.chdir(tmp_path)
    person = Person(demo, tmp_path)
    person("checkout", "co", url="http://localhost/demo")
    return person


class TestTheClient:
    def test_objects_hidden_since_are_kept(self, person, demo):
        site_manager = person.home / "co" / SECRET
        before = person.files()
        whole = person.whole()
        assert site_manager.exists()
        person.network.user = "editor"
        lines = person("update", "co/demo")
        assert f"W co/{SECRET}" in lines
        assert {line[0] for line in lines} == {"W"}
        noted = control(person.home / "co") / "Absent"
        assert noted.exists()
        noted.unlink()
        assert person.files() == before
        assert person.network.requests[-2:] == ["@@toFS.snarf", "@@hidden.snarf"]
        assert person("update", "co/demo") == []
        person.network.user = "manager"
        assert person("update", "co/demo") == []
        assert person.whole() == whole

    def test_objects_removed_beside_it_go(self, person, demo):
        del demo.root["demo"]["b.txt"]
        demo.commit()
        person.network.user = "editor"
        lines = person("update", "co/demo")
        assert "D co/demo/b.txt" in lines
        assert f"W co/{SECRET}" in lines
        assert not (person.home / "co/demo/b.txt").exists()
        assert (person.home / "co" / SECRET).exists()

    def test_an_edit_of_it_stays(self, person, demo):
        secret = Part(person.home / "co" / TYPE)
        edited = secret.read_bytes().replace(b"plain", b"html")
        secret.write_bytes(edited)
        person.network.user = "editor"
        person("update", "co/demo")
        assert secret.read_bytes() == edited
        person.network.user = "manager"
        assert person("update", "co/demo") == [f"M co/{TYPE}"]

    def test_a_commit_beside_it_changes_neither_side_of_it(self, person, demo):
        person.network.user = "editor"
        person("update", "co/demo")
        before = person.files()
        (person.home / "co/demo/a.txt").write_bytes(b"edited")
        person("commit", "co/demo")
        folder = demo.root["demo"]
        assert folder["a.txt"].data == b"edited"
        assert folder["site"].getSiteManager() is not None
        assert person.files().keys() >= before.keys()

    def test_an_update_asks_nothing_if_nothing_is_hidden(self, person, demo):
        del demo.root["demo"]["b.txt"]
        demo.commit()
        person("update", "co/demo")
        assert "@@hidden.snarf" not in person.network.requests
