"""The portlets of a folder or a page are a part of it, in the XML of profiles."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.slow

ADD = """
from plone.app.portlets.portlets import news
from plone.portlets.interfaces import IPortletAssignmentMapping, IPortletManager
from zope.component import getMultiAdapter, getUtility
manager = getUtility(IPortletManager, name="plone.leftcolumn")
mapping = getMultiAdapter((site[{name!r}], manager), IPortletAssignmentMapping)
mapping["latest"] = news.Assignment(count=7)
"""

LOOK = """
from plone.portlets.interfaces import ILocalPortletAssignmentManager
from plone.portlets.interfaces import IPortletAssignmentMapping, IPortletManager
from plone.portlets.interfaces import IPortletAssignmentSettings
from zope.component import getMultiAdapter, getUtility
from zope.component.hooks import setSite
setSite(app[{site!r}])
folder = app[{site!r}][{name!r}]
for side in ("plone.leftcolumn", "plone.rightcolumn"):
    manager = getUtility(IPortletManager, name=side)
    mapping = getMultiAdapter((folder, manager), IPortletAssignmentMapping)
    for key, portlet in mapping.items():
        visible = IPortletAssignmentSettings(portlet).get("visible", True)
        print(side, key, getattr(portlet, "count", None), visible)
    local = getMultiAdapter((folder, manager), ILocalPortletAssignmentManager)
    print(local.getBlacklistStatus("context"))
"""

MORE = (
    '<assignment manager="plone.leftcolumn" type="portlets.Login" name="login"'
    ' visible="False"/>'
    '<blacklist manager="plone.rightcolumn" category="context" status="block"/>'
    "</portlets>"
)


@pytest.fixture
def portlets(editor, plone):
    """The file of the portlets of a folder that has one."""
    plone.run(ADD.format(name=editor.name))
    editor.zsync("update", editor.name)
    return editor.part("", "portlets")


def look(plone, editor, site="Plone"):
    return plone.run(LOOK.format(site=site, name=editor.name)).splitlines()


@pytest.mark.oldest
def test_portlets_are_told_and_changed(portlets, editor, plone):
    editor.edit(portlets, ">7<", ">8<")
    editor.edit(portlets, "</portlets>", MORE)

    editor.commit()

    assert look(plone, editor) == [
        "plone.leftcolumn latest 8 True",
        "plone.leftcolumn login None False",
        "None",
        "True",
    ]
    assert "Up to date" in editor.zsync("update", editor.name)


def test_their_order_is_that_of_the_file(portlets, editor, plone):
    editor.edit(portlets, "<portlets>", "<portlets>" + MORE.split("<blacklist")[0])

    editor.commit()

    assert [line.split()[1] for line in look(plone, editor) if " " in line] == [
        "login",
        "latest",
    ]


def test_objects_not_in_the_file_go(portlets, editor, plone):
    editor.edit(portlets, "</portlets>", MORE)
    editor.commit()
    portlets.unlink()

    editor.commit()

    assert look(plone, editor) == ["None", "None"]


@pytest.mark.oldest
def test_portlets_are_checked_in_to_another_site(portlets, editor, plone):
    live = editor.url.replace("/Plone/", "/Live/")

    editor.zsync("checkin", live, editor.name)

    assert look(plone, editor, "Live")[0] == "plone.leftcolumn latest 7 True"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("<portlets>", "<portlets><property/>", "no element 'property'"),
        ('name="latest"', "", "a portlet has a name"),
        ("portlets.News", "portlets.None", "ComponentLookupError"),
        ("</portlets>", "", "no element found"),
        (
            "<portlets>",
            '<portlets purge="True">',
            "'portlets' has no attribute 'purge'",
        ),
        ("<assignment ", '<assignment purge="True" ', "has no attribute 'purge'"),
        ("<assignment ", '<assignment remove="True" ', "has no attribute 'remove'"),
    ],
)
def test_objects_that_cannot_be_read_are_refused(
    portlets, editor, plone, old, new, said
):
    editor.edit(portlets, old, new)

    assert said in editor.commit(status=6)

    assert look(plone, editor)[0] == "plone.leftcolumn latest 7 True"


def test_an_editor_may_not_see_them(portlets, somebody):
    other = somebody("editor")

    assert not other.part("", "portlets").exists()
