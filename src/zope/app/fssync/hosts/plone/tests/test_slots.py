"""Reading fields changes nothing, and shows what their permissions allow."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.slow


def test_reading_stores_nothing(editor, plone):
    last = "print(site._p_jar.db().lastTransaction())"
    before = plone.run(last)

    assert plone.request("GET", f"/Plone/{editor.name}/@@toFS.snarf").status == 200

    assert plone.run(last) == before


def test_a_user_who_reads_is_no_creator(editor, plone):
    place = f"site[{editor.name!r}].page"
    plone.run(f"{place}.creators = ()")

    page = f"/Plone/{editor.name}/page/@@synchronize-look.html?all=1"
    # Plone asks to confirm what would change something.
    assert plone.request("GET", page).status == 200
    editor.zsync("update", editor.name)
    assert "zsync" not in editor.part("page", "fields").read_text()
    assert plone.run(f"print({place}.creators)") == "()\n"


def test_a_user_who_may_not_write_a_field_is_refused(editor, somebody, plone):
    plone.run(f"site[{editor.name!r}].manage_setLocalRoles('editor', ['Editor'])")
    other = somebody("editor")
    fields = other.part("page", "fields")
    fields.write_text(fields.read_text() + "allow_discussion = true\n")

    other.commit(status=6)


NEW_FIELD = """
from plone.dexterity.fti import DexterityFTI
from plone.dexterity.utils import createContentInContainer
fti = DexterityFTI("Seed", klass="plone.dexterity.content.Item", model_source={model!r})
site.portal_types._setObject("Seed", fti)
createContentInContainer(site[{name!r}], "Seed", id="seed", checkConstraints=False)
"""

MODEL = (
    '<model xmlns="http://namespaces.plone.org/supermodel/schema"><schema>{}'
    "</schema></model>"
)

FIELD = '<field name="{0}" type="zope.schema.TextLine"><title>{0}</title></field>'


@pytest.mark.oldest
def test_a_field_that_a_type_gets_is_one_of_its_objects(editor, plone):
    model = MODEL.format(FIELD.format("colour"))
    plone.run(NEW_FIELD.format(name=editor.name, model=model))
    try:
        editor.zsync("update", editor.name)
        editor.path("seed").write_text("colour = red\n")
        editor.commit()
        more = MODEL.format(FIELD.format("colour") + FIELD.format("size"))
        plone.run(
            f"site.portal_types.Seed.manage_changeProperties(model_source={more!r})"
        )
        editor.zsync("update", editor.name)
        editor.path("seed").write_text("colour = red\nsize = small\n")
        editor.commit()
        said = plone.run(
            f"seed = site[{editor.name!r}].seed\nprint(seed.colour, seed.size)"
        )
        assert said == "red small\n"
    finally:
        plone.run("site.portal_types._delObject('Seed')")
