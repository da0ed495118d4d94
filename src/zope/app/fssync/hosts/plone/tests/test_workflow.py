"""The review state is a line of text; it changes by transitions only."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.oldest]


def state(plone, editor, name):
    tool = "site.portal_workflow"
    code = f"print({tool}.getInfoFor(site[{editor.name!r}][{name!r}], 'review_state'))"
    return plone.run(code).strip()


def test_the_state_is_shown(editor):
    page = editor.part("page", "workflow").read_text()
    news = editor.part("news", "workflow").read_text()

    assert page == "simple_publication_workflow = published\n"
    assert news == "simple_publication_workflow = private\n"


def test_another_state_is_reached_by_its_transition(editor, plone):
    editor.edit(editor.part("news", "workflow"), "private", "published")

    editor.commit()

    assert state(plone, editor, "news") == "published"
    history = f"site[{editor.name!r}].news.workflow_history"
    said = plone.run(
        f"print([e['action'] for e in {history}['simple_publication_workflow']])"
    )
    assert said == "[None, 'publish']\n"


def test_a_state_is_reached_by_more_than_one_transition(editor, plone):
    editor.edit(editor.part("page", "workflow"), "published", "pending")

    editor.commit()

    assert state(plone, editor, "page") == "pending"


def test_an_unknown_state_is_refused(editor, plone):
    editor.edit(editor.part("news", "workflow"), "private", "secret")

    said = editor.commit(status=6)

    assert "leads from 'private' to 'secret'" in said
    assert state(plone, editor, "news") == "private"


def test_a_user_who_may_not_publish_is_told_so(editor, somebody, plone):
    other = somebody("editor")
    plone.run(f"site[{editor.name!r}].manage_setLocalRoles('editor', ['Owner'])")
    other.edit(other.part("news", "workflow"), "private", "published")

    said = other.commit(status=6)

    assert "you may not 'publish' the object" in said
    assert state(plone, editor, "news") == "private"
