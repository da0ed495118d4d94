"""Folders, and the site managers that some have."""

from __future__ import annotations

import pytest
from zope.app.file.file import File
from zope.component.interfaces import ISite
from zope.interface.verify import verifyObject
from zope.location.interfaces import IRoot
from zope.site.folder import Folder
from zope.site.site import LocalSiteManager

from zope.app.fssync.folder.adapter import FolderSynchronizer
from zope.app.fssync.folder.adapter import LocalSiteManagerGenerator
from zope.app.fssync.server.registration import registration
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import IDirectorySynchronizer
from zope.fssync.interfaces import IObjectGenerator
from zope.fssync.registry.synchronizers import find


def test_folders_keep_their_contracts():
    assert verifyObject(IDirectorySynchronizer, FolderSynchronizer(Folder()))
    assert verifyObject(IObjectGenerator, LocalSiteManagerGenerator())


def test_folders_have_it_on_a_site(site):
    found = find(Folder())
    assert found is not None
    assert registration(found.factory).factory is FolderSynchronizer


@pytest.mark.parametrize("interface", [ISite, IRoot])
def test_an_entry_makes_neither_a_site_nor_a_root(interface):
    folder = Folder()
    FolderSynchronizer(folder).provide(interface)
    assert not interface.providedBy(folder)


def test_a_generator_makes_the_site_manager_of_a_folder():
    folder = Folder()
    made = LocalSiteManagerGenerator().create(folder, "++etc++site")
    assert folder.getSiteManager() is made
    assert made.__parent__ is folder


def test_the_site_manager_is_one_item_more():
    folder = Folder()
    synchronizer = FolderSynchronizer(folder)
    folder["a"] = File()
    assert [key for key, _ in synchronizer.iteritems()] == ["a"]
    with pytest.raises(KeyError):
        synchronizer["++etc++site"]
    folder.setSiteManager(LocalSiteManager(folder, default_folder=False))
    assert [key for key, _ in synchronizer.iteritems()] == ["a", "++etc++site"]
    assert synchronizer["++etc++site"] is folder.getSiteManager()


def test_only_a_site_manager_becomes_one():
    with pytest.raises(SynchronizationError):
        FolderSynchronizer(Folder())["++etc++site"] = File()


def test_a_replaced_site_manager_is_linked_up_and_down():
    outer, inner = Folder(), Folder()
    outer.setSiteManager(LocalSiteManager(outer, default_folder=False))
    inner.__parent__ = outer
    inner.setSiteManager(LocalSiteManager(inner, default_folder=False))
    below, old = inner.getSiteManager(), outer.getSiteManager()
    below.__bases__ = (old,)
    new = LocalSiteManager(outer, default_folder=False)
    new.__bases__ = old.__bases__
    synchronizer = FolderSynchronizer(outer)
    del synchronizer["++etc++site"]
    assert below.__bases__ == old.__bases__
    synchronizer["++etc++site"] = new
    assert below.__bases__ == (new,)
    assert new.subs == (below,)


def test_names_the_container_refuses_are_refused(site):
    synchronizer = FolderSynchronizer(site.root)
    for name in ("@view", "+add", "a/b", ""):
        with pytest.raises(Exception, match=r".+"):
            synchronizer[name] = File()
        assert name not in site.root


def test_a_site_is_committed_and_can_be_removed(site):
    folder = site.root["demo"] = Folder()
    folder.setSiteManager(LocalSiteManager(folder))
    site.commit()
    archive = site.checkout("/demo")
    assert site.accept("/demo", archive) == archive
    path = "demo/++etc++site"
    archive.edit(path, archive[path].replace(b"default", b"special"))
    site.accept("/demo", archive)
    manager = site.root["demo"].getSiteManager()
    assert list(manager) == ["special"]
    assert manager.__parent__ == site.root["demo"]
    assert manager in site.root.getSiteManager().subs
    archive = site.checkout("/demo")
    archive.remove(path)
    site.accept("/demo", archive)
    assert site.root.getSiteManager().subs == ()
