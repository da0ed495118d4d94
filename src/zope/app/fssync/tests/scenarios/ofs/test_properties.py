"""Properties that are set in a working copy are those of objects of Zope."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync.testing.ofs.instance import ZopeInstance
from zope.app.fssync.testing.person import Person

pytestmark = pytest.mark.slow

SITE = """
app.manage_addFolder("demo", title="The demo")
app.demo.manage_addFile("a.txt", b"Hello\\n", content_type="text/plain")
app.demo.manage_addDTMLMethod("method", title="A method")
from Products.PythonScripts.PythonScript import manage_addPythonScript
manage_addPythonScript(app.demo, "script.py")
"""

LOOK = """
for obj in (app.demo, *app.demo.objectValues()):
    print("found", obj.getId(), obj.title)
print("found", app.demo["a.txt"].content_type, app.demo["a.txt"].keywords)
"""


@pytest.mark.parametrize("layout", ["compact", "3.6.0"])
def test_a_title_works_on_every_type(tmp_path: Path, layout: str) -> None:
    zope = ZopeInstance(tmp_path / "instance")
    zope.script(SITE)
    person = Person(tmp_path / "person")
    url = f"{zope.url.replace('//', '//zsync:zsync@')}/demo"
    paths = [f"mine/demo/{name}" for name in ("", "a.txt", "method", "script.py")]
    text = paths[1]
    with zope.running():
        person.zsync("checkout", url, "mine")
        if layout == "3.6.0":
            person.zsync("downgrade", "mine")
        assert (
            person.zsync("prop", "list", text) == "content_type: text/plain\ntitle: \n"
        )
        for path in paths:
            said = person.zsync("prop", "set", path, "title", f"New {path}")
            assert said == f" M {path}\n"
        person.zsync("prop", "set", text, "content-type", "text/x-new")
        person.zsync("prop", "set", text, "keywords (lines)", "a", "b")
        person.zsync("prop", "set", text, "gone", "soon")
        assert person.zsync("status", "mine").count(" M ") == len(paths)
        person.zsync("commit", "mine", "-m", "titles")
        person.zsync("prop", "delete", text, "gone")
        person.zsync("commit", "mine", "-m", "gone")
        assert person.zsync("status", "mine") == ""
        person.zsync("prop", "set", paths[3], "nosuch", "x", status=1)
        (person.place / "mine/demo/new.txt").write_text("new\n")
        person.zsync("add", "mine/demo/new.txt")
        refused = person.zsync(
            "prop", "set", "mine/demo/new.txt", "title", "N", status=1
        )
        assert "Commit it" in refused
        listed = person.zsync("prop", "list", text)
    assert "gone" not in listed
    found = [line for line in zope.script(LOOK).splitlines() if "found" in line]
    assert found == [
        "found demo New mine/demo/",
        "found a.txt New mine/demo/a.txt",
        "found method New mine/demo/method",
        "found script.py New mine/demo/script.py",
        "found text/x-new ('a', 'b')",
    ]
