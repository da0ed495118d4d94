"""New content is made by its portal type, or as name and folder suggest."""

from __future__ import annotations

import base64

import pytest

pytestmark = pytest.mark.slow

#: An image of one pixel.
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9"
    "awAAAABJRU5ErkJggg=="
)

LOOK = """
obj = site[{folder!r}][{name!r}]
print(obj.portal_type, repr(obj.title), obj.creators)
print(len(site.portal_catalog.unrestrictedSearchResults(UID=obj.UID())))
"""


def look(plone, editor, name):
    return plone.run(LOOK.format(folder=editor.name, name=name))


@pytest.mark.oldest
def test_a_type_is_named_by_its_portal_type(editor, plone):
    editor.path("garden").write_text("<h1>Plants</h1>\n")
    editor.zsync("add", "-f", "Document", f"{editor.name}/garden")

    editor.commit()

    assert look(plone, editor, "garden") == "Document 'garden' ('zsync',)\n1\n"
    assert "uid = " in editor.part("garden", "identity").read_text()
    assert editor.zsync("status", editor.name) == ""


@pytest.mark.oldest
@pytest.mark.parametrize(
    ("name", "data", "type"),
    [
        ("plan.html", b"<p>A plan</p>", "Document"),
        ("list.csv", b"a,b\n", "File"),
        ("red.png", PNG, "Image"),
    ],
)
def test_a_suffix_says_what_is_likely(editor, plone, name, data, type):
    editor.path(name).write_bytes(data)
    editor.zsync("add", f"{editor.name}/{name}")

    editor.commit()

    assert look(plone, editor, name).startswith(f"{type} '{name}'")


@pytest.mark.oldest
def test_a_directory_becomes_a_folder_with_its_content(editor, plone):
    editor.path("new").mkdir()
    editor.path("new/page.html").write_text("<p>Below</p>")
    editor.zsync("add", f"{editor.name}/new")

    editor.commit()

    said = plone.run(f"print(site[{editor.name!r}].new['page.html'].text.raw)")
    assert said == "<p>Below</p>\n"


def test_types_that_the_add_menu_does_not_offer_are_refused(editor, plone):
    plone.run(
        "from plone.base.interfaces.constrains import ISelectableConstrainTypes\n"
        f"types = ISelectableConstrainTypes(site[{editor.name!r}])\n"
        "types.setConstrainTypesMode(1)\n"
        "types.setLocallyAllowedTypes(['Document'])\n"
        "types.setImmediatelyAddableTypes(['Document'])\n"
    )
    editor.zsync("update", editor.name)
    editor.path("link2").write_text("remoteUrl = https://zope.dev\n")

    said = editor.zsync("add", "-f", "Link", f"{editor.name}/link2", status=1)

    assert "no type is called 'Link' there" in said


@pytest.mark.oldest
@pytest.mark.parametrize("options", [("-f", "Document"), ()], ids=["type", "likely"])
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("layout", "layout is reserved"),
        ("a<b", 'The id "a<b" contains characters illegal in URLs'),
        ("_x", "begins with an underscore"),
    ],
)
def test_a_name_that_the_form_refuses_is_refused(editor, options, name, said):
    editor.path(name).write_text("<p>x</p>")
    editor.zsync("add", *options, f"{editor.name}/{name}")

    assert said in editor.commit(status=6)


def test_a_directory_has_no_name_that_is_reserved(editor):
    editor.path("layout").mkdir()
    editor.zsync("add", f"{editor.name}/layout")

    assert "layout is reserved" in editor.commit(status=6)


def test_an_unknown_type_is_refused(editor):
    editor.path("x").write_text("<p>x</p>")

    said = editor.zsync("add", "-f", "Nonsense", f"{editor.name}/x", status=1)

    assert "no type is called 'Nonsense' there" in said


FOLDERISH = """
from plone.dexterity.fti import DexterityFTI
if "Chapter" not in site.portal_types:
    site.portal_types._setObject("Chapter", DexterityFTI(
        "Chapter", title="Chapter", klass="plone.dexterity.content.Container",
        global_allow=True, add_permission="cmf.AddPortalContent",
        behaviors=("plone.basic",),
    ))
"""


def test_a_file_is_no_container(editor, plone):
    plone.run(FOLDERISH)
    editor.path("one").write_text("<p>One</p>\n")
    editor.path("two").mkdir()
    editor.zsync("add", "-f", "Chapter", f"{editor.name}/one", f"{editor.name}/two")

    assert "is a directory, and this is a file" in editor.commit(status=6)

    editor.zsync("revert", f"{editor.name}/one")
    editor.commit()
    said = plone.run(f"print(site[{editor.name!r}].two.portal_type)")
    assert said == "Chapter\n"


PAGES = """
site.portal_types.Document.klass = {klass!r}
"""


def test_a_page_that_is_a_container_is_made_of_a_directory(editor, plone):
    # As plone.volto has them.
    plone.run(PAGES.format(klass="plone.dexterity.content.Container"))
    try:
        editor.path("one").write_text("<p>One</p>\n")
        editor.zsync("add", f"{editor.name}/one")
        assert "is a directory, and this is a file" in editor.commit(status=6)
    finally:
        plone.run(PAGES.format(klass="plone.app.contenttypes.content.Document"))


ONLY_HERE = """
from plone import api
from plone.dexterity.fti import DexterityFTI
site.portal_types._setObject("Local", DexterityFTI(
    "Local", title="Local", klass="plone.dexterity.content.Item", global_allow=True,
    add_permission="cmf.AddPortalContent", behaviors=("plone.basic",),
))
api.content.create(site[{name!r}], "Local", "local", title="Local")
"""


@pytest.mark.oldest
def test_a_type_that_another_site_lacks_is_named(editor, plone):
    plone.run(ONLY_HERE.format(name=editor.name))
    editor.zsync("update", editor.name)

    live = editor.url.replace("/Plone/", "/Live/")
    said = editor.zsync("checkin", live, editor.name, status=6)

    assert f"{editor.name}/local: the site has no content type 'Local'" in said
