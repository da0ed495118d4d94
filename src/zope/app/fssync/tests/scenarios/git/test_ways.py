"""git over ssh, with Zope, and with a database that keeps no history."""

from __future__ import annotations

import base64
import urllib.request
from pathlib import Path

import pytest
import ZODB
from ZODB.MappingStorage import MappingStorage
from zope.site.folder import Folder

from zope.app.fssync.testing import ssh as support
from zope.app.fssync.testing.ofs.instance import ZopeInstance
from zope.app.fssync.tests.scenarios.changesonly.conftest import server as server
from zope.app.fssync.tests.scenarios.changesonly.database import Database
from zope.app.fssync.tests.scenarios.changesonly.people import Wire
from zope.app.fssync.tests.scenarios.changesonly.site import Site

pytestmark = pytest.mark.slow

SITE = """
from OFS.Folder import Folder
app._setObject("demo", Folder("demo"))
app.demo._setObject("sub", Folder("sub"))
app.demo.manage_addFile("a.txt", b"Hello\\n", content_type="text/plain")
transaction.commit()
app.demo["a.txt"].manage_upload(b"Bye\\n")
transaction.get().note("in the ZMI")
"""


def test_ssh(folder, demo, jane, tmp_path):
    key = support.make_key(tmp_path / "host_key")
    home = support.Home(Path(jane.environment["HOME"]))
    command = support.demo_command(demo.running.url, key)
    with support.process(*command, env=home.env, cwd=tmp_path) as ssh:
        port = int(ssh.wait_for(r"ready on .* port (\d+)")[1])
        home.trust(f"[127.0.0.1]:{port}", tmp_path / "host_key.pub")
        clone = jane.clone(
            f"zsync+ssh://zsync:zsync@127.0.0.1:{port}/{folder.path}", "over-ssh"
        )
        assert clone.read("todo.txt") == "- buy apples\n"
        clone.write("todo.txt", "- buy plums\n")
        clone.commit("Buy plums")
        clone("push", "--quiet")
        assert clone("fetch") == ""
        assert folder.get("todo.txt") == "- buy plums\n"
    assert jane.clone(folder.url, "over-http").head() == clone.head()


def test_zope(jane, tmp_path):
    instance = ZopeInstance(tmp_path / "instance")
    instance.script(SITE)
    url = f"{instance.url.replace('//', '//zsync:zsync@')}/demo"
    with instance.running():
        clone = jane.clone(url, "clone")
        assert "in the ZMI" in clone.log()[0]
        assert clone("show", "HEAD~:a.txt") == "Hello\n"
        clone.write("a.txt", "mine\n")
        clone.write("sub/new.txt", "new\n")
        clone.commit("Mine")
        clone("mv", "a.txt", "sub/b.txt")
        clone.commit("Moved")
        clone("push", "--quiet")
        clone("pull", "--quiet")
        assert clone.status() == "## main...origin/main"
        assert jane.clone(url, "another").head() == clone.head()
        request = urllib.request.Request(f"{instance.url}/demo/sub/b.txt")
        token = base64.b64encode(b"zsync:zsync").decode()
        request.add_header("Authorization", f"Basic {token}")
        with urllib.request.urlopen(request) as answer:
            assert answer.read() == b"mine\n"


class MemoryDatabase(Database):
    """A database that keeps no history."""

    def connect(self) -> ZODB.DB:
        """See `Database`."""
        return ZODB.DB(MappingStorage())


def test_without_history_a_fetch_is_a_commit(server, jane, tmp_path):
    place = tmp_path / "database"
    place.mkdir()
    site = Site(MemoryDatabase(place))
    server.site = Wire(site)
    host = server.url.removeprefix("http://")
    clone = jane.clone(f"http://manager:managerpw@{host}/area/demo", "clone")
    assert clone.log() == ["What the server has now"]
    assert clone("fetch") == ""
    with site.changing() as root:
        root["area"]["demo"]["docs"]["two.txt"].data = b"2\n"
        del root["area"]["demo"]["secret"]
    clone("pull", "--quiet")
    assert clone.read("docs/two.txt") == "2\n"
    assert not (clone.place / "secret").exists()
    clone.write("docs/two.txt", "3\n")
    clone.write(".gitignore", "*.log\n")
    clone.commit("Three")
    clone("push", "--quiet")
    clone("pull", "--quiet")
    assert clone.status() == "## main...origin/main"
    assert clone("fetch") == ""
    with site.changing() as root:
        assert root["area"]["demo"]["docs"]["two.txt"].data == b"3\n"
        assert ".gitignore" not in root["area"]["demo"]
        root["area"]["demo"]["docs"]["two.txt"].data = b"4\n"
        root["area"]["demo"]["Docs"] = Folder()
    clone("pull", "--quiet")
    assert clone.read(".gitignore") == "*.log\n"
    # Another name has come in between.
    assert clone.read("docs-1/two.txt") == "4\n"
    assert not (clone.place / "docs").exists()
    site.close()
