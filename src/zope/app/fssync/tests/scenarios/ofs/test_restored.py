"""An instance whose database is put back from a backup: nothing is lost here."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from zope.app.fssync.testing.ofs.instance import ZopeInstance
from zope.app.fssync.testing.person import Person

pytestmark = pytest.mark.slow

SITE = """
from OFS.Folder import Folder
app._setObject("demo", Folder("demo"))
for name in ("a.txt", "b.txt", "c.txt"):
    app.demo.manage_addFile(name, b"Hello\\n", content_type="text/plain")
"""

#: What others do meanwhile, in the database of a server that does not run.
LATER = """
app.demo["c.txt"].manage_upload(b"theirs\\n")
"""


def test_objects_the_database_lost_are_kept_and_brought_back(tmp_path: Path) -> None:
    instance = ZopeInstance(tmp_path / "instance")
    instance.script(SITE)
    var, backup = instance.place / "var", tmp_path / "backup"
    shutil.copytree(var, backup)
    person = Person(tmp_path / "person")
    mine = person.place / "mine" / "demo"
    url = f"{instance.url.replace('//', '//zsync:zsync@')}/demo"
    with instance.running():
        person.zsync("checkout", url, "mine")
        (mine / "a.txt").write_text("newer\n")
        (mine / "work.txt").write_text("work\n")
        person.zsync("add", "mine/demo/work.txt")
        person.zsync("commit", "mine")
        shutil.copytree(person.place / "mine", person.place / "copy")
    shutil.rmtree(var)
    shutil.copytree(backup, var)
    instance.script(LATER)
    with instance.running():
        told = person.zsync("update", "copy", status=3)
        assert "went back to an earlier time" in told
        assert (person.place / "copy" / "demo" / "work.txt").read_text() == "work\n"
        (mine / "b.txt").write_text("edited\n")
        told = person.zsync("commit", "mine/demo/b.txt", status=5)
        assert "went back to an earlier time" in told
        assert "zsync update" in told
        told = person.zsync("update", "mine", status=3)
        assert "went back to an earlier time" in told
        assert "C  mine/demo/a.txt\n" in told
        assert re.search("^C. mine/demo/work.txt$", told, re.MULTILINE), told
        # Whether it is older or newer than what is here nobody can tell.
        assert re.search("^C. mine/demo/c.txt$", told, re.MULTILINE), told
        assert (mine / "a.txt").read_text() == "newer\n"
        assert (mine / "work.txt").read_text() == "work\n"
        assert (mine / "b.txt").read_text() == "edited\n"
        # What others did since is within reach, and wanted.
        person.zsync("revert", "mine/demo/c.txt")
        person.zsync("resolve", "mine")
        person.zsync("commit", "mine")
        assert person.zsync("update", "mine") == "Up to date.\n"
        assert person.zsync("status", "mine") == ""
        person.zsync("checkout", url, "fresh")
    fresh = person.place / "fresh" / "demo"
    found = {name: (fresh / name).read_text() for name in ("a.txt", "b.txt", "c.txt")}
    assert found == {"a.txt": "newer\n", "b.txt": "edited\n", "c.txt": "theirs\n"}
    assert (fresh / "work.txt").read_text() == "work\n"
