"""Settings that were committed are imported, and those that are gone are removed."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.oldest]

RECIPE = """<?xml version="1.0"?>
<object name="A Recipe" meta_type="Dexterity FTI">
 <property name="title">Recipe</property>
 <property name="klass">plone.dexterity.content.Container</property>
 <property name="global_allow">True</property>
 <property name="schema"></property>
 <property name="add_permission">cmf.AddPortalContent</property>
 <property name="behaviors"><element value="plone.basic"/></property>
 <property name="model_source">
&lt;model xmlns="http://namespaces.plone.org/supermodel/schema"&gt;&lt;schema&gt;
&lt;field name="cook" type="zope.schema.TextLine"&gt;&lt;title&gt;Cook&lt;/title&gt;
&lt;/field&gt;&lt;/schema&gt;&lt;/model&gt;
</property>
</object>
"""

TYPES = "print('A Recipe' in site.portal_types.objectIds())"


def test_a_type_with_its_fields_and_its_workflow_comes_and_goes(settings, plone):
    settings.path("types/A_Recipe.xml").write_text(RECIPE)
    settings.zsync("add", "portal_setup/types/A_Recipe.xml")
    line = ' <object name="A Recipe" meta_type="Dexterity FTI"/>\n</object>'
    settings.edit(settings.path("types.xml"), "</object>", line)
    bound = (
        '<type type_id="A Recipe"><bound-workflow workflow_id="intranet_workflow"/>'
        "</type></bindings>"
    )
    settings.edit(settings.path("workflows.xml"), "</bindings>", bound)

    settings.commit()

    said = plone.run(
        "from plone import api\n"
        "made = api.content.create(site.work, 'A Recipe', 'soup', cook='Ann')\n"
        "print(made.cook, api.content.get_state(made))\n"
        "site.work.manage_delObjects(['soup'])"
    )
    assert said == "Ann internal\n"
    assert settings.zsync("status", "portal_setup") == ""

    settings.zsync("remove", "portal_setup/types/A_Recipe.xml")
    settings.commit()

    assert plone.run(TYPES) == "False\n"
    settings.zsync("update", "portal_setup")
    assert "A Recipe" not in settings.read("types.xml")


def test_settings_that_a_file_lacks_are_removed(settings, plone):
    text = settings.read("actions.xml")
    before, _, rest = text.partition(' <object name="sitemap"')
    _, end, after = rest.partition(" </object>\n")
    assert end
    settings.path("actions.xml").write_text(before.rstrip(" ") + after)

    settings.commit()

    listed = "print(*site.portal_actions.site_actions.objectIds())"
    assert "sitemap" not in plone.run(listed)
    settings.path("actions.xml").write_text(text)
    settings.commit()
    assert "sitemap" in plone.run(listed)


def test_objects_changed_in_the_site_come_with_an_update(settings, plone):
    title = "site.portal_types.Link.title = {!r}"
    plone.run(title.format("A link"))

    said = settings.zsync("update", "portal_setup")

    assert "U  portal_setup/types/Link.xml" in said
    assert ">A link<" in settings.read("types/Link.xml")
    plone.run(title.format("Link"))
    settings.zsync("update", "portal_setup")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<object>", "not well-formed"),
        ("<!DOCTYPE object [<!ENTITY a 'b'>]><object>&a;</object>", "has a DTD"),
        (
            '<object><object name="Link" meta_type="Nonsense" insert-after="x">'
            '<property name="nothing">1</property></object></object>',
            "",
        ),
    ],
)
def test_invalid_file_of_a_profile_is_refused(settings, plone, text, said):
    kept = settings.read("actions.xml")
    settings.path("actions.xml").write_text(text)

    assert said in settings.commit(status=6)

    settings.path("actions.xml").write_text(kept)
    assert settings.zsync("status", "portal_setup") == ""


def test_a_model_with_a_fault_is_refused(settings):
    settings.path("types/A_Recipe.xml").write_text(RECIPE.replace("TextLine", "Timed"))
    settings.zsync("add", "portal_setup/types/A_Recipe.xml")
    kept = settings.read("types.xml")
    line = ' <object name="A Recipe" meta_type="Dexterity FTI"/>\n</object>'
    settings.edit(settings.path("types.xml"), "</object>", line)

    said = settings.commit(status=6)

    assert "Field type zope.schema.Timed specified for field cook is not" in said
    assert "Traceback" not in said
    settings.zsync("revert", "portal_setup/types/A_Recipe.xml")
    settings.path("types/A_Recipe.xml").unlink(missing_ok=True)
    settings.path("types.xml").write_text(kept)


def test_a_file_that_is_no_setting_is_refused(settings):
    settings.path("notes.txt").write_text("x\n")
    settings.zsync("add", "portal_setup/notes.txt")

    assert "no file 'notes.txt'" in settings.commit(status=6)

    settings.zsync("revert", "portal_setup/notes.txt")
    settings.path("notes.txt").unlink()


def test_settings_cannot_be_removed_as_a_whole(settings):
    settings.zsync("remove", "portal_setup/catalog.xml")

    assert "cannot be removed alone" in settings.commit(status=6)

    settings.zsync("revert", "portal_setup/catalog.xml")


def test_settings_are_for_managers(plone):
    names = plone.request("GET", "/Plone/@@list.snarf", user="editor:secret-1234")

    assert "portal_setup" not in names.text
