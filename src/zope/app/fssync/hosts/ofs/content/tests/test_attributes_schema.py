"""Items of Zope that have a schema need no code."""

from __future__ import annotations

import pytest
from OFS.SimpleItem import SimpleItem
from zope.configuration import xmlconfig
from zope.interface import Interface
from zope.interface import implementer
from zope.schema import Int
from zope.schema import Text
from zope.schema import TextLine

import zope.app.fssync
from zope.app.fssync.testing.registrations import adapters_undone
from zope.fssync.errors import SynchronizationError

ZCML = """
<configure xmlns="http://namespaces.zope.org/zope"
           xmlns:fssync="http://namespaces.zope.org/fssync">
  <fssync:synchronizer
      for="{here}.Wine"
      schema="{here}.IWine"
      body="notes"
      permission="zope2.ViewManagementScreens"
      write="zope2.ManageProperties"
      />
</configure>
"""


class IWine(Interface):
    label = TextLine(title="Label", default="")
    year = Int(title="Year", min=1900, required=False)
    notes = Text(title="Notes", default="")


@implementer(IWine)
class Wine(SimpleItem):
    label = ""
    year = None
    notes = ""

    def __init__(self, id=""):
        self.id = id


@pytest.fixture
def wine(site):
    with adapters_undone():
        xmlconfig.string(
            ZCML.format(here=__name__), xmlconfig.file("meta.zcml", zope.app.fssync)
        )

        def make(folder):
            folder._setObject("red", Wine("red"))
            folder.red.label, folder.red.year = "A red one", 2019
            folder.red.notes = "With cheese.\n"
            folder.red.cellar = "left"
            folder.red.manage_permission("View", ["Manager"])
            folder.red.manage_setLocalRoles("reader", ["Owner"])
            return "red"

        yield site.make(make)


FIELDS = "folder/@@Zope/Extra/red/fields"


def test_the_fields_are_lines_and_one_is_the_body(wine, site):
    files = site.checkout("/folder")
    assert files["folder/red"] == b"With cheese.\n"
    assert files[FIELDS] == b"label = A red one\nyear = 2019\n"
    files.edit("folder/red", b"With bread.\n")
    files.edit(FIELDS, b"label = Another\nyear = 2020\n")
    site.commit("/folder", files)
    assert (wine.notes, wine.label, wine.year) == ("With bread.\n", "Another", 2020)
    assert wine.cellar == "left"
    files = site.checkout("/folder")
    files.edit(FIELDS, b"year = 1066\n")
    with pytest.raises(SynchronizationError, match="Value is too small"):
        site.commit("/folder", files)


def test_permissions_and_roles_are_no_fields_of_a_schema(wine, site):
    files = site.checkout("/folder")
    extras = [path for path in files if path.startswith("folder/@@Zope/Extra/red/")]
    assert {path.rpartition("/")[2] for path in extras} == {
        *("Entries.xml", "cellar", "fields", "permissions", "roles-local")
    }
    files.edit(FIELDS, b"label = Another\nyear = 2020\n")
    site.commit("/folder", files)
    assert wine._View_Permission == ("Manager",)
    assert wine.get_local_roles_for_userid("reader") == ("Owner",)


@pytest.mark.parametrize(
    "name",
    [
        "_View_Permission",
        "_owner",
        "__ac_local_roles__",
        "_proxy_roles",
        "id",
        "x__roles__",
    ],
)
def test_attributes_schema_cannot_be_set_as_data_either(wine, site, name):
    files = site.checkout("/folder")
    files.add(
        f"folder/@@Zope/Extra/red/{name}",
        b"<pickle><tuple><unicode>Anonymous</unicode></tuple></pickle>",
        type="builtins.tuple",
    )
    with pytest.raises(SynchronizationError, match="is not mere data"):
        site.commit("/folder", files)
    assert wine._View_Permission == ("Manager",)


def test_a_copy_has_the_fields_and_the_data(wine, site, other):
    files = site.checkout("/folder")
    other.checkin(files, "folder")
    copy = other.app.folder.red
    assert (copy.getId(), copy.label, copy.notes) == (
        *("red", "A red one", "With cheese.\n"),
    )
    assert copy.cellar == "left"
