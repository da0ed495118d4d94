"""Relations are UIDs, and stay relations."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.oldest]

RELATED = """
from zc.relation.interfaces import ICatalog
from zope.component import getUtility
from zope.intid.interfaces import IIntIds
page = site[{name!r}].page
id = getUtility(IIntIds).getId(page)
print([r.to_object.getId() for r in page.relatedItems])
found = getUtility(ICatalog).findRelations({{"from_id": id}})
print(sorted(r.to_object.getId() for r in found))
"""


def test_a_path_becomes_a_relation(editor, plone):
    fields = editor.part("page", "fields")
    editor.edit(fields, "relatedItems\n", f"relatedItems\n    /{editor.name}/link\n")

    editor.commit()

    said = plone.run(RELATED.format(name=editor.name))
    assert said == "['link', 'news']\n['link', 'news']\n"
    uid = editor.part("link", "identity").read_text().split()[2]
    assert f"relatedItems\n    {uid}\n" in fields.read_text()


def test_an_object_that_comes_later_in_a_commit_is_found(editor, plone):
    editor.path("z-new").write_text("<p>Later</p>")
    editor.zsync("add", "-f", "Document", f"{editor.name}/z-new")
    fields = editor.part("page", "fields")
    editor.edit(fields, "relatedItems\n", f"relatedItems\n    /{editor.name}/z-new\n")

    editor.commit()

    said = plone.run(RELATED.format(name=editor.name))
    assert said == "['z-new', 'news']\n['news', 'z-new']\n"


def test_a_relation_to_nothing_is_refused(editor):
    fields = editor.part("page", "fields")
    editor.edit(fields, "relatedItems\n", "relatedItems\n    /nowhere\n")

    assert "there is no object '/nowhere'" in editor.commit(status=6)


def test_a_relation_to_what_is_hidden_is_one_to_nothing(editor, somebody, plone):
    plone.run(f"site[{editor.name!r}].link.manage_permission('View', ['Manager'], 0)")
    other = somebody("editor")
    path = f"/{editor.name}/link"
    fields = other.part("page", "fields")
    other.edit(fields, "relatedItems\n", f"relatedItems\n    {path}\n")

    assert f"there is no object '{path}'" in other.commit(status=6)


def test_an_object_that_is_named_often_is_looked_up_once(editor, plone):
    fields = editor.part("page", "fields")
    many = f"    /{editor.name}/link\n" * 3
    editor.edit(fields, "relatedItems\n", f"relatedItems\n{many}")

    editor.commit()

    said = plone.run(RELATED.format(name=editor.name)).splitlines()
    assert said[0] == "['link', 'link', 'link', 'news']"


SOME = (
    """
from plone.dexterity.fti import DexterityFTI
from plone.dexterity.utils import createContentInContainer
model = """
    + repr(
        '<model xmlns="http://namespaces.plone.org/supermodel/schema"><schema>'
        '<field name="seeds" type="z3c.relationfield.schema.RelationList">'
        "<title>Seeds</title><max_length>1</max_length></field></schema></model>"
    )
    + """
fti = DexterityFTI("Seed", klass="plone.dexterity.content.Item", model_source=model)
site.portal_types._setObject("Seed", fti)
createContentInContainer(site[{name!r}], "Seed", id="seed", checkConstraints=False)
"""
)


def test_relations_that_the_form_refuses_are_refused(editor, plone):
    plone.run(SOME.format(name=editor.name))
    try:
        editor.zsync("update", editor.name)
        seeds = f"    /{editor.name}/link\n    /{editor.name}/page\n"
        editor.path("seed").write_text(f"seeds\n{seeds}")
        assert "seeds: Value is too long" in editor.commit(status=6)
    finally:
        plone.run("site.portal_types._delObject('Seed')")
