"""What importers leave undone is done: states that are gone, indexes that are new."""

from __future__ import annotations

import pytest

from zope.app.fssync.testing.plone.environment import TOP

pytestmark = pytest.mark.slow

STATE = """ <state state_id="second" title="Second">
 </state>
 <variable """


def test_a_state_that_a_definition_does_not_have_any_more_is_removed(settings, plone):
    new = settings.path("workflows/mine")
    new.mkdir()
    text = settings.read("workflows/one_state_workflow/definition.xml")
    text = text.replace('workflow_id="one_state_workflow"', 'workflow_id="mine"')
    assert " <variable " in text
    (new / "definition.xml").write_text(text.replace(" <variable ", STATE, 1))
    settings.zsync("add", "portal_setup/workflows/mine")
    line = '<object name="mine" meta_type="Workflow"/>\n <bindings>'
    settings.edit(settings.path("workflows.xml"), "<bindings>", line)
    settings.commit()
    states = "print(sorted(site.portal_workflow.mine.states.objectIds()))"
    assert plone.run(states) == "['published', 'second']\n"

    (new / "definition.xml").write_text(text)
    settings.commit()

    assert plone.run(states) == "['published']\n"
    settings.zsync("update", "portal_setup")
    settings.zsync("remove", "portal_setup/workflows/mine")
    settings.commit()
    assert plone.run("print('mine' in site.portal_workflow)") == "False\n"
    settings.zsync("update", "portal_setup")


def test_a_new_index_has_what_is_there_already(settings, plone):
    text = settings.read("catalog.xml")
    index = (
        '<index name="location" meta_type="FieldIndex"><indexed_attr '
        'value="location"/></index>\n'
    )
    settings.edit(settings.path("catalog.xml"), "</object>", f"{index}</object>")

    settings.commit()

    found = "site.portal_catalog.unrestrictedSearchResults(location='Vienna')"
    assert plone.run(f"print(len({found}) > 0)") == "True\n"
    settings.path("catalog.xml").write_text(text)
    settings.commit()
    gone = "print('location' in site.portal_catalog.indexes())"
    assert plone.run(gone) == "False\n"


def test_the_page_names_the_files():
    page = (TOP / "src/zope/app/fssync/plone.txt").read_text()
    for name in ("types", "workflows", "registry", "actions", "catalog", "rolemap"):
        assert f"{name}.xml" in page
