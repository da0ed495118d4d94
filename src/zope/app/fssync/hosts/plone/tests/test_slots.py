"""Reading fields changes nothing, and shows what their permissions allow."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.slow


def test_reading_stores_nothing(editor, plone):
    last = "print(site._p_jar.db().lastTransaction())"
    before = plone.run(last)

    assert plone.request("GET", f"/Plone/{editor.name}/@@toFS.snarf").status == 200

    assert plone.run(last) == before


def test_who_may_not_write_a_field_is_refused(editor, somebody, plone):
    plone.run(f"site[{editor.name!r}].manage_setLocalRoles('editor', ['Editor'])")
    other = somebody("editor")
    fields = other.part("page", "fields")
    fields.write_text(fields.read_text() + "allow_discussion = true\n")

    other.commit(status=6)
