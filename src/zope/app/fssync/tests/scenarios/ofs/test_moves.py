"""What was moved in a working copy is moved in a real instance of Zope."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync.testing.ofs.instance import ZopeInstance
from zope.app.fssync.testing.person import Person

pytestmark = pytest.mark.slow

SITE = """
from OFS.Folder import Folder
app.acl_users._doAddUser("dev", "dev", [], [])
app._setObject("demo", Folder("demo"))
for id in ("docs", "other", "closed"):
    app.demo._setObject(id, Folder(id))
    app.demo[id].manage_addFile("taken", b"taken", content_type="text/plain")
docs = app.demo.docs
docs.manage_addFile("page", b"page", title="A page", content_type="text/plain")
docs.page.manage_setLocalRoles("dev", ["Reviewer"])
docs._setObject("inner", Folder("inner"))
docs.inner.manage_addFile("deep", b"deep", content_type="text/plain")
app.demo.manage_permission("Delete objects", ["Owner", "Manager"])
docs.manage_setLocalRoles("dev", ["Manager"])
"""

LOOK = """
for path in {paths!r}:
    obj = app.unrestrictedTraverse("demo/" + path)
    print("found", obj._p_oid, obj.title, sorted(obj.get_local_roles()))
"""


def oids(zope: ZopeInstance, *paths: str) -> list[str]:
    """The object ids at paths, with title and local roles."""
    lines = zope.script(LOOK.format(paths=paths)).splitlines()
    return [line for line in lines if line.startswith("found")]


def test_moved_objects_stay_the_same(tmp_path: Path) -> None:
    zope = ZopeInstance(tmp_path / "instance")
    zope.script(SITE)
    before = ["docs/page", "docs/inner", "docs/inner/deep", "docs/taken"]
    after = ["texts", "texts/deep", "other/free"]
    known = oids(zope, *before)
    assert "A page [('dev', ('Reviewer',))" in known[0]
    person = Person(tmp_path / "person")
    demo = person.place / "demo"
    with zope.running():
        url = f"http://zsync:zsync@127.0.0.1:{zope.port}/demo"
        person.zsync("checkout", url)
        (demo / "docs" / "page").write_text("edited")
        person.zsync("move", "demo/docs/page", "demo/docs/front")
        person.zsync("mv", "demo/docs/inner", "demo/texts")
        person.zsync("rename", "demo/docs/taken", "demo/other/free")
        assert "demo/texts/ (from demo/docs/inner)" in person.zsync("status")
        told = person.zsync("commit", "demo", "-m", "Tidy up")
        transaction = person.zsync("log", "-l", "1", "demo").split()[0]
        assert f" as 0x{transaction}" in told
        assert person.zsync("status") == ""
        assert person.zsync("update", "demo") == "Up to date.\n"
        assert zope.request("GET", "/demo/docs/front").body == b"edited"
        (demo / "texts" / "deep").write_text("edited")
        person.zsync("commit", "demo/texts")
        assert zope.request("GET", "/demo/texts/deep").body == b"edited"
        # With the rights in one folder nothing leaves it.
        other = Person(tmp_path / "other")
        url = f"http://dev:dev@127.0.0.1:{zope.port}/demo/docs"
        other.zsync("checkout", url)
        other.zsync("mkdir", "docs/new")
        other.zsync("move", "docs/front", "docs/new/page")
        other.zsync("commit", "docs")
        assert zope.request("GET", "/demo/docs/new/page").body == b"edited"
    assert oids(zope, "docs/new/page", *after) == known
