"""Content is files: what is edited in them is what an edit form would have changed."""

from __future__ import annotations

import pytest

from zope.app.fssync.testing.controldata import listed

pytestmark = [pytest.mark.slow, pytest.mark.oldest]

#: What stays when an object is edited.
KEPT = """
from plone.uuid.interfaces import IUUID
from zc.relation.interfaces import ICatalog
from zope.component import getUtility
from zope.intid.interfaces import IIntIds
folder = site[{name!r}]
page = folder.page
intids = getUtility(IIntIds)
print(intids.getId(page), IUUID(page), page.creators, page.creation_date)
relations = getUtility(ICatalog).findRelations({{"from_id": intids.getId(page)}})
print([each.to_object.getId() for each in relations])
print(site.portal_workflow.getInfoFor(page, "review_state"))
print(folder.objectIds(), page.__ac_local_roles__)
"""

LATER = """
page = site[{name!r}].page
brain, = site.portal_catalog.unrestrictedSearchResults(
    path="/Plone/{name}/page", Title="edited"
)
print(brain.Title, brain.Subject, brain.modified == page.modification_date)
print(page.text.raw, page.text.mimeType, page.text.outputMimeType)
print(len(site.portal_repository.getHistory(page)))
"""


def test_every_type_of_plone_is_a_file_with_readable_fields(editor):
    assert listed(editor.top) == [
        *("data", "event", "found", "link", "news", "page", "pic.png"),
    ]
    assert editor.read("page") == "<p>Hello</p>\n"
    assert editor.path("data").read_bytes() == bytes(range(256)) * 1000
    assert editor.path("pic.png").read_bytes().startswith(b"\x89PNG")
    assert editor.part("news", "image").read_bytes().startswith(b"\x89PNG")
    assert "remoteUrl = https://plone.org\n" in editor.read("link")
    fields = editor.part("page", "fields").read_text()
    assert "title = A page\ndescription = Of work\n" in fields
    assert "subjects\n    garden\n    house\n" in fields
    event = editor.part("event", "fields").read_text()
    assert "start = 2026-05-01T12:00:00+00:00\n" in event
    data = editor.part("data", "fields").read_text()
    assert "file:name = data.bin\nfile:type = application/x-data\n" in data
    query = editor.part("found", "fields").read_text()
    assert 'query (json list)\n    {"i": "portal_type", ' in query


def test_an_edit_changes_what_an_edit_form_changes(editor, plone):
    before = plone.run(KEPT.format(name=editor.name))
    versions = len(plone.run(LATER.replace("edited", "page").format(name=editor.name)))
    editor.path("page").write_text("<p>Edited</p>\n")
    fields = editor.part("page", "fields")
    editor.edit(fields, "A page", "An edited page")
    editor.edit(fields, "    house\n", "    houses\n    ü\n")

    said = editor.commit()

    assert "Committed 1 object" in said
    assert plone.run(KEPT.format(name=editor.name)) == before
    title, text, _ = plone.run(LATER.format(name=editor.name)).splitlines()[:3]
    assert title == "An edited page ('garden', 'houses', 'ü') True"
    assert text == "<p>Edited</p>"
    assert versions
    assert editor.zsync("status", editor.name) == ""
    assert "Up to date" in editor.zsync("update", editor.name)


def test_one_commit_makes_one_event_and_one_version(editor, plone):
    count = f"print(len(site.portal_repository.getHistory(site[{editor.name!r}].page)))"
    before = int(plone.run(count))
    editor.path("page").write_text("<p>Once</p>\n")
    editor.edit(editor.part("page", "fields"), "A page", "Another page")

    editor.commit()

    assert int(plone.run(count)) == before + 1


def test_a_line_that_is_removed_empties_a_field(editor, plone):
    editor.edit(editor.part("page", "fields"), "description = Of work\n", "")

    editor.commit()

    assert plone.run(f"print(repr(site[{editor.name!r}].page.description))") == "''\n"


def test_the_order_is_that_of_the_lines(editor, plone):
    order = editor.part("", "order")
    names = order.read_text().splitlines()
    order.write_text("\n".join(reversed(names)) + "\n")

    editor.commit()

    said = plone.run(f"print(*site[{editor.name!r}].objectIds())")
    assert said.split() == names[::-1]


def test_content_is_removed_as_the_folder_removes_it(editor, plone):
    editor.zsync("remove", f"{editor.name}/news")

    editor.commit()

    path = f"/Plone/{editor.name}/news"
    found = f"site.portal_catalog.unrestrictedSearchResults(path={path!r})"
    assert plone.run(f"print(len({found}))") == "0\n"


def test_a_copy_by_checkin_is_equal_and_refers_to_the_originals(editor, plone):
    copy = f"{editor.url}-copy"

    editor.zsync("checkin", copy, editor.name)

    said = plone.run(
        f"old, new = site[{editor.name!r}], site[{editor.name + '-copy'!r}]\n"
        "print(new.objectIds() == old.objectIds())\n"
        "print(new.page.text.raw == old.page.text.raw, new.page.title)\n"
        "print(new.data.file.data == old.data.file.data, new.data.file.filename)\n"
        "print(new.news.image.data == old.news.image.data)\n"
        "print(new.found.query == old.found.query)\n"
        "print(new.event.start == old.event.start)\n"
        "print(new.page.UID() != old.page.UID())\n"
        "print([r.to_object.getPhysicalPath()[2] for r in new.page.relatedItems])\n"
        "state = site.portal_workflow.getInfoFor\n"
        "print(state(new.page, 'review_state'), state(new.news, 'review_state'))\n"
        "made = [each.page.creation_date.ISO8601() for each in (new, old)]\n"
        "print(made[0] == made[1])\n"
    )
    assert said.splitlines() == [
        "True",
        "True A page",
        "True data.bin",
        "True",
        "True",
        "True",
        "True",
        f"[{editor.name!r}]",
        "published private",
        "True",
    ]


#: Makes a folder the root of the navigation, and tells whether it is one.
MARK = """
from plone.base.interfaces import INavigationRoot
from zope.interface import alsoProvides
alsoProvides(site[{name!r}].inner, INavigationRoot)
"""
IS_MARKED = """
from plone.base.interfaces import INavigationRoot
print(INavigationRoot.providedBy(site[{name!r}].inner))
"""


def test_a_root_of_navigation_is_one_where_it_goes(editor, plone):
    editor.path("inner").mkdir()
    editor.zsync("add", f"{editor.name}/inner")
    editor.commit()
    plone.run(MARK.format(name=editor.name))
    editor.zsync("update", editor.name)

    editor.zsync("checkin", f"{editor.url}-copy", editor.name)

    assert plone.run(IS_MARKED.format(name=f"{editor.name}-copy")) == "True\n"


#: Notes in each object what the event of its last change says.
TOLD = """
from plone.dexterity.interfaces import IDexterityContent
from zope.component import getGlobalSiteManager
from zope.lifecycleevent.interfaces import IAttributes, IObjectModifiedEvent
def note(obj, event):
    if obj.getParentNode().getId() == {name!r}:
        obj.told = [
            (each.interface.__name__, each.attributes)
            for each in event.descriptions if IAttributes.providedBy(each)
        ]
getGlobalSiteManager().registerHandler(note, (IDexterityContent, IObjectModifiedEvent))
"""


def test_the_event_of_a_change_names_the_field_of_the_body(editor, plone):
    plone.run(TOLD.format(name=editor.name))
    editor.path("page").write_text("<p>Bye</p>\n")
    editor.path("data").write_bytes(b"other")
    editor.path("pic.png").write_bytes(editor.part("news", "image").read_bytes())
    editor.edit(editor.path("link"), "plone.org", "zope.dev")

    editor.commit()

    said = plone.run(
        f"folder = site[{editor.name!r}]\n"
        "for name in ('page', 'data', 'pic.png', 'link'): print(folder[name].told)"
    )
    assert said.splitlines()[0] == "[('IRichTextBehavior', ('text',))]"
    names = [line.split(", ", 1)[1] for line in said.splitlines()]
    assert names == [
        f"('{name}',))]" for name in ("text", "file", "image", "remoteUrl")
    ]
