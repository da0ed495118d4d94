"""Containers of the toolkit are directories, and are made as such."""

from __future__ import annotations

import pytest
from zope.app.file.file import File
from zope.container.btree import BTreeContainer
from zope.container.folder import Folder as ContentFolder
from zope.container.ordered import OrderedContainer
from zope.site.folder import Folder

from zope.fssync.synchronizer import dottedname


class Register(BTreeContainer):
    """A container of people, as that of zope.app.authentication."""


@pytest.mark.parametrize("kind", [BTreeContainer, ContentFolder, OrderedContainer])
def test_a_container_is_a_directory(site, kind):
    demo = site.root["demo"] = Folder()
    demo["box"] = kind()
    demo["box"]["one"] = File(b"one", "text/plain")
    site.commit()
    archive = site.checkout("/demo")
    assert archive["demo/box/one"] == b"one"
    name, plain = dottedname(kind), "zope.app.file.file.File"
    archive.add("demo/box/two", b"two", type=plain, factory=plain)
    site.accept("/demo", archive)
    assert demo["box"]["two"].data == b"two"

    path = "/@@checkin.snarf?name=copy&src=demo"
    archive = site.checkout("/demo")
    answer = site.request("POST", path, "manager", archive.dump())
    assert answer.status_int == 200, answer.text
    assert type(site.root["copy"]["box"]) is kind
    assert name.encode() in archive["demo/@@Zope/Entries.xml"]


def test_a_derived_class_is_not_opened(site):
    demo = site.root["demo"] = Folder()
    demo["people"] = Register()
    demo["people"]["one"] = File(b"one", "text/plain")
    site.commit()
    assert "demo/people/one" not in site.checkout("/demo")
