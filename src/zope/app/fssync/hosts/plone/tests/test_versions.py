"""The log of content tells of the versions that CMFEditions has saved."""

from __future__ import annotations

import json
import time

import pytest

from zope.fssync.limits import PACKED_UNSEEN

pytestmark = pytest.mark.slow

SAVE = """
from zope.event import notify
from zope.lifecycleevent import ObjectModifiedEvent
from Products.CMFEditions.interfaces.IModifier import ModifierException
page = site[{name!r}].page
page.title = {title!r}
site.portal_repository.save(page, comment={comment!r})
"""


def versions(editor, *options, **how):
    said = editor.zsync("log", "--json", *options, f"{editor.name}/page", **how)
    return [
        (each["versions"], len(each["changes"])) for each in json.loads(said)["items"]
    ]


def versions_once_packed(editor):
    """Return the versions when the server has noticed what another process packed."""
    end = time.monotonic() + 10 * PACKED_UNSEEN
    found = versions(editor)
    while not found[2:] or any(changes for _, changes in found[1:]):
        assert time.monotonic() < end, found
        time.sleep(0.5)
        found = versions(editor)
    return found


def save(plone, editor, title, comment):
    plone.run(SAVE.format(name=editor.name, title=title, comment=comment))


def test_versions_are_told_with_the_transactions_that_saved_them(plone, editor):
    save(plone, editor, "One", "the first")
    save(plone, editor, "Two", "the second")
    edited = "page.title = 'Three'; page._p_changed = True"
    plone.run(f"page = site[{editor.name!r}].page; {edited}")

    (none, _), (second, _), (first, _), *_ = versions(editor)
    assert none == []
    assert [each["comment"] for each in (*second, *first)] == [
        "the second",
        "the first",
    ]
    assert second[0]["number"] == first[0]["number"] + 1
    said = editor.zsync("log", "-l", "2", f"{editor.name}/page")
    assert f"    version {second[0]['number']}: the second\n" in said


def test_versions_are_for_those_who_may_see_them_in_plone(plone, editor, somebody):
    save(plone, editor, "One", "the first")
    folder = f"site[{editor.name!r}]"
    plone.run(
        f"{folder}.manage_permission('View History', ['Member'], acquire=1)\n"
        f"{folder}.manage_permission('CMFEditions: Access previous versions', [], 0)"
    )
    other = somebody("editor")
    assert [found for found, _ in versions(other) if found] == []


def test_versions_tell_of_what_was_packed_away(plone, editor):
    save(plone, editor, "One", "the first")
    save(plone, editor, "Two", "the second")
    before = versions(editor)
    plone.run("import transaction; transaction.commit(); app._p_jar.db().pack()")
    plone.run(f"site[{editor.name!r}].page.title = 'Three'")

    (none, _), *packed = versions_once_packed(editor)
    assert none == []
    assert [found[0]["comment"] for found, _ in packed[:2]] == [
        "the second",
        "the first",
    ]
    assert [changes for _, changes in packed] == [0] * len(packed)
    assert len(before) > len(packed[:2])
    one = versions(editor, "-l", "2")
    assert [found and found[0]["comment"] for found, _ in one] == [[], "the second"]
    assert versions(editor, "--search", "the first")[0] == packed[1]


#: Prints how many versions objects have, and the titles in the last of each.
NUMBERS = """
from Products.CMFCore.utils import getToolByName
repository = getToolByName(site, "portal_repository")
for name in {names!r}:
    obj = site[{folder!r}][name]
    history = repository.getHistory(obj)
    print(name, len(history), [each.object.title for each in history])
"""


@pytest.mark.oldest
def test_an_added_page_has_one_complete_version(plone, editor):
    editor.path("plain").write_text("<p>Plain</p>\n")
    editor.path("titled").write_text("<p>Titled</p>\n")
    editor.zsync("add", f"{editor.name}/plain", f"{editor.name}/titled")
    editor.part("titled", "fields").write_text("title = A title\n")

    editor.commit("-m", "two pages")
    editor.zsync("checkin", f"{editor.url}-copy", editor.name)

    for folder in (editor.name, f"{editor.name}-copy"):
        found = NUMBERS.format(names=["plain", "titled"], folder=folder)
        assert plone.run(found) == "plain 1 ['plain']\ntitled 1 ['A title']\n"


def test_whether_there_are_versions_is_no_change_of_an_object(plone, editor):
    save(plone, editor, "One", "the first")
    assert plone.run(MARKED.format(name=editor.name)) == "True\n"

    answer = plone.request("GET", f"/Plone/{editor.name}/@@toFS.snarf")

    assert b"page" in answer.body
    assert b"IVersioned" not in answer.body


MARKED = """
from Products.CMFEditions.interfaces import IVersioned
print(IVersioned.providedBy(site[{name!r}].page))
"""


COMMENTS = """
history = site.portal_repository.getHistoryMetadata(site[{folder!r}][{name!r}])
for number in range(history.getLength(countPurged=False)):
    data = history.retrieve(number, countPurged=False)["metadata"]["sys_metadata"]
    print(str(data["comment"] or ""))
"""


@pytest.mark.oldest
def test_the_message_of_a_commit_is_the_comment_of_its_versions(plone, editor):
    editor.path("new").write_text("<p>New</p>\n")
    editor.zsync("add", f"{editor.name}/new")
    editor.edit(editor.path("page"), "Hello", "Hello, all")
    editor.commit("-m", "Spring cleaning")
    editor.edit(editor.path("page"), "all", "everybody")
    editor.commit("-m", "")

    comments = COMMENTS.format(folder=editor.name, name="page")
    assert plone.run(comments).split("\n")[-3:] == ["Spring cleaning", "", ""]
    comments = COMMENTS.format(folder=editor.name, name="new")
    assert plone.run(comments) == "Spring cleaning\n"
    said = editor.zsync("log", f"{editor.name}/page")
    assert said.count("Spring cleaning") == 1


def test_a_rehearsal_answers_as_the_commit_does(plone, editor):
    editor.edit(editor.path("page"), "Hello", "Hello, all")
    before = versions(editor)
    rehearsed = editor.commit("--dry-run")
    assert versions(editor) == before
    assert editor.commit().split("\n")[0] == rehearsed.split("\n")[0]
    assert len(versions(editor)) == len(before) + 1
    assert len(versions(editor)[0][0]) == 1
