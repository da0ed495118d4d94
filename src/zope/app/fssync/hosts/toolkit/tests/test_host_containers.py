"""Containers of the toolkit are directories, and are made as such."""

from __future__ import annotations

import pytest
from zope.app.file.file import File
from zope.component import getGlobalSiteManager
from zope.component.factory import Factory
from zope.component.interfaces import IFactory
from zope.container.btree import BTreeContainer
from zope.container.folder import Folder as ContentFolder
from zope.container.ordered import OrderedContainer
from zope.pluggableauth.authentication import PluggableAuthentication
from zope.pluggableauth.plugins.principalfolder import PrincipalFolder
from zope.site.folder import Folder
from zope.site.site import SiteManagementFolder

from zope.app.fssync.hosts.toolkit.tests.containers import DERIVED
from zope.app.fssync.hosts.toolkit.tests.containers import Catalogue
from zope.app.fssync.hosts.toolkit.tests.containers import Row
from zope.app.fssync.hosts.toolkit.tests.containers import Whole
from zope.fssync.synchronizer import dottedname


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


def filled(site, kind):
    demo = site.root["demo"] = Folder()
    box = demo["box"] = kind()
    box.title = "Box"
    if kind is Catalogue:
        box.settings["first"] = "one"
    box["one"] = File(b"one", "text/plain")
    box["two"] = Folder()
    box["two"]["three"] = File(b"three", "text/plain")
    site.commit()
    return demo


@pytest.fixture
def offered():
    registry = getGlobalSiteManager()
    for kind in DERIVED:
        registry.registerUtility(Factory(kind), IFactory, dottedname(kind))
    yield
    for kind in DERIVED:
        registry.unregisterUtility(provided=IFactory, name=dottedname(kind))


@pytest.mark.parametrize("kind", DERIVED)
@pytest.mark.usefixtures("offered")
def test_a_container_of_another_class_is_a_directory_for_site_managers(site, kind):
    demo = filled(site, kind)
    archive = site.checkout("/demo")
    assert archive["demo/box/one"] == b"one"
    assert archive["demo/box/two/three"] == b"three"
    assert b"Box" in archive["demo/@@Zope/Extra/box/title"]
    plain = dottedname(File)
    archive.edit("demo/box/one", b"eins")
    archive.add("demo/box/four", b"four", type=plain, factory=plain)
    archive.remove("demo/box/two/three")
    site.accept("/demo", archive)
    assert demo["box"]["one"].data == b"eins"
    assert demo["box"]["four"].data == b"four"
    assert set(demo["box"]) == {"one", "two", "four"}
    assert not demo["box"]["two"]

    # What is registered for containers with an order is for editors.
    seen = [path for path in site.checkout("/demo", "editor") if "/box" in path]
    assert bool(seen) == (kind is Row)


@pytest.mark.parametrize("kind", DERIVED)
@pytest.mark.usefixtures("offered")
def test_a_checkin_beside_makes_the_same_container(site, kind):
    demo = filled(site, kind)
    demo["empty"] = kind()
    demo["empty"].title = "None yet"
    site.commit()
    archive = site.checkout("/demo")
    path = "/@@checkin.snarf?name=copy&src=demo"
    answer = site.request("POST", path, "manager", archive.dump())
    assert answer.status_int == 200, answer.text
    copy = site.root["copy"]
    for name in ("box", "empty"):
        assert type(copy[name]) is kind
        assert copy[name].title == demo[name].title
        assert list(copy[name]) == list(demo[name])
        assert len(copy[name]) == len(list(copy[name].keys()))
        assert vars(copy[name]).keys() == vars(demo[name]).keys()
    if kind is Catalogue:
        assert copy["box"].settings == {"first": "one"}
    assert copy["box"]["one"].data == b"one"
    assert copy["box"]["two"]["three"].data == b"three"


@pytest.mark.usefixtures("offered")
def test_an_update_has_the_items_that_are_new(site):
    demo = filled(site, Catalogue)
    before = site.checkout("/demo")
    demo["box"]["new"] = File(b"new", "text/plain")
    demo["box"].settings["second"] = "two"
    demo["box"]["two"]["four"] = File(b"four", "text/plain")
    site.commit()
    after = site.checkout("/demo")
    changed = {path for path in after if after.get(path) != before.get(path)}
    assert {"demo/box/new", "demo/box/two/four"} <= changed
    assert "demo/@@Zope/Extra/box/settings" in changed
    assert "demo/@@Zope/Extra/box/_length" not in after
    assert "demo/@@Zope/Extra/box/_tree" not in after


@pytest.mark.usefixtures("offered")
def test_the_attribute_that_holds_the_items_is_refused(site):
    demo = filled(site, Catalogue)
    archive = site.checkout("/demo")
    text = b"<pickle><dictionary/></pickle>"
    archive.add("demo/@@Zope/Extra/box/_tree", text, type="builtins.dict")
    answer = site.submit("/demo", archive)
    assert "'_tree' holds the items" in answer.text
    assert set(demo["box"]) == {"one", "two"}


@pytest.mark.parametrize(
    "kind", [Whole, SiteManagementFolder, PluggableAuthentication, PrincipalFolder]
)
def test_a_class_that_wants_a_synchronizer_of_its_own_is_a_pickle(site, kind):
    demo = site.root["demo"] = Folder()
    demo["box"] = kind()
    site.commit()
    assert site.checkout("/demo")["demo/box"].startswith(b"<?xml")
