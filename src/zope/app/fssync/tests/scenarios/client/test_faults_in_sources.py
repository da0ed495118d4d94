"""What does not compile is told by ``commit``, or refused: on both hosts."""

from __future__ import annotations

import json

import pytest

from zope.app.fssync.testing.controldata import Part
from zope.app.fssync.testing.ofs.instance import ZopeInstance
from zope.app.fssync.testing.person import Person

pytestmark = pytest.mark.slow

SITE = """
from OFS.Folder import Folder
from Products.PythonScripts.PythonScript import manage_addPythonScript
app._setObject("demo", Folder("demo"))
manage_addPythonScript(app.demo, "b.py")
app.demo.manage_addFile("a.json", b"[1]", content_type="application/json")
"""

STRICT = """
<configure xmlns:fssync="http://namespaces.zope.org/fssync">
  <include package="zope.app.fssync" file="meta.zcml" />
  <fssync:strict />
</configure>
"""

UNCLOSED = "'(' was never closed"


@pytest.fixture(scope="module")
def strict_zope(tmp_path_factory):
    place = tmp_path_factory.mktemp("zope") / "instance"
    instance = ZopeInstance(place, zcml=STRICT)
    instance.script(SITE)
    with instance.running():
        yield instance


@pytest.fixture
def person(tmp_path):
    return Person(tmp_path)


def test_a_site_of_zope_may_demand_it(strict_zope, person):
    url = f"http://zsync:zsync@127.0.0.1:{strict_zope.port}/demo"
    person.zsync("checkout", url, "work")
    demo = person.place / "work" / "demo"
    (demo / "b.py").write_text("return (\n")
    (demo / "a.json").write_text("[1,\n")
    said = person.zsync("commit", "work", status=6)
    assert f"demo/b.py:1: {UNCLOSED}\n" in said
    assert "demo/a.json:2: Expecting value\n" in said
    assert strict_zope.request("GET", "/demo/a.json").body == b"[1]"
    # Nothing is lost here, and what is mended is taken.
    assert (demo / "b.py").read_text() == "return (\n"
    (demo / "b.py").write_text("return (1)\n")
    (demo / "a.json").write_text("[1, 2]\n")
    assert "warning" not in person.zsync("commit", "work")
    assert strict_zope.request("GET", "/demo/a.json").body == b"[1, 2]\n"


@pytest.fixture
def notes(place):
    """A working copy of the toolkit with a JSON file."""
    (place.notes / "a.json").write_text("[1]\n")
    place("add", "co/notes/a.json")
    extra = Part(place.notes / "@@Zope" / "Extra" / "a.json" / "contentType")
    place("commit", "-m", "x", "co")
    if extra.exists() and b"json" not in extra.read_bytes():
        data = extra.read_bytes()
        extra.write_bytes(data.replace(b"text/plain", b"application/json"))
        place("commit", "-m", "x", "co")
    yield place.notes
    place("remove", "--force", "co/notes/a.json")
    place("commit", "-m", "x", "co")


def test_a_caller_of_the_toolkit_is_told_or_refuses(place, notes):
    (notes / "a.json").write_text("[1,\n")
    said = place("commit", "-m", "x", "--strict", "co", status=6)
    assert "notes/a.json:2: Expecting value\n" in said
    assert place.demo.get("demo/notes/a.json") == b"[1]\n"
    document = json.loads(place("commit", "-m", "x", "--json", "co"))
    assert "a.json:2: Expecting value" in json.dumps(document)
    assert place.demo.get("demo/notes/a.json") == b"[1,\n"
    (notes / "a.json").write_text("[1,\n2,\n")
    process = place.start("commit", "-m", "x", "co")
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "warning: co/notes/a.json:3: Expecting value" in errors
