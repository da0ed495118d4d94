"""Translations of each other stay so where they go, and blocks keep what they link to.

The types are as plone.app.multilingual and plone.volto have them.
"""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.slow

#: A type in both sites; objects in ``folder`` that are translations of each other.
MAKE = """
from plone import api
from plone.app.multilingual.interfaces import IMutableTG
from plone.app.multilingual.interfaces import ITG
from plone.dexterity.fti import DexterityFTI
from zope.component.hooks import setSite
for each in (app.Plone, app.Live):
    if "Translated" not in each.portal_types:
        setSite(each)
        api.portal.set_registry_record("plone.available_languages", ["en", "de"])
        each.portal_types._setObject("Translated", DexterityFTI(
            "Translated", title="Translated", klass="plone.dexterity.content.Item",
            global_allow=True, add_permission="cmf.AddPortalContent",
            behaviors=("plone.dublincore", "plone.translatable", "volto.blocks"),
        ))
setSite(site)
folder = site[{name!r}]
made = [
    api.content.create(folder, "Translated", name, title=name, language=language)
    for name, language in (("one", "en"), ("two", "de"))
]
IMutableTG(made[1]).set(ITG(made[0]))
made[0].blocks = {{
    "1": {{"@type": "teaser", "href": [{{"@id": "../resolveuid/" + made[1].UID()}}]}}
}}
"""

GROUPS = """
from plone.app.multilingual.interfaces import ITG
for place in (app.Plone, app.Live):
    if {name!r} in place:
        print(len({{ITG(place[{name!r}][each]) for each in ("one", "two")}}))
        print(ITG(place[{name!r}].one))
"""

#: What plone.app.multilingual adds to the catalog of a site.
INDEX = """
catalog = site.portal_catalog
if "TranslationGroup" not in catalog.indexes():
    catalog.addIndex("TranslationGroup", "FieldIndex")
    catalog.manage_reindexIndex(ids=["TranslationGroup"])
"""

COPIES = """
from plone.app.multilingual.interfaces import ITG
copy = site[{name!r} + "-copy"]
print(ITG(copy.one), ITG(copy.two), ITG(site[{name!r}].one))
"""

LINKS = """
import json
from plone.app.linkintegrity.utils import getOutgoingLinks
from zope.component.hooks import setSite
setSite(app.Live)
one = app.Live[{name!r}].one
found = [each.to_object.getId() for each in getOutgoingLinks(one)]
print(json.dumps([found, one.blocks]))
setSite(site)
"""


@pytest.fixture
def translated(editor, plone):
    plone.run(MAKE.format(name=editor.name))
    editor.zsync("update", editor.name)
    return editor


@pytest.mark.oldest
def test_translations_go_to_another_site_together(translated, plone):
    name = translated.name
    translated.zsync("checkin", f"{translated.url.replace('/Plone/', '/Live/')}", name)

    here, group, there, other = plone.run(GROUPS.format(name=name)).split()
    assert (here, there, group) == ("1", "1", other)


def test_a_copy_translates_nothing_that_has_a_translation(translated, plone):
    name = translated.name
    plone.run(INDEX)
    translated.zsync("checkin", f"{translated.url}-copy", name)

    one, two, group = plone.run(COPIES.format(name=name)).split()
    assert group not in (one, two)


def test_translations_are_assigned_in_the_browser(translated):
    identity = translated.part("one", "identity")
    translated.edit(identity, "translations = ", "translations = x")

    assert "assigned in the browser" in translated.commit(status=6)


def test_blocks_name_what_they_link_to_by_its_uid(translated, plone):
    name = translated.name
    assert '"@id": "../resolveuid/' in translated.read("one")
    translated.zsync("checkin", f"{translated.url.replace('/Plone/', '/Live/')}", name)

    links, blocks = json.loads(plone.run(LINKS.format(name=name)))
    assert links == ["two"]
    assert blocks["1"]["href"][0]["@id"].startswith("../resolveuid/")
