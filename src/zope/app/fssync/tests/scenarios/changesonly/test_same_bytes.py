"""Whichever way a working copy came to a state, its bytes are those of a checkout."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any

import pytest
from zope.app.file.file import File
from zope.dublincore.interfaces import IZopeDublinCore
from zope.proxy import removeAllProxies
from zope.securitypolicy.interfaces import IPrincipalPermissionManager

from zope.app.fssync.client.api import FSSync
from zope.app.fssync.client.workingcopy.tests.packs import contents_of
from zope.app.fssync.client.workingcopy.tests.packs import packed
from zope.app.fssync.testing.controldata import control
from zope.app.fssync.tests.scenarios.changesonly.controldata import everything
from zope.app.fssync.tests.scenarios.changesonly.people import Person
from zope.app.fssync.tests.scenarios.changesonly.site import Site
from zope.app.fssync.tests.scenarios.changesonly.test_updates import CHANGES
from zope.fssync import paths

pytestmark = pytest.mark.slow

Make = Callable[..., Person]


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


def test_after_extras_of_which_none_is_shown_are_hidden(
    person: Make, site: Site
) -> None:
    copy = person("weak")
    extra = "docs/deep/@@Zope/Extra/one.txt"
    assert FSSync().metadata.files.isdir(str(copy.top / extra))
    with site.changing() as root:
        file = removeAllProxies(root["area"]["demo"]["docs"]["deep"]["one.txt"])
        rights = IPrincipalPermissionManager(file)
        rights.denyPermissionToPrincipal("zope.ManageContent", "zope.weak")
    copy("update")
    assert_fresh(copy, lambda: person("weak"))


def test_after_an_upgrade(person: Make, site: Site) -> None:
    with site.changing() as root:
        split(root["area"]["demo"]["docs"])
    copy = person()
    place = control(copy.top / "docs") / "Base"
    whole = contents_of(place)
    copy("downgrade")
    copy("upgrade")
    # What only a server can tell anew is left out.
    del whole[paths.RECEIVED]
    assert place.read_bytes() == packed(whole)
