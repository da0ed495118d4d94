"""Parts of objects go back to their defaults: emptied, removed, laid out anew."""

from __future__ import annotations

from pathlib import Path

from zope.app.fssync.testing.controldata import Part
from zope.app.fssync.testing.controldata import has
from zope.app.fssync.testing.ofs.instance import ZopeInstance
from zope.app.fssync.testing.person import Person

SITE = """
from OFS.Folder import Folder
from Products.PythonScripts.PythonScript import manage_addPythonScript
app._setObject("demo", Folder("demo"))
for name in ("a.txt", "b.txt"):
    app.demo.manage_addFile(name, b"Hello\\n", content_type="text/plain")
    app.demo[name].manage_permission("View", ["Manager"], 0)
manage_addPythonScript(app.demo, "script.py")
app.demo["script.py"].write("return 1\\n")
"""


def test_a_part_goes_back_to_its_default(tmp_path: Path) -> None:
    instance = ZopeInstance(tmp_path / "instance")
    instance.script(SITE)
    person = Person(tmp_path / "person")
    demo = person.place / "mine" / "demo"
    extra = demo / "@@Zope" / "Extra"
    url = f"{instance.url.replace('//', '//zsync:zsync@')}/demo"
    with instance.running():
        person.zsync("checkout", url, "mine")
        permissions = Part(extra / "a.txt" / "permissions")
        assert "View" in permissions.read_text()
        # Emptied, with an editor.
        permissions.write_text("")
        assert person.zsync("status", "mine") == " M mine/demo/a.txt\n"
        person.zsync("commit", "mine")
        assert person.zsync("status", "mine") == ""
        assert not permissions.exists()
        # Removed.
        Part(extra / "b.txt" / "permissions").unlink()
        person.zsync("commit", "mine")
        assert person.zsync("status", "mine") == ""
        # Laid out as the server does not.
        with (demo / "script.py").open("a") as stream:
            stream.write("\n\n")
        person.zsync("commit", "mine")
        assert person.zsync("status", "mine") == ""
        assert person.zsync("update", "mine") == "Up to date.\n"
        person.zsync("checkout", url, "fresh")
        fresh = person.place / "fresh" / "demo" / "@@Zope" / "Extra"
        for name in ("a.txt", "b.txt"):
            assert not has(fresh / name / "permissions")
            assert has(fresh / name / "properties")
