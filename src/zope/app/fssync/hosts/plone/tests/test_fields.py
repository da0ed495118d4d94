"""The lines of the fields: what stands in them, and what is refused."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.slow


@pytest.mark.oldest
def test_fields_of_behaviors_are_set_as_their_adapters_do(editor, plone):
    fields = editor.part("page", "fields")
    fields.write_text(
        fields.read_text().replace(
            "exclude_from_nav = false", "exclude_from_nav = true"
        )
        + "expires = 2030-01-02T03:04:05+00:00\nrights = Ours\n"
    )

    editor.commit()

    said = plone.run(
        f"page = site[{editor.name!r}].page\n"
        "print(page.exclude_from_nav, page.expiration_date.ISO8601(), page.rights)\n"
        "brain, = site.portal_catalog.unrestrictedSearchResults(UID=page.UID())\n"
        "print(brain.exclude_from_nav, brain.expires.year())"
    )
    assert said == "True 2030-01-02T03:04:05+00:00 Ours\nTrue 2030\n"
    assert "[UTC]" not in fields.read_text()


@pytest.mark.oldest
def test_the_query_of_a_collection_is_a_line_for_each_criterion(editor, plone):
    fields = editor.part("found", "fields")
    editor.edit(fields, '["Document"]', '["Document", "Event"]')
    editor.edit(fields, "sort_on = modified", "sort_on = created")

    editor.commit()

    said = plone.run(
        f"found = site[{editor.name!r}].found\n"
        "print(found.query[0]['v'], found.sort_on, len(found.query))"
    )
    assert said == "['Document', 'Event'] created 1\n"


@pytest.mark.oldest
@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("event", "T14:00", "T10:00", "End date must be after start date"),
        ("page", "title = A page\n", "", "Required input is missing"),
        ("page", "language = ", "language = klingon-", "language"),
        ("page", "exclude_from_nav = false", "exclude_from_nav = no", "neither true"),
        ("page", "title = ", "colour = red\ntitle = ", "has no field 'colour'"),
    ],
)
def test_values_that_the_form_refuses_are_refused(editor, name, old, new, message):
    editor.edit(editor.part(name, "fields"), old, new)

    assert message in editor.commit(status=6)


BLOCKS = """
fti = site.portal_types.Document
fti.behaviors = (*fti.behaviors, "volto.blocks")
page = site[{name!r}].page
page.blocks = {{"a": {{"@type": "html", "html": "<b>bold</b>"}}}}
page.blocks_layout = {{"items": ["a"]}}
"""

NO_BLOCKS = """
fti = site.portal_types.Document
fti.behaviors = tuple(each for each in fti.behaviors if each != "volto.blocks")
"""


@pytest.fixture
def blocks(editor, plone):
    """A page with a block of HTML."""
    plone.run(BLOCKS.format(name=editor.name))
    yield editor
    plone.run(NO_BLOCKS)


@pytest.mark.oldest
def test_blocks_are_filtered_as_their_form_does(blocks, plone):
    blocks.zsync("update", blocks.name)
    fields = blocks.part("page", "fields")
    blocks.edit(fields, "<b>bold</b>", "<b>bolder</b><script>alert(1)</script>")

    blocks.commit()

    said = plone.run(f"print(site[{blocks.name!r}].page.blocks['a']['html'])")
    assert said == "<b>bolder</b>\n"
    assert "alert" not in fields.read_text()
