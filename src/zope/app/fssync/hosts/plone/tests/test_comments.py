"""Comments stay with their object, and go where it goes."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.slow

#: Two comments on the page, the second in reply to the first.
SAY = """
from plone.app.discussion.interfaces import IConversation
from zope.component import createObject
page = site[{name!r}].page
conversation = IConversation(page)
first = 0
for text in ("A question", "An answer"):
    comment = createObject("plone.Comment")
    comment.text, comment.in_reply_to = text, first
    comment.author_name, comment.author_username = "Ann", "editor"
    comment.author_email = "ann@example.com"
    first = conversation.addComment(comment)
"""

SAID = """
from plone.app.discussion.interfaces import IConversation
page = site[{name!r}].page
state = site.portal_workflow.getInfoFor
for comment in IConversation(page).getThreads():
    each = comment["comment"]
    print(
        comment["depth"], each.text, each.author_name, each.comment_id,
        each.creation_date.isoformat(), state(each, "review_state"),
        [b.getPath().split("/")[2] for b in
         site.portal_catalog(path="/".join(each.getPhysicalPath()))],
        site.portal_catalog(UID=page.UID())[0].total_comments,
    )
"""


INSTALL = """
from Products.CMFPlone.utils import get_installer
get_installer(site, app.REQUEST).{what}_product("plone.app.discussion")
"""


@pytest.fixture(scope="module", autouse=True)
def discussion(plone):
    plone.run(INSTALL.format(what="install"))
    yield
    plone.run(INSTALL.format(what="uninstall"))


@pytest.fixture
def talk(editor, plone):
    """The comments of the page, which has two."""
    plone.run(SAY.format(name=editor.name))
    editor.zsync("update", editor.name)
    said = plone.run(SAID.format(name=editor.name))
    assert [line[:10] for line in said.splitlines()] == ["0 A questi", "1 An answe"]
    return said


def test_a_new_comment_is_a_change_of_its_object_only(editor, plone):
    plone.run(SAY.format(name=editor.name))

    said = editor.zsync("update", editor.name)

    assert said.startswith(f" U {editor.name}/page\n"), said
    assert ": 1 updated." in said
    comments = editor.part("page", "comments").read_text()
    assert '"text": "A question"' in comments
    assert "example.com" not in comments


@pytest.mark.oldest
def test_comments_are_kept_through_changes(editor, plone, talk):
    editor.path("page").write_text("<p>Another text</p>\n")
    fields = editor.part("page", "fields")
    fields.write_text(fields.read_text().replace("A page", "The page"))

    editor.commit()
    editor.zsync("move", f"{editor.name}/page", f"{editor.name}/site")
    editor.commit()
    editor.zsync("move", f"{editor.name}/site", f"{editor.name}/page")
    editor.commit()

    assert plone.run(SAID.format(name=editor.name)) == talk


@pytest.mark.oldest
def test_comments_go_with_a_copy(editor, plone, talk):
    editor.zsync("checkin", f"{editor.url}-copy", editor.name)

    name = f"{editor.name}-copy"
    assert plone.run(SAID.format(name=name)) == talk.replace(editor.name, name)


def test_comments_are_edited_and_removed(editor, plone, talk):
    comments = editor.part("page", "comments")
    text = comments.read_text()
    numbers = [line for line in text.splitlines() if not line.startswith(" ")]
    head, _, _ = text.partition(numbers[1])
    comments.write_text(head.replace("A question", "No question"))

    editor.commit()

    said = plone.run(SAID.format(name=editor.name)).splitlines()
    assert [line[:13] for line in said] == ["0 No question"]
    assert said[0].endswith(" 1")


def test_a_user_who_a_comment_is_of_stays(editor, talk):
    comments = editor.part("page", "comments")
    comments.write_text(comments.read_text().replace('"Ann"', '"Bob"'))

    assert "'author' of a comment stays what it is" in editor.commit(status=6)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('x (json mapping)\n    {"text": "y"}', "'x' is no number of a comment"),
        ('7 (json mapping)\n    {"text": 7}', "7: text cannot be 7"),
        ('7 (json mapping)\n    {"in_reply_to": 8}', "there is no comment 8"),
        (
            '7 (json mapping)\n    {"mime_type": "text/x-html-safe"}',
            "cannot be declared to be text/x-html-safe",
        ),
    ],
)
def test_invalid_comment_is_refused(editor, talk, line, said):
    comments = editor.part("page", "comments")
    comments.write_text(f"{comments.read_text()}{line}\n")

    assert said in editor.commit(status=6)


@pytest.mark.parametrize("key", ["user", "creator"])
def test_nobody_says_what_another_user_has_said(editor, somebody, plone, talk, key):
    allowed = (
        "site[{!r}].manage_permission('Review comments', ['Editor', 'Manager'], 1)"
    )
    plone.run(allowed.format(editor.name))
    other = somebody("editor")
    comments = other.part("page", "comments")
    text = comments.read_text() + '7 (json mapping)\n    {"text": "Mine"}\n'
    comments.write_text(f'{text}    {{"{key}": "zsync"}}\n')

    other.commit(status=4)
    assert plone.run(SAID.format(name=editor.name)) == talk
    comments.write_text(f'{text}    {{"{key}": "editor"}}\n')
    other.commit()

    assert " Mine " in plone.run(SAID.format(name=editor.name))


def test_a_user_who_does_not_review_comments_keeps_them(editor, somebody, plone, talk):
    plone.run(f"site[{editor.name!r}].manage_permission('Review comments', [], 0)")
    other = somebody("editor")
    assert not other.part("page", "comments").exists()
    other.path("page").write_text("<p>Another text</p>\n")

    other.commit()

    assert plone.run(SAID.format(name=editor.name)) == talk
