"""Objects come to provide what is declared as a marker, or offered as one by Zope."""

import pytest
import transaction
from Acquisition import aq_base
from OFS.interfaces import IFolder
from Products.Five.utilities.marker import MarkerInterfacesAdapter
from zope.annotation.interfaces import IAttributeAnnotatable
from zope.component import getGlobalSiteManager
from zope.component import provideUtility
from zope.interface import Attribute
from zope.interface import Interface
from zope.interface import alsoProvides
from zope.interface import directlyProvidedBy
from zope.interface.interfaces import IInterface

from zope.app.fssync.hosts.ofs.content.tests import samples
from zope.app.fssync.testing.ofs.site import calling
from zope.fssync.interfaces import IMarker
from zope.fssync.synchronizer import dottedname
from zope.fssync.task.commit import CommitFailed


class IFeatured(Interface):
    """A marker."""


class IFeaturedFolder(IFolder):
    """A marker of folders."""


class IFeaturedMore(IFeatured):
    """A marker of what has a marker."""


class IContent(Interface):
    """No marker: it promises something."""

    text = Attribute("A text.")


class IMoreContent(IContent):
    """No marker either: what it extends promises something."""


OFFERED = [IFeatured, IFeaturedMore]
OTHERS = [IFeaturedFolder, IContent, IMoreContent, IAttributeAnnotatable]


@pytest.fixture
def registered(types):
    for interface in (*OFFERED, *OTHERS):
        provideUtility(interface, IInterface, dottedname(interface))
    yield
    for interface in (*OFFERED, *OTHERS):
        getGlobalSiteManager().unregisterUtility(
            interface, IInterface, dottedname(interface)
        )


def provide(site, obj, *interfaces):
    files = site.checkout("/folder")
    names = " ".join(map(dottedname, interfaces))
    files.entry(f"folder/{obj.getId()}", provides=names)
    try:
        site.commit("/folder", files)
    except CommitFailed:
        transaction.abort()
        raise


@pytest.mark.parametrize("interface", OFFERED)
def test_interfaces_that_zope_offers_as_markers_can_be_provided(
    site, registered, interface
):
    obj = site.make(samples.text_file)
    with calling(site.app, "manager"):
        assert interface in MarkerInterfacesAdapter(obj).getAvailableInterfaces()
    provide(site, obj, interface)
    assert set(directlyProvidedBy(aq_base(obj))) == {interface}


def test_a_marker_of_folders_is_one_of_folders(site, registered):
    obj = site.make(samples.plain_folder)
    provide(site, obj, IFeaturedFolder)
    assert set(directlyProvidedBy(aq_base(obj))) == {IFeaturedFolder}


@pytest.mark.parametrize("interface", OTHERS)
def test_no_other_is(site, registered, interface):
    obj = site.make(samples.text_file)
    with pytest.raises(CommitFailed):
        provide(site, obj, interface)
    assert not set(directlyProvidedBy(aq_base(obj)))


def test_a_declared_one_is(site, registered):
    obj = site.make(samples.text_file)
    with pytest.raises(CommitFailed, match="not allowed as an interface"):
        provide(site, obj, IContent)
    provideUtility(IContent, IMarker, dottedname(IContent))
    try:
        provide(site, obj, IContent)
    finally:
        getGlobalSiteManager().unregisterUtility(
            IContent, IMarker, dottedname(IContent)
        )
    assert set(directlyProvidedBy(aq_base(obj))) == {IContent}


def test_objects_an_object_provides_already_stay(site, registered):
    obj = site.make(samples.text_file)
    alsoProvides(aq_base(obj), IAttributeAnnotatable, IContent)
    transaction.commit()
    files = site.checkout("/folder")
    files.edit("folder/a.txt", b"new")
    site.commit("/folder", files)
    assert set(directlyProvidedBy(aq_base(obj))) == {IAttributeAnnotatable, IContent}


def test_nothing_vital_is_a_marker_whatever_zope_offers(site, types):
    """Each of the registered interfaces, on a file and on a folder."""
    for sample in (samples.text_file, samples.plain_folder):
        obj = site.make(sample)
        with calling(site.app, "manager"):
            offered = MarkerInterfacesAdapter(obj).getAvailableInterfaces()
        for name, interface in getGlobalSiteManager().getUtilitiesFor(IInterface):
            if interface.providedBy(obj):
                continue
            try:
                provide(site, obj, interface)
            except CommitFailed:
                continue
            provided = set(directlyProvidedBy(aq_base(obj)))
            # Folders do not become sites, or the root, by what their entry says.
            assert not provided or interface in offered, name
            package = interface.__module__.partition(".")[0]
            assert not provided or package not in ("AccessControl", "OFS", "zope"), name
