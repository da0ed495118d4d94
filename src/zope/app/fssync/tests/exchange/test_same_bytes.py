"""Whichever way a working copy came to a state, its bytes are those of a checkout."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from zope.app.file.file import File
from zope.dublincore.interfaces import IZopeDublinCore

from zope.app.fssync.tests.exchange.people import Person
from zope.app.fssync.tests.exchange.site import Site
from zope.app.fssync.tests.exchange.test_updates import CHANGES
from zope.app.fssync.workingcopy.tests.packs import contents_of
from zope.app.fssync.workingcopy.tests.packs import packed
from zope.fssync import paths

#: Written as needed, or a note of when somebody was here last.
DERIVED = {"Index", "State", "Lock"}

Make = Callable[..., Person]


def everything(root: Path) -> dict[str, bytes]:
    """All files of a working copy, but for what is derived."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file()
        if path.parent.name != paths.CONTROL or path.name not in DERIVED
    }


def assert_fresh(copy: Person, person: Make) -> None:
    found, wanted = everything(copy.root), everything(person().root)
    different = {
        name
        for name in found.keys() | wanted.keys()
        if found.get(name) != wanted.get(name)
    }
    assert not different


def split(folder: Any) -> None:
    """Fill a folder so that its pack has many blocks."""
    for number in range(60):
        text = b"".join(b"line %d of %d\n" % (each, number) for each in range(200))
        name = f"n {number}" if number % 7 else f"n{number}"
        folder[name] = File(text, "text/plain")
        IZopeDublinCore(folder[name]).title = f"Title {number}"


@pytest.mark.parametrize(
    "change", [each[1] for each in CHANGES], ids=[each[0] for each in CHANGES]
)
def test_after_an_update(person: Make, site: Site, change: Any) -> None:
    copy = person()
    with site.changing() as root:
        change(root["area"]["demo"])
    copy("update")
    assert_fresh(copy, person)


def test_after_updates_of_a_large_folder(person: Make, site: Site) -> None:
    copy = person()
    with site.changing() as root:
        split(root["area"]["demo"]["docs"])
    copy("update")
    assert_fresh(copy, person)
    with site.changing() as root:
        docs = root["area"]["demo"]["docs"]
        docs["n 40"].data = b"new\n"
        docs["a"] = File(b"new\n", "text/plain")
        del docs["n7"]
    copy("update")
    assert_fresh(copy, person)


def test_after_commits(person: Make, site: Site) -> None:
    with site.changing() as root:
        split(root["area"]["demo"]["docs"])
    copy = person()
    copy.write("docs/n 20", b"new\n")
    copy("commit", "docs/n 20")
    assert_fresh(copy, person)
    shutil.copy(copy.top / "docs/n 30", copy.top / "docs/added")
    copy("add", "docs/added")
    copy("mkdir", "docs/made")
    copy.write("docs/made/a", b"a\n")
    copy("add", "docs/made/a")
    copy("remove", "docs/n 8")
    copy.write("docs/n14", b"other\n")
    copy("commit")
    assert_fresh(copy, person)
    copy("remove", "docs/made/a")
    copy("remove", "docs/deep/one.txt")
    copy("commit")
    assert_fresh(copy, person)


def test_after_an_upgrade(person: Make, site: Site) -> None:
    with site.changing() as root:
        split(root["area"]["demo"]["docs"])
    copy = person()
    place = "docs/@@Zope/Base"
    whole = contents_of(copy.top / place)
    copy("downgrade")
    copy("upgrade")
    # What only a server can tell anew is left out.
    del whole[paths.RECEIVED]
    assert (copy.top / place).read_bytes() == packed(whole)
