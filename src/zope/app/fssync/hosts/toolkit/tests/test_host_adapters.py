"""Adapters to `ISynchronizer`: whose permission counts, and what is inherited."""

from __future__ import annotations

import pytest
from persistent import Persistent
from zope.annotation.interfaces import IAttributeAnnotatable
from zope.app.file.file import File
from zope.component.factory import Factory
from zope.configuration import xmlconfig
from zope.configuration.exceptions import ConfigurationError
from zope.container.contained import Contained
from zope.interface import Interface
from zope.interface import implementer
from zope.securitypolicy.interfaces import IPrincipalPermissionManager
from zope.site.folder import Folder
from zope.site.site import LocalSiteManager

from zope.app.fssync.protocol.headers import WITHHELD
from zope.app.fssync.testing.registrations import adapters_undone
from zope.fssync.interfaces import ISynchronizer
from zope.fssync.synchronizer import Extras
from zope.fssync.synchronizer import FileSynchronizer

ZCML = """
<configure xmlns="http://namespaces.zope.org/zope"
           xmlns:fssync="http://namespaces.zope.org/fssync">
  <include package="zope.component" file="meta.zcml" />
  <include package="zope.security" file="meta.zcml" />
  <include package="zope.security" file="permissions.zcml" />
  <include package="zope.app.fssync" file="meta.zcml" />
  {}
</configure>"""


class IPage(Interface):
    """Something with a text."""


@implementer(IPage, IAttributeAnnotatable)
class Page(Contained, Persistent):
    text = "text"


class Special(Page):
    """A page with more."""

    def __init__(self):
        self.colour = "red"


class ShopFolder(Folder):
    """A folder with more."""

    owner = None


OFFERED = Factory(ShopFolder)


class PageSynchronizer(FileSynchronizer):
    self_contained = True

    def dump(self, writeable):
        writeable.write(self.context.text.encode())

    def load(self, readable):
        self.context.text = readable.read().decode()


class Declared(PageSynchronizer):
    """What can be done with it is declared."""

    def extras(self):
        return Extras(text=self.context.text)


NAME = __name__

ADAPTER = f"""<adapter for="{NAME}.{{0}}" factory="{NAME}.{{1}}" {{2}}
              provides="zope.fssync.interfaces.ISynchronizer" />"""

DIRECTIVE = f"""<fssync:synchronizer for="{NAME}.{{0}}" factory="{NAME}.{{1}}" {{2}}
              />"""

DECLARED = f"""<class class="{NAME}.Declared">
  <require permission="zope.View" interface="zope.fssync.interfaces.IFileSerializer" />
  <require permission="zope.ManageContent"
           interface="zope.fssync.interfaces.IFileDeserializer" />
</class>"""


@pytest.fixture
def demo(site):
    demo = site.root["demo"] = Folder()
    demo["page"] = Page()
    demo["special"] = Special()
    demo["a.txt"] = File(b"a", "text/plain")
    site.commit()
    with adapters_undone():
        yield site


def configure(*directives):
    xmlconfig.string(ZCML.format("\n".join(directives)))


def seen(site, user):
    return set(site.checkout("/demo", user)) & {"demo/page", "demo/special"}


def write(site, user, path="demo/page"):
    archive = site.checkout("/demo", "manager")
    archive.edit(path, b"changed")
    return site.submit("/demo", archive, user).status_int


READ_AND_WRITE = 'permission="zope.View" write="zope.ManageContent"'


@pytest.mark.parametrize("for_", ["Page", "IPage"])
def test_a_directive_says_who_may_what(demo, for_):
    configure(DIRECTIVE.format(for_, "PageSynchronizer", READ_AND_WRITE))
    assert seen(demo, "reader") == {"demo/page", "demo/special"}
    assert write(demo, "reader") == 403
    assert demo.root["demo"]["page"].text == "text"
    assert write(demo, "editor") == 200
    assert demo.root["demo"]["page"].text == "changed"


def test_a_user_who_may_not_read_sees_nothing(demo):
    configure(
        DIRECTIVE.format("IPage", "PageSynchronizer", 'permission="zope.ManageSite"')
    )
    assert seen(demo, "editor") == set()
    answer = demo.request("GET", "/demo/@@toFS.snarf", "editor")
    assert WITHHELD in answer.headers
    assert seen(demo, "manager") == {"demo/page", "demo/special"}


def test_permissions_are_those_in_the_place(demo):
    configure(DIRECTIVE.format("IPage", "PageSynchronizer", READ_AND_WRITE))
    denials = IPrincipalPermissionManager(demo.root["demo"]["page"])
    denials.denyPermissionToPrincipal("zope.View", "zope.reader")
    denials.denyPermissionToPrincipal("zope.ManageContent", "zope.editor")
    demo.commit()
    assert seen(demo, "reader") == {"demo/special"}
    assert write(demo, "editor") == 403
    assert write(demo, "editor", "demo/special") == 200


@pytest.mark.parametrize("trusted", ['trusted="true"', ""])
@pytest.mark.parametrize("template", [ADAPTER, DIRECTIVE])
def test_without_a_word_on_writing_it_is_as_for_pickles(demo, template, trusted):
    said = 'permission="zope.View" '
    said += trusted if template is ADAPTER else ""
    configure(template.format("IPage", "PageSynchronizer", said))
    assert seen(demo, "reader") == {"demo/page", "demo/special"}
    assert write(demo, "editor") == 403
    assert write(demo, "manager") == 200


@pytest.mark.parametrize("said", ['permission="zope.View"', 'trusted="true"'])
def test_declarations_of_the_class_count(demo, said):
    configure(ADAPTER.format("IPage", "Declared", said), DECLARED)
    assert seen(demo, "reader") == {"demo/page", "demo/special"}
    assert write(demo, "reader") == 403
    assert write(demo, "editor") == 200


def test_a_trusted_adapter_without_a_word_is_for_managers(demo):
    configure(ADAPTER.format("IPage", "PageSynchronizer", 'trusted="true"'))
    assert seen(demo, "editor") == set()
    assert seen(demo, "manager") == {"demo/page", "demo/special"}


def test_an_adapter_for_everybody_guards_the_object_itself(demo):
    configure(ADAPTER.format("IPage", "PageSynchronizer", ""))
    answer = demo.request("GET", "/demo/page/@@toFS.snarf", "reader")
    # Nobody may read an attribute of a class without declarations.
    assert answer.status_int in (403, 500)
    assert b"text" not in answer.body.split(b"\n")


def test_additional_attributes_of_a_subclass_are_kept(demo):
    configure(DIRECTIVE.format("Page", "PageSynchronizer", READ_AND_WRITE))
    extra = "demo/@@Zope/Extra/special/colour"
    archive = demo.checkout("/demo")
    assert archive["demo/special"] == b"text"
    assert b"red" in archive[extra]
    archive.edit(extra, archive[extra].replace(b"red", b"blue"))
    archive.edit("demo/special", b"new")
    demo.accept("/demo", archive)
    special = demo.root["demo"]["special"]
    assert (special.colour, special.text) == ("blue", "new")
    # What nobody described is for site managers, as a pickle is.
    assert extra not in demo.checkout("/demo", "editor")


def test_a_registration_is_not_inherited(demo):
    said = f'{READ_AND_WRITE} inherit="no"'
    configure(DIRECTIVE.format("Page", "PageSynchronizer", said))
    archive = demo.checkout("/demo")
    assert archive["demo/page"] == b"text"
    assert archive["demo/special"].startswith(b"<?xml")


def test_a_folder_of_another_class_is_a_directory(demo):
    shop = demo.root["demo"]["shop"] = ShopFolder()
    shop.owner = None
    shop.currency = "EUR"
    shop["a.txt"] = File(b"a", "text/plain")
    demo.commit()
    archive = demo.checkout("/demo")
    assert archive["demo/shop/a.txt"] == b"a"
    assert b"EUR" in archive["demo/@@Zope/Extra/shop/currency"]
    archive.edit("demo/shop/a.txt", b"b")
    archive = demo.accept("/demo", archive, "editor")
    assert demo.root["demo"]["shop"]["a.txt"].data == b"b"
    assert type(demo.root["demo"]["shop"]) is ShopFolder


def test_a_content_type_says_what_is_no_text(demo):
    said = f'{READ_AND_WRITE} content_type="image/png"'
    configure(DIRECTIVE.format("Page", "PageSynchronizer", said))
    entries = demo.checkout("/demo").entries("demo")
    assert entries["page"]["binary"] == "true"
    assert entries["page"]["factory"] == f"{NAME}.Page"


def test_objects_are_made_by_a_registered_class(demo):
    configure(DIRECTIVE.format("Page", "PageSynchronizer", READ_AND_WRITE))
    archive = demo.checkout("/demo")
    archive.add("demo/new", b"new", factory=f"{NAME}.Page")
    demo.accept("/demo", archive, "editor")
    assert demo.root["demo"]["new"].text == "new"
    archive = demo.checkout("/demo")
    archive.add("demo/other", b"new", factory=f"{NAME}.Special")
    answer = demo.submit("/demo", archive)
    assert answer.status_int == 400
    assert "is not allowed as a factory" in answer.text


def test_a_derived_class_is_made_once_it_is_offered(demo):
    demo.root["demo"]["shop"] = shop = ShopFolder()
    shop.currency = "EUR"
    shop["a.txt"] = File(b"a", "text/plain")
    demo.root["beside"] = Folder()
    demo.commit()
    data = demo.checkout("/demo/shop").dump()
    check_in = ("POST", "/beside/@@checkin.snarf?name=shop", "manager", data)
    answer = demo.request(*check_in)
    assert answer.status_int == 400
    offer = f'<fssync:offer class="{NAME}.ShopFolder" />'
    assert offer in answer.text
    configure(offer)
    answer = demo.request(*check_in)
    assert answer.status_int == 200, answer.text
    made = demo.root["beside"]["shop"]
    assert (type(made), made.currency, made["a.txt"].data) == (ShopFolder, "EUR", b"a")


def test_an_offer_may_require_a_permission(demo):
    configure(f"""<utility component="{NAME}.OFFERED" permission="zope.ManageSite"
        provides="zope.component.interfaces.IFactory" name="{NAME}.ShopFolder" />""")
    archive = demo.checkout("/demo")
    archive.add("demo/new", factory=f"{NAME}.ShopFolder")
    assert demo.submit("/demo", archive, "editor").status_int == 403
    answer = demo.request("POST", "/demo/@@types.snarf", "editor", b"")
    assert f'"{NAME}.ShopFolder"' not in answer.text
    demo.accept("/demo", archive, "manager")
    assert type(demo.root["demo"]["new"]) is ShopFolder


class Generator:
    """Makes pages in their place."""

    def create(self, context, name):
        context[name] = Page()
        return context[name]


def test_a_generator_may_require_a_permission(demo):
    configure(
        DIRECTIVE.format("Page", "PageSynchronizer", READ_AND_WRITE),
        f"""<utility factory="{NAME}.Generator" permission="zope.ManageSite"
            provides="zope.fssync.interfaces.IObjectGenerator" name="{NAME}.Page" />""",
    )
    archive = demo.checkout("/demo")
    archive.add("demo/new", b"new", factory=f"{NAME}.Page")
    answer = demo.submit("/demo", archive, "editor")
    assert answer.status_int == 403
    assert "demo/new: you may not make such an object: that needs" in answer.text
    demo.accept("/demo", archive, "manager")
    assert demo.root["demo"]["new"].text == "new"


@pytest.mark.parametrize(("for_", "offered"), [("Page", True), ("IPage", False)])
def test_a_class_is_among_the_types_that_can_be_made(demo, for_, offered):
    configure(DIRECTIVE.format(for_, "PageSynchronizer", READ_AND_WRITE))
    answer = demo.request("POST", "/demo/@@types.snarf", "editor", b"")
    assert (f'"{NAME}.Page"' in answer.text) == offered


def test_a_directive_without_a_permission_is_refused():
    with pytest.raises(ConfigurationError, match="say who may read"):
        configure(DIRECTIVE.format("Page", "PageSynchronizer", ""))


class Shouting(PageSynchronizer):
    """What a site has instead."""

    def dump(self, writeable):
        writeable.write(self.context.text.upper().encode())


class Guarded(Page):
    """A page whose class says who may what."""


GUARDED = f"""<class class="{NAME}.Guarded">
  <require permission="zope.View" attributes="text" />
  <require permission="zope.ManageContent" set_attributes="text" />
</class>"""


@pytest.fixture
def local(demo):
    """A site in the demo folder, where pages are written in another way."""
    read_only = 'permission="zope.View" write="zope.ManageSite"'
    configure(DIRECTIVE.format("IPage", "PageSynchronizer", read_only), GUARDED)
    inner = demo.root["demo"]["inner"] = Folder()
    inner["page"] = Guarded()
    inner.setSiteManager(LocalSiteManager(inner))
    inner.getSiteManager().registerAdapter(Shouting, [IPage], ISynchronizer)
    demo.commit()
    return demo


def test_a_registration_of_a_site_counts_for_requests_to_that_site(local):
    assert local.checkout("/demo/inner")["inner/page"] == b"TEXT"
    assert local.checkout("/demo")["demo/inner/page"] == b"text"


def test_a_registration_of_a_site_lets_nobody_do_more_than_the_object(local):
    archive = local.checkout("/demo/inner", "reader")
    assert archive["inner/page"] == b"TEXT"
    archive.edit("inner/page", b"changed")
    assert local.submit("/demo/inner", archive, "reader").status_int == 403
    assert local.root["demo"]["inner"]["page"].text == "text"
    assert local.submit("/demo/inner", archive, "editor").status_int == 200
    assert local.root["demo"]["inner"]["page"].text == "changed"
