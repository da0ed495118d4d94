"""What is customized through the web lies in a folder of a tool."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from zope.app.fssync.testing.person import Person

pytestmark = [pytest.mark.slow, pytest.mark.oldest]

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


#: The skins that come with Plone, and their copy: what differs, and how many there are.
COMPARED = """
from Acquisition import aq_base
from DateTime import DateTime

count, differences = 0, []
made = {"_owner", "_code", "_mt_index", "_tree", "_count", "__name__", "_objects"}
made |= {"__ac_local_roles__", "id", "_filepath", "globals", "_EtagSupport__etag"}


def told(value):
    if hasattr(value, "getAssignedNames"):
        return value.getAssignedNames()
    return bytes(value) if type(value).__name__ == "Pdata" else value


def compare(one, two, path):
    global count
    count += 1
    first, second = ({**vars(aq_base(each))} for each in (one, two))
    if type(aq_base(one)) is not type(aq_base(two)):
        differences.append(path)
    items = set(getattr(one, "objectIds", list)())
    for name in (first.keys() | second.keys()) - made - items:
        if name.startswith(("_v_", "_p_")):
            continue
        left, right = (told(each.get(name)) for each in (first, second))
        if left != right:
            differences.append((path, name, left, right))
    for name in items | set(getattr(two, "objectIds", list)()):
        compare(one._getOb(name), two._getOb(name), path + "/" + name)


skins = site.portal_skins
compare(skins.custom.public, skins.custom.beside, "")
print(differences, count)
"""


def test_the_skins_of_plone_are_the_same_beside(url, plone, tmp_path):
    person = Person(tmp_path)
    person.zsync("checkout", f"{url}/custom", "work")
    package = plone.run("import Products.CMFPlone as p; print(p.__path__[0])").strip()
    public = tmp_path / "work" / "custom" / "public"
    shutil.copytree(Path(package) / "skins", public)
    count = sum(1 for path in public.rglob("*")) + 1
    assert count > 60
    person.zsync("add", "work/custom/public")
    person.zsync("commit", "work")
    assert person.zsync("status", "work") == ""
    person.zsync("checkin", f"{url}/custom/beside", "work/custom/public")
    assert plone.run(COMPARED) == f"[] {count}\n"
