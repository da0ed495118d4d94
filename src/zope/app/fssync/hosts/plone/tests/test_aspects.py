"""Parts of content beside its fields: identity, display, sharing, files of fields."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.slow


def test_the_uid_of_an_object_stays(editor):
    identity = editor.part("page", "identity")
    identity.write_text("uid = 0123456789abcdef0123456789abcdef\n")

    assert "the UID of an object stays what it is" in editor.commit(status=6)


@pytest.mark.oldest
def test_display_and_what_can_be_added_are_lines(editor, plone):
    layout = editor.part("", "layout")
    layout.write_text(
        "layout = summary_view\ndefault_page = page\nconstrain_types_mode = 1\n"
        "locally_allowed_types\n    Document\n    Link\n"
        "immediately_addable_types\n    Document\n"
    )

    editor.commit()

    said = plone.run(
        f"folder = site[{editor.name!r}]\n"
        "print(folder.getLayout(), folder.getDefaultPage())\n"
        "print(sorted(each.getId() for each in folder.allowedContentTypes()))"
    )
    assert said == "summary_view page\n['Document', 'Link']\n"


def test_addable_types_are_set_by_users_whom_plone_lets_choose_them(somebody):
    """Also whoever may change the text and the display of a folder."""
    other = somebody("editor")
    layout = other.part("", "layout")
    layout.write_text("layout = summary_view\nconstrain_types_mode = 0\n")

    assert "layout: you are not allowed to do that" in other.commit(status=4)

    layout.write_text("layout = summary_view\n")
    other.commit()
    # A new folder belongs to whoever adds it.
    other.path("new").mkdir()
    other.zsync("add", f"{other.name}/new")
    new = other.part("new", "layout")
    new.write_text("constrain_types_mode = 0\nlayout = summary_view\n")
    other.zsync("add", f"{other.name}/new")
    other.commit()


def test_a_view_that_is_not_there_is_refused(editor):
    layout = editor.part("", "layout")
    layout.write_text("layout = no_view\n")

    assert "there is no view 'no_view'" in editor.commit(status=6)


@pytest.mark.oldest
def test_sharing_is_roles_below_a_user(editor, plone):
    sharing = editor.part("", "sharing")
    text = sharing.read_text() if sharing.exists() else ""
    sharing.write_text(f"{text}inherit = false\nreader\n    Reader\n")

    editor.commit()

    said = plone.run(
        f"folder = site[{editor.name!r}]\n"
        "print(folder.get_local_roles_for_userid('reader'))\n"
        "print(folder.__ac_local_roles_block__)\n"
        "brains = site.portal_catalog.unrestrictedSearchResults(UID=folder.UID())\n"
        "rid = brains[0].getRID()\n"
        "seen = site.portal_catalog.getIndexDataForRID(rid)['allowedRolesAndUsers']\n"
        "print('user:reader' in seen)"
    )
    assert said == "('Reader',)\nTrue\nTrue\n"


@pytest.mark.oldest
def test_the_image_of_a_news_item_is_a_file_beside_it(editor, plone):
    image = editor.part("news", "image")
    image.write_bytes(editor.path("pic.png").read_bytes())

    editor.commit()

    said = plone.run(
        f"image = site[{editor.name!r}].news.image\n"
        "print(image.filename, image.contentType, image.getImageSize())\n"
        f"print(image.data == site[{editor.name!r}]['pic.png'].image.data)"
    )
    assert said == "lead.png image/png (30, 20)\nTrue\n"


@pytest.mark.oldest
def test_a_uid_is_given_once_and_a_date_is_exact(editor, plone):
    """Also where two objects of one checkin claim it."""
    again = editor.part("link", "identity")
    again.write_text(editor.part("page", "identity").read_text())
    live = editor.url.replace("/Plone/", "/Live/")

    editor.zsync("checkin", live, editor.name)

    said = plone.run(
        f"one, two = site[{editor.name!r}], app.Live[{editor.name!r}]\n"
        "print(one.page.UID() in (two.page.UID(), two.link.UID()))\n"
        "print(two.page.UID() != two.link.UID())\n"
        "print(one.data.creation_date.asdatetime()"
        " == two.data.creation_date.asdatetime())\n"
        "print(len(app.Live.portal_catalog.unrestrictedSearchResults("
        "UID=one.page.UID())))\n"
    )
    assert said == "True\nTrue\nTrue\n1\n"
