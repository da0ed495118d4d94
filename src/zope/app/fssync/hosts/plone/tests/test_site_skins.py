"""What is customized through the web lies in a folder of a tool."""

from __future__ import annotations

import pytest

from zope.app.fssync.testing.person import Person

pytestmark = pytest.mark.slow

CUSTOM = """
from Products.PageTemplates.ZopePageTemplate import manage_addPageTemplate
from Products.PythonScripts.PythonScript import manage_addPythonScript
custom = site.portal_skins.custom
manage_addPageTemplate(custom, "greeting", title="Greeting", text="<p>one</p>")
manage_addPythonScript(custom, "answer")
custom.answer.write("return 41")
"""

#: What the skin of the site finds.
SEEN = "print(repr((site.greeting(), site.answer(), site.added())))"


@pytest.fixture(scope="module")
def url(plone):
    plone.run(CUSTOM)
    return plone.url.replace("//", "//zsync:zsync@") + "/Plone/portal_skins"


def test_customized_objects_are_edited_added_and_removed(url, plone, tmp_path):
    person = Person(tmp_path)
    person.zsync("checkout", f"{url}/custom", "work")
    custom = tmp_path / "work" / "custom"
    assert (custom / "greeting").read_text() == "<p>one</p>"
    (custom / "greeting").write_text("<p>two</p>\n")
    script = custom / "answer"
    script.write_text(script.read_text().replace("41", "42"))
    person.zsync("copy", "work/custom/answer", "work/custom/added")
    person.zsync("commit", "work")
    assert "('<p>two</p>\\n', 42, 42)\n" in plone.run(SEEN)
    assert person.zsync("status", "work") == ""
    assert person.zsync("update", "work") == "Up to date.\n"
    person.zsync("remove", "work/custom/added")
    person.zsync("commit", "work")
    assert plone.run("print(site.portal_skins.custom.objectIds())") == (
        "['greeting', 'answer']\n"
    )


def test_one_object_is_committed_without_its_folder(url, plone, tmp_path):
    person = Person(tmp_path)
    person.zsync("checkout", f"{url}/custom/greeting", "work")
    (tmp_path / "work" / "greeting").write_text("<p>three</p>\n")
    person.zsync("commit", "work")
    assert "<p>three</p>\n" in plone.run("print(site.greeting())")
    assert person.zsync("update", "work") == "Up to date.\n"
