"""An instance of Zope tells what it has, and only to those who may know."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from zope.app.fssync.testing.controldata import control
from zope.app.fssync.testing.ofs.instance import ZopeInstance
from zope.app.fssync.testing.person import Person

pytestmark = pytest.mark.slow

SITE = """
app.manage_addFolder("demo")
app.demo.manage_addFile("a.txt", b"Hello\\n", content_type="text/plain")
app.demo.manage_addFolder("sub")
app.demo.manage_addFolder("private")
app.demo.private.manage_permission("View", ["Manager"])
"""


def test_list_and_info_of_an_instance(tmp_path: Path) -> None:
    instance = ZopeInstance(tmp_path / "instance")
    instance.script(SITE)
    person = Person(tmp_path / "person")
    url = f"{instance.url.replace('//', '//zsync:zsync@')}/demo"
    with instance.running():
        assert person.zsync("list", url).split() == [
            *("a.txt", "File", "private/", "Folder", "sub/", "Folder"),
        ]
        person.zsync("checkout", url, "mine")
        told = person.zsync("info", "-u", "mine/demo/a.txt")
        explained = person.zsync("explain", "mine/demo/a.txt")
        stranger = Person(tmp_path / "stranger")
        stranger.zsync("list", f"{instance.url}/demo", status=4)
        hidden = stranger.zsync("explain", f"{instance.url}/demo", status=4)
        port = f"localhost:{instance.port}"
        new = f"http://zsync:zsync@{port}"
        person.zsync("relocate", instance.url, new, "mine")
        person.zsync("update", "mine")
    assert re.search(r"type: +OFS\.Image\.File\n", told)
    assert re.search(r"permissions: +checkout, commit\n", told)
    assert (control(person.place / "mine") / "Root").read_text() == (
        f"http://zsync@{port}/demo\n"
    )
    assert re.search(r"permission to write: +Change Images and Files\n", explained)
    assert re.search(r"synchronizer: +\S+hosts\.ofs\.content\.file\.\S+\n", explained)
    assert "hosts.ofs" not in hidden
