"""The directory of the setup tool is a profile that an add-on can have."""

from __future__ import annotations

import shutil

import pytest

from zope.app.fssync.testing.person import Person

pytestmark = [pytest.mark.slow, pytest.mark.oldest]

#: Imports the working copy as the profile of an add-on, and writes types anew.
IMPORT = """
from Products.GenericSetup.context import DirectoryImportContext
from zope.app.fssync.hosts.plone.profile import Profile
from zope.app.fssync.hosts.plone.profilesteps import STEPS
tool = site.portal_setup
for step in STEPS:
    if step.prunes:
        # Not all of these can be read back by GenericSetup.
        continue
    tool.getImportStep(step.imported)(DirectoryImportContext(tool, {place!r}))
for name in {names!r}:
    print(Profile(tool).read(name).decode() == open({place!r} + "/" + name).read())
"""


def test_a_working_copy_is_a_profile(settings, plone):
    settings.zsync("update", "portal_setup")
    names = ["types.xml", "types/Link.xml", "workflows.xml", "rolemap.xml"]

    said = plone.run(IMPORT.format(place=str(settings.top), names=names))

    assert said == "True\n" * len(names)
    settings.zsync("update", "portal_setup")


def test_a_site_leads_to_its_profile(plone):
    names = plone.request("GET", "/Plone/portal_setup/@@list.snarf").text

    assert "types.xml" in names
    assert "workflows" in names


def test_no_browser_sees_a_file(plone):
    assert plone.request("GET", "/Plone/portal_setup/types.xml").status == 404


NAMED = """
from zope.app.fssync.hosts.plone.profile import Profile
tool, exported = site.portal_setup, []
class Counting(Profile):
    def _export(self, step):
        exported.append(step.prefix)
        return super()._export(step)
names = ("import-all.log", "nothing/x", "types/Link.xml", "types", "types/Nothing.xml")
print([Counting(tool).is_directory(name) for name in names], exported)
"""


def test_a_missing_file_is_told_without_an_export(plone):
    # Nor is more exported than a file is part of.
    said = plone.run(NAMED)
    assert said == "[None, None, False, True, None] ['types']\n"


#: Copies a type under another name.
NEW_TYPE = """
types = site.portal_types
types.manage_pasteObjects(types.manage_copyObjects(["Link"]))
types.manage_renameObject("copy_of_Link", "Shortcut")
types.Shortcut.title = "A shortcut"
"""


def test_a_file_of_another_site_is_committed_with_its_description(plone, tmp_path):
    plone.run(NEW_TYPE)
    person = Person(tmp_path / "person")
    login = plone.url.replace("//", "//zsync:zsync@")
    for name in ("Plone", "Live"):
        person.zsync("checkout", f"{login}/{name}/portal_setup", name)
    here, there = (person.place / each / "portal_setup" for each in ("Plone", "Live"))
    for name in ("types.xml", "types/Shortcut.xml", "types/@@Shortcut.xml.meta"):
        shutil.copy(here / name, there / name)
    assert "ProfileFile" in (there / "types/@@Shortcut.xml.meta").read_text()

    person.zsync("add", "Live/portal_setup/types/Shortcut.xml")
    person.zsync("commit", "Live")

    found = plone.run("print(app.Live.portal_types.Shortcut.title)")
    assert found == "A shortcut\n"
    assert person.zsync("status", "Live") == ""
    assert (there / "types/Shortcut.xml").read_bytes() == (
        here / "types/Shortcut.xml"
    ).read_bytes()
    for site in ("site", "app.Live"):
        plone.run(f"{site}.portal_types.manage_delObjects(['Shortcut'])")


OLD = """
from zope.app.fssync.hosts.plone.host import PloneHost
from zope.app.fssync.server.changes.history import History
from zope.app.fssync.server.changes.past import reading
from zope.app.fssync.hosts.plone.profile import Profile
tool, history = site.portal_setup, History(app._p_jar)
for tid in ({tid!r}, history.now.hex()):
    with reading(tool, PloneHost(), history, bytes.fromhex(tid)) as then:
        print(b"Of old" in Profile(then).read("types/Link.xml"))
print(b"Of old" in Profile(tool).read("types/Link.xml"))
"""


@pytest.mark.parametrize("user", ["zsync:zsync", "manager:secret-1234"])
def test_old_settings_are_checked_out(plone, tmp_path, user):
    plone.run(MANAGER)
    person = Person(tmp_path / "person")
    url = f"{plone.url.replace('//', f'//{user}@')}/Plone/portal_setup"
    plone.run("site.portal_types.Link.title = 'Of old'")
    checked_out = person.zsync("checkout", url, "now").splitlines()[-1]
    tid = checked_out.rpartition(" ")[2].strip(".").removeprefix("0x")
    plone.run("site.portal_types.Link.title = 'Link'")

    person.zsync("checkout", "-r", tid, url, "then")

    then, now = (person.place / each / "portal_setup" for each in ("then", "now"))
    for name in ("types/Link.xml", "rolemap.xml", "workflows.xml", "registry.xml"):
        assert (then / name).read_bytes() == (now / name).read_bytes()
    # In one request each state is another.
    assert plone.run(OLD.format(tid=tid)) == "True\nFalse\nFalse\n"


MANAGER = """
from plone import api
if api.user.get("manager") is None:
    api.user.create(email="m@example.com", username="manager", password="secret-1234")
    site.acl_users.portal_role_manager.doAssignRoleToPrincipal("manager", "Manager")
"""
