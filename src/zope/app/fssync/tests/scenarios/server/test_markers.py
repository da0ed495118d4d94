"""An interface is no content unless the application declared it as a marker."""

from __future__ import annotations

import pytest
from zope.annotation.interfaces import IAnnotations
from zope.app.file.file import File
from zope.app.file.interfaces import IFile
from zope.component import getSiteManager
from zope.component import getUtilitiesFor
from zope.configuration import xmlconfig
from zope.configuration.exceptions import ConfigurationError
from zope.container.contained import getProxiedObject
from zope.dublincore.interfaces import IZopeDublinCore
from zope.interface import Interface
from zope.interface import alsoProvides
from zope.interface import directlyProvidedBy
from zope.interface import implementedBy
from zope.interface.interfaces import IInterface
from zope.location.interfaces import IRoot
from zope.securitypolicy.interfaces import IPrincipalPermissionManager
from zope.site.folder import Folder

from zope.fssync.interfaces import IMarker
from zope.fssync.synchronizer import dottedname
from zope.fssync.xmlpickle import dumps

pytestmark = pytest.mark.slow

DUBLIN_CORE = "demo/@@Zope/Annotations/a.txt/zope.app.dublincore.ZopeDublinCore"
ZCML = """
<configure xmlns="http://namespaces.zope.org/zope"
           xmlns:fssync="http://namespaces.zope.org/fssync">
  <include package="zope.component" file="meta.zcml" />
  <include package="zope.app.fssync" file="meta.zcml" />
  {}
</configure>"""


class IFeatured(Interface):
    """Marks what is shown first."""


class IFeaturedFile(IFile, IFeatured):
    """Marks files that are shown first."""


class IAnnotated(IAnnotations):
    """An extension of an interface that rights depend on."""


def declare(interface):
    name = dottedname(interface)
    xmlconfig.string(ZCML.format(f'<fssync:marker interface="{name}" />'))


@pytest.fixture
def declared():
    """Have interfaces declared as markers, for one test."""
    done = []

    def declare_for_a_time(interface):
        declare(interface)
        done.append(interface)
        return dottedname(interface)

    yield declare_for_a_time
    for interface in done:
        getSiteManager().unregisterUtility(provided=IMarker, name=dottedname(interface))


@pytest.fixture
def demo(site):
    """A folder, and one that only managers may view; there is Dublin Core."""
    folder = site.root["demo"] = Folder()
    folder["a.txt"] = File(b"a", "text/plain")
    IZopeDublinCore(folder["a.txt"]).title = "A"
    folder["private"] = Folder()
    folder["private"]["secret.txt"] = File(b"secret", "text/plain")
    rights = IPrincipalPermissionManager(folder["private"])
    rights.denyPermissionToPrincipal("zope.View", "zope.anybody")
    rights.denyPermissionToPrincipal("zope.View", "zope.reader")
    site.commit()
    return site


def provided(site, path="a.txt"):
    return set(directlyProvidedBy(bare(site, path)))


def bare(site, path="a.txt"):
    return getProxiedObject(site.root["demo"][path])


def provide(site, name, path="a.txt", user="editor"):
    archive = site.checkout("/demo", user)
    archive.set_entry(f"demo/{path}", provides=name)
    return site.submit("/demo", archive, user)


class TestEntries:
    def test_nobody_gets_any_interface_that_is_not_declared(self, demo):
        """Whatever any package registered, on a file and on a folder, old and new."""
        names = sorted(name for name, _ in getUtilitiesFor(IInterface))
        assert len(names) > 300
        for user in ("editor", "manager"):
            archive = demo.checkout("/demo", user)
            for number, name in enumerate(names):
                for kind in (File, Folder):
                    if implementedBy(kind).isOrExtends(
                        getSiteManager().getUtility(IInterface, name)
                    ):
                        break
                    archive.add(
                        f"demo/{kind.__name__}{number}",
                        b"" if kind is File else None,
                        factory=dottedname(kind),
                        provides=name,
                    )
            response = demo.submit("/demo", archive, user)
            assert response.status_int >= 400
            refused = response.text.count("is not allowed as an interface")
            refused += response.text.count("cannot come with a submission")
            added = [
                path
                for path, entry in archive.entries("demo").items()
                if entry.get("flag") == "added"
            ]
            # Folders do not become sites, or the root, by what their entry says.
            named = {line.split(": ")[0] for line in response.text.splitlines()}
            rest = {each for each in added if f"demo/{each}" not in named}
            assert all(each.startswith("Folder") for each in rest)
            assert {
                names[int(each.removeprefix("Folder"))].rpartition(".")[2]
                for each in rest
            } <= {"ISite", "IRoot", "IRootFolder", "IContainmentRoot"}
            assert refused == len(added) - len(rest)

    @pytest.mark.parametrize(
        "name",
        [
            "zope.annotation.interfaces.IAnnotations",
            "zope.securitypolicy.interfaces.IPrincipalRoleMap",
        ],
    )
    def test_rights_stay_where_they_were(self, demo, name):
        """Grants were not found any more on a folder that provides its annotations."""
        path = "/demo/private/secret.txt/@@toFS.snarf"
        before = demo.request("GET", path, "reader").status_int
        assert before in (401, 403)
        assert provide(demo, name, "private").status_int == 400
        assert demo.request("GET", path, "reader").status_int == before
        assert demo.request("GET", path, "manager").status_int == 200

    def test_the_refusal_names_the_directive(self, demo):
        response = provide(demo, "zope.schema.interfaces.IIterableSource")
        assert response.status_int == 400
        assert (
            '<fssync:marker interface="zope.schema.interfaces.IIterableSource" />'
            in response.text
        )

    def test_a_declared_marker_is_added(self, demo, declared):
        name = declared(IFeaturedFile)
        assert provide(demo, name).status_int == 200
        assert provided(demo) == {IFeaturedFile}

    def test_objects_an_object_provides_already_stay(self, demo):
        alsoProvides(bare(demo), IFeatured, IRoot)
        demo.commit()
        archive = demo.checkout("/demo", "editor")
        archive.edit("demo/a.txt", b"b")
        demo.accept("/demo", archive, "editor")
        assert demo.root["demo"]["a.txt"].data == b"b"
        assert provided(demo) == {IFeatured, IRoot}

    def test_a_replacement_provides_the_markers_of_the_object(self, demo):
        getSiteManager().registerUtility(IFeatured, IInterface, dottedname(IFeatured))
        alsoProvides(bare(demo), IFeatured)
        demo.commit()
        archive = demo.checkout("/demo", "manager")
        kind = "zope.app.file.image.Image"
        archive.set_entry("demo/a.txt", type=kind, factory=kind)
        archive = demo.accept("/demo", archive, "manager")
        assert type(bare(demo)).__name__ == "Image"
        assert provided(demo) == {IFeatured}
        archive.set_entry("demo/private", provides=dottedname(IFeatured))
        assert demo.submit("/demo", archive, "manager").status_int == 400
        getSiteManager().unregisterUtility(IFeatured, IInterface, dottedname(IFeatured))

    @pytest.mark.parametrize(
        "vital",
        [IAnnotations, "zope.securitypolicy.interfaces.IPrincipalRoleMap"],
    )
    def test_a_marker_that_something_vital_is_adapted_by_is_refused(
        self, demo, declared, vital
    ):
        name = declared(IFeatured)
        registry = getSiteManager()
        if isinstance(vital, str):
            vital = registry.getUtility(IInterface, vital)
        registry.registerAdapter(lambda obj: None, (IFeatured,), vital)
        try:
            response = provide(demo, name)
        finally:
            registry.unregisterAdapter(None, (IFeatured,), vital)
        assert response.status_int == 400
        assert f"depend on {name}" in response.text
        assert provide(demo, name).status_int == 200

    @pytest.mark.parametrize("interface", [IAnnotations, IRoot, IAnnotated])
    def test_interfaces_with_rights_cannot_be_declared_as_markers(self, interface):
        with pytest.raises(ConfigurationError, match="no mere marker"):
            declare(interface)


class TestPickles:
    def test_an_annotation_declares_nothing_of_itself(self, demo):
        archive = demo.checkout("/demo", "editor")
        head, mark, rest = archive[DUBLIN_CORE].partition(b"<dictionary>")
        module, _, name = dottedname(IAnnotations).rpartition(".")
        planted = f"""<item key="__provides__"><initialized_object>
           <klass><global name="Provides" module="zope.interface.declarations"/></klass>
            <arguments><tuple>
              <global name="PersistentMapping" module="persistent.mapping"/>
              <global name="{name}" module="{module}"/>
            </tuple></arguments></initialized_object></item>""".encode()
        archive.edit(DUBLIN_CORE, head + mark + planted + rest)
        response = demo.submit("/demo", archive, "editor")
        assert response.status_int == 400, response.text
        assert "cannot come with a submission" in response.text

    @pytest.mark.parametrize("name", ["_byrow", "__parent__", "get", "__class__"])
    @pytest.mark.parametrize("user", ["editor", "manager"])
    def test_an_annotation_has_the_attributes_of_its_class(self, demo, name, user):
        """Grants were planted so, to be found by who takes the part for a map."""
        archive = demo.checkout("/demo", user)
        head, mark, rest = archive[DUBLIN_CORE].partition(b"<dictionary>")
        planted = f'<item key="{name}"><dictionary/></item>'.encode()
        archive.edit(DUBLIN_CORE, head + mark + planted + rest)
        response = demo.submit("/demo", archive, user)
        assert response.status_int == 400, response.text
        data = IAnnotations(bare(demo))["zope.app.dublincore.ZopeDublinCore"]
        assert dict(data) == {"Title": ("A",)}
        assert set(vars(data)) == {"data"}

    def test_a_pickle_declares_markers(self, demo, declared):
        """A manager's, for whole objects: what they provide is in the pickle."""
        featured = Folder()
        alsoProvides(featured, IFeatured)
        archive = demo.checkout("/demo", "manager")
        path = "demo/@@Zope/Annotations/a.txt/my.folder"
        archive.add(path, dumps({"a": featured}), type="builtins.dict")
        getSiteManager().registerUtility(IFeatured, IInterface, dottedname(IFeatured))
        response = demo.submit("/demo", archive, "manager")
        assert response.status_int == 400, response.text
        assert "<fssync:marker" in response.text
        declared(IFeatured)
        demo.accept("/demo", archive, "manager")
        getSiteManager().unregisterUtility(IFeatured, IInterface, dottedname(IFeatured))
