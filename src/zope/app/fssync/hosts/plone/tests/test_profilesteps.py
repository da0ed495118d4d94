"""What importers leave undone is done: states that are gone, indexes that are new."""

from __future__ import annotations

import pytest

from zope.app.fssync.testing.plone.environment import TOP

pytestmark = pytest.mark.slow

STATE = """ <state state_id="second" title="Second">
 </state>
 <variable """


@pytest.mark.oldest
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


@pytest.mark.oldest
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


RULE = """<?xml version="1.0"?>
<contentrules>
 <rule name="greet" title="Greet" description="" enabled="True" stop-after="False"
    event="zope.lifecycleevent.interfaces.IObjectAddedEvent">
  <conditions>
   <condition type="plone.conditions.PortalType">
    <property name="check_types"><element>Document</element></property>
   </condition>
  </conditions>
  <actions>
   <action type="plone.actions.Notify">
    <property name="message">Hello</property>
    <property name="message_type">info</property>
   </action>
  </actions>
 </rule>
 <assignment name="greet" location="/work" enabled="True" bubbles="True"/>
</contentrules>
"""

RULES = """
from plone.contentrules.engine.interfaces import IRuleAssignmentManager, IRuleStorage
from zope.component import getUtility
for name, rule in getUtility(IRuleStorage).items():
    print(name, rule.title, *(each.message for each in rule.actions))
print(*IRuleAssignmentManager(site.work).keys())
"""


@pytest.mark.oldest
def test_a_content_rule_is_made_changed_and_removed(settings, plone):
    text, before = settings.read("contentrules.xml"), plone.run(RULES)
    settings.path("contentrules.xml").write_text(RULE)
    settings.commit()
    assert plone.run(RULES) == "greet Greet Hello\ngreet\n"
    settings.edit(settings.path("contentrules.xml"), ">Hello<", ">Welcome<")
    settings.commit()
    assert plone.run(RULES) == "greet Greet Welcome\ngreet\n"

    settings.path("contentrules.xml").write_text(text)
    settings.commit()

    assert plone.run(RULES) == before


@pytest.mark.oldest
def test_an_entry_of_the_site_setup_is_renamed(settings, plone):
    named = ' title="Mail"'
    settings.edit(settings.path("controlpanel.xml"), named, ' title="Post"')

    settings.commit()

    titles = "print([each.title for each in site.portal_controlpanel.listActions()])"
    assert "'Post'" in plone.run(titles)
    settings.edit(settings.path("controlpanel.xml"), ' title="Post"', named)
    settings.commit()


def test_the_page_names_the_files():
    page = (TOP / "src/zope/app/fssync/plone.txt").read_text()
    for name in ("types", "workflows", "registry", "actions", "catalog", "rolemap"):
        assert f"{name}.xml" in page
