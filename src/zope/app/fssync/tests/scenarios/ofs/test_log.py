"""The log of objects of a Zope instance."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync.testing.ofs.instance import ZopeInstance
from zope.app.fssync.testing.processes import Person

pytestmark = pytest.mark.slow

SITE = """
import transaction
from OFS.Folder import Folder
app._setObject("demo", Folder("demo"))
app.demo._setObject("sub", Folder("sub"))
for name in ("a.txt", "b.txt"):
    app.demo.manage_addFile(name, b"Hello\\n", content_type="text/plain")
transaction.commit()

def noted(text):
    transaction.get().note(text)
    transaction.commit()

app.demo["b.txt"].manage_upload(b"Bye\\n")
noted("in the ZMI")
app.demo.manage_renameObject("b.txt", "c.txt")
noted("renamed")
app.demo.sub.manage_addFile("d.txt", b"d", content_type="text/plain")
noted("added below")
app.demo.manage_delObjects(["sub"])
noted("deleted")
app.manage_addFile("beside.txt", b"d", content_type="text/plain")
noted("beside")
"""


def test_log_shows_what_happened_to_a_folder(tmp_path: Path) -> None:
    instance = ZopeInstance(tmp_path / "instance")
    instance.script(SITE)
    person = Person(tmp_path / "person")
    url = f"{instance.url.replace('//', '//zsync:zsync@')}/demo"
    with instance.running():
        person.zsync("checkout", url, "mine")
        mine = person.place / "mine" / "demo"
        (mine / "a.txt").write_text("mine\n")
        person.zsync("commit", "-m", "my reasons", "mine")
        told = person.zsync("log", "-v", "mine/demo")
        of_a_file = person.zsync("log", "mine/demo/c.txt")
        at_a_url = person.zsync("log", "-l", "1", url)
        stranger = Person(tmp_path / "stranger")
        private = stranger.zsync("log", f"{instance.url}/demo", status=4)
    found = told.split("\n\n")
    heads = [each.splitlines()[1].strip() for each in found]
    assert heads[:5] == [
        "my reasons",
        "deleted",
        "added below",
        "renamed",
        "in the ZMI",
    ]
    changes = [sorted(each.splitlines()[2:]) for each in found]
    assert changes[0] == ["M   a.txt"]
    assert "D   sub" in changes[1]
    assert "A   sub/d.txt" in changes[2]
    assert "R   c.txt (from b.txt)" in changes[3]
    assert changes[4] == ["M   b.txt"]
    assert "  zsync\n" in found[0]
    assert "beside" not in told
    assert [line.strip() for line in of_a_file.splitlines()[1::3]][:2] == [
        "renamed",
        "in the ZMI",
    ]
    assert "my reasons" in at_a_url
    assert "renamed" not in private
