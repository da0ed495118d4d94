"""Existing instances: the README's walk, and a whole tree from one to another."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from zope.app.fssync.demo.tour import Tour
from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing.commands import run_zsync
from zope.app.fssync.testing.ofs.content import MIXED
from zope.app.fssync.testing.ofs.content import SAMPLE
from zope.app.fssync.testing.ofs.content import STATE
from zope.app.fssync.testing.ofs.instance import ZopeInstance
from zope.app.fssync.testing.person import Person

pytestmark = pytest.mark.slow

#: What the second instance needs for the object of an unknown type.
ALLOWED = """\
<configure xmlns:fssync="http://namespaces.zope.org/fssync">
  <include package="zope.app.fssync" file="meta.zcml" />
  <fssync:allow component="OFS.SimpleItem.SimpleItem" />
</configure>
"""

#: Folders of the mixed tree, each with seven objects; more of them on demand.
SIZE = int(os.environ.get("FSSYNC_FOLDERS", "3"))


class ZopeTour(Tour):
    """The README's walk, on an instance of Zope."""

    def __init__(self, place: Path, instance: ZopeInstance) -> None:
        place.mkdir()
        super().__init__(place)
        self.instance = instance

    def start(
        self, script: str, args: Sequence[str]
    ) -> subprocess.CompletedProcess[bytes]:
        """Run zsync in this process: those of the tour run with the demo."""
        if script != "bin/zsync":
            return super().start(script, args)
        return run_zsync(*args, cwd=self.place, env=self.environment, merged=True)

    def fill(self) -> None:
        """It was filled before its server started."""

    @contextmanager
    def server(self) -> Iterator[None]:
        with self.instance.storage():
            self.instance.script(SAMPLE)
            with self.instance.running():
                self.host = f"127.0.0.1:{self.instance.port}"
                yield


def files(tree: Path) -> dict[str, bytes | str]:
    """Return all files but the pristine copies, and the directories."""
    return {
        path: content
        for path, content in snapshot(tree).items()
        if "Original" not in path.split("/")
    }


@pytest.mark.parametrize(("by", "zeo"), [("slug", False), ("site.zcml", True)])
def test_the_walk_of_the_readme_ends_well(tmp_path, by, zeo):
    instance = ZopeInstance(tmp_path / "instance", by=by, zeo=zeo)
    ZopeTour(tmp_path / "tour", instance).walk()


#: What others do meanwhile, in the database of a server that runs.
EDITS = (
    """
mixed = app.mixed
mixed.folder000["a.txt"].manage_upload(b"Edited on the server.\\n")
mixed.folder001.manage_renameObject("run", "runs")
mixed.many._delObject("one")
mixed.folder002.title = "New"
""",
    """
cut = app.mixed.folder000.manage_cutObjects(["a.txt", "page"])
app.mixed.many.manage_pasteObjects(cut)
app.mixed._delObject("folder001")
app.mixed.ordered.moveObjectsDown(["z"])
""",
    """
app.mixed.folder002.manage_addLocalRoles("author", ["Manager"])
app.mixed.many["a.txt"].manage_changeProperties(title="Moved")
app._setObject("more", app.mixed.folder002._getCopy(app.mixed.ordered))
""",
    "app.mixed.manage_permission('View', ['Owner'])",
)


def test_an_update_brings_what_a_fresh_checkout_has(tmp_path):
    instance = ZopeInstance(tmp_path / "instance", zeo=True)
    person = Person(tmp_path / "person")
    with instance.storage():
        instance.script(MIXED.replace("SIZE", "3"))
        with instance.running():
            url = f"{instance.url.replace('//', '//zsync:zsync@')}/mixed"
            person.zsync("checkout", url, "work")
            for number, edit in enumerate(EDITS):
                instance.script(edit)
                person.zsync("update", "work")
                person.zsync("checkout", url, f"fresh{number}")
                # A copy, in the layout that shows all in files.
                shutil.copytree(person.place / "work", person.place / f"seen{number}")
                person.zsync("downgrade", f"seen{number}", f"fresh{number}")
                fresh = files(person.place / f"fresh{number}" / "mixed")
                assert files(person.place / f"seen{number}" / "mixed") == fresh


def test_a_whole_tree_moves_to_another_instance(tmp_path):
    first = ZopeInstance(tmp_path / "first")
    first.script(MIXED.replace("SIZE", str(SIZE)))
    second = ZopeInstance(tmp_path / "second", zeo=True, zcml=ALLOWED)
    person = Person(tmp_path / "person")
    with first.running():
        login = first.url.replace("//", "//zsync:zsync@")
        person.zsync("checkout", f"{login}/mixed", "one")
    with second.storage():
        second.script("app.acl_users._doAddUser('author', 'author', ['Owner'], [])")
        with second.running():
            login = second.url.replace("//", "//zsync:zsync@")
            person.zsync("checkin", f"{login}/mixed", "one/mixed")
            person.zsync("checkout", f"{login}/mixed", "two")
        copied = second.script(STATE)
    assert files(person.place / "two" / "mixed") == files(person.place / "one/mixed")
    stated = first.script(STATE).splitlines()
    assert sorted({*stated} ^ {*copied.splitlines()}) == []
