"""Tools of CMF outside of a site of Plone: files in the XML of GenericSetup."""

from __future__ import annotations

import pytest

from zope.app.fssync.hosts.plone.tests.conftest import Editor

pytestmark = pytest.mark.slow

#: A site with the tools of CMF, as sites without Plone have them.
SITE = """
from five.localsitemanager.registry import PersistentComponents
from OFS.Folder import Folder
from Products.CMFCore import ActionInformation, ActionsTool, CatalogTool, SkinsTool
from Products.CMFCore import TypesTool, UndoTool, URLTool, WorkflowTool
from Products.CMFCore.interfaces import ITypesTool
from Products.CMFCore.PortalObject import PortalObjectBase
from Products.DCWorkflow.DCWorkflow import DCWorkflowDefinition
from Products.PageTemplates.ZopePageTemplate import ZopePageTemplate
from Products.PythonScripts.PythonScript import PythonScript
from zope.component import getGlobalSiteManager

if "cmf" in app.objectIds():
    app._delObject("cmf")
app._setObject("cmf", PortalObjectBase("cmf"))
cmf = app.cmf
components = PersistentComponents("++etc++site", bases=(getGlobalSiteManager(),))
components.__parent__ = cmf.aq_base
cmf.setSiteManager(components)
for tool in (
    ActionsTool.ActionsTool(), CatalogTool.CatalogTool(), SkinsTool.SkinsTool(),
    TypesTool.TypesTool(), UndoTool.UndoTool(), URLTool.URLTool(),
    WorkflowTool.WorkflowTool(),
):
    cmf._setObject(tool.getId(), tool)
types = cmf.portal_types
components.registerUtility(types, ITypesTool)
for name in ("Paper", "Binder"):
    types._setObject(name, TypesTool.FactoryTypeInformation(
        name, title=name, content_meta_type=name, filter_content_types=name == "Paper",
        allowed_content_types=("Paper",), factory=f"make.{name}",
        aliases={"(Default)": "view", "view": "look"},
        actions=({"id": "view", "title": "View", "action": "string:view",
            "permissions": ("View",), "category": "object"},),
    ))
workflow = DCWorkflowDefinition("simple")
cmf.portal_workflow._setObject("simple", workflow)
workflow = cmf.portal_workflow.simple
workflow.title = "Simple"
for name in ("private", "public"):
    workflow.states.addState(name)
workflow.states.setInitialState("private")
workflow.transitions.addTransition("publish")
workflow.transitions.publish.setProperties("Publish", "public", script_name="tell")
workflow.states.private.setProperties("Private", transitions=("publish",))
workflow.permissions = ("View",)
workflow.states.private.setPermission("View", 0, ["Manager"])
script = PythonScript("tell")
script.ZPythonScript_edit("state_change", "return 'a < b'\\n")
workflow.scripts._setObject("tell", script)
cmf.portal_workflow.setDefaultChain("")
cmf.portal_workflow.setChainForPortalTypes(["Paper"], "simple", verify=False)
actions = cmf.portal_actions
actions._setObject("user", ActionInformation.ActionCategory("user"))
for name in ("logout", "login"):
    actions.user._setObject(name, ActionInformation.Action(name, title=name))
cmf.portal_skins._setObject("custom", Folder("custom"))
cmf.portal_skins.custom._setObject("page", ZopePageTemplate("page", "<p>Page</p>"))
cmf.portal_skins.addSkinSelection("Basic", "custom", make_default=1)
cmf.portal_catalog.addIndex("getId", "FieldIndex")
"""


@pytest.fixture
def cmf(plone, tmp_path):
    plone.run(SITE)
    return Editor(tmp_path / "person", plone, "cmf")


@pytest.fixture
def copy(cmf):
    """The manager, with a working copy of the site."""
    url = cmf.plone.url.replace("//", "//zsync:zsync@") + "/cmf"
    cmf.said = cmf.zsync("checkout", url, ".")
    return cmf


def asked(copy, expression):
    return copy.plone.run(f"print({expression})").strip()


def test_tools_are_xml(copy):
    assert '<alias from="view" to="look"/>' in copy.read("portal_types/Paper")
    assert '<state state_id="private"' in copy.read("portal_workflow/simple")
    assert "return 'a &lt; b'" in copy.read("portal_workflow/simple")
    assert '<object name="logout"' in copy.read("portal_actions")
    assert copy.read("portal_skins/custom/page") == "<p>Page</p>"
    assert '<index name="getId"' in copy.read("portal_catalog")
    assert '<skin-path name="Basic">' in copy.part("portal_skins", "setup").read_text()
    assert '<type type_id="Paper">' in copy.part("portal_workflow", "setup").read_text()
    assert "ITypesTool = portal_types" in copy.part("", "tools").read_text()
    for path in copy.top.rglob("*"):
        if path.is_file() and ".zsync" not in path.parts:
            assert "<pickle>" not in path.read_text(), path


def test_changes_are_made(copy):
    copy.edit(copy.path("portal_types/Paper"), 'to="look"', 'to="read"')
    copy.edit(copy.path("portal_workflow/simple"), "a &lt; b", "b &lt; a")
    copy.edit(copy.path("portal_skins/custom/page"), "Page", "Leaf")
    actions = copy.path("portal_actions")
    logout, login = (f'<object name="{name}"' for name in ("logout", "login"))
    text = actions.read_text().replace(logout, "*").replace(login, logout)
    actions.write_text(text.replace("*", login))
    copy.edit(
        copy.part("portal_workflow", "setup"),
        '<bound-workflow workflow_id="simple"/>',
        "",
    )
    copy.commit()
    assert (
        asked(copy, "app.cmf.portal_types.Paper.getMethodAliases()['view']") == "read"
    )
    script = "app.cmf.portal_workflow.simple.scripts.tell(None)"
    assert asked(copy, script) == "b < a"
    assert asked(copy, "app.cmf.portal_actions.user.objectIds()") == (
        "['login', 'logout']"
    )
    assert asked(copy, "app.cmf.portal_workflow.getChainFor('Paper')") == "()"
    assert copy.zsync("status", "cmf") == ""


def test_a_change_there_arrives(copy):
    copy.plone.run(
        "app.cmf.portal_workflow.simple.states.public.title = 'For all'\n"
        "app.cmf.portal_actions.user.login.title = 'Enter'\n"
    )
    said = copy.zsync("update", "cmf")
    assert "portal_workflow/simple" in said
    assert "portal_actions" in said
    assert "For all" in copy.read("portal_workflow/simple")


def test_a_part_is_removed(copy):
    text = copy.read("portal_workflow/simple")
    head, rest = text.split(' <transition transition_id="publish"', 1)
    text = head + rest.partition("</transition>")[2]
    text = text.replace('<exit-transition transition_id="publish"/>', "")
    copy.path("portal_workflow/simple").write_text(text)
    copy.commit()
    found = asked(copy, "list(app.cmf.portal_workflow.simple.transitions)")
    assert found == "[]"


def test_a_site_is_made_beside(copy):
    copy.plone.run("if 'beside' in app.objectIds(): app._delObject('beside')")
    there = copy.plone.url.replace("//", "//zsync:zsync@") + "/beside"
    copy.zsync("checkin", there, "cmf")
    copy.zsync("export", there, "exported")
    copy.zsync("export", there.replace("beside", "cmf"), "original")
    for path in (copy.place / "original").rglob("*"):
        if path.is_file():
            other = copy.place / "exported" / path.relative_to(copy.place / "original")
            assert other.read_bytes() == path.read_bytes(), path


@pytest.mark.parametrize(
    ("default", "chain"),
    [
        ("()", "()"),
        ("('simple',)", "()"),
        # What a new tool has, whether there is such a workflow or not.
        ("('default_workflow',)", "('simple', 'gone')"),
    ],
    ids=["none", "not for a type", "gone"],
)
def test_chains_without_a_workflow_stay_as_they_are(copy, default, chain):
    copy.plone.run(
        f"app.cmf.portal_workflow._default_chain = {default}\n"
        f"app.cmf.portal_workflow._chains_by_type['Binder'] = {chain}\n"
        "app.cmf.portal_workflow.title = 'Old'\n"
        "if 'beside' in app.objectIds(): app._delObject('beside')"
    )
    copy.zsync("update", "cmf")
    copy.edit(copy.part("portal_workflow", "setup"), ">Old<", ">New<")
    copy.commit()
    there = copy.plone.url.replace("//", "//zsync:zsync@") + "/beside"
    copy.zsync("checkin", there, "cmf")
    for name in ("cmf", "beside"):
        tool = f"app.{name}.portal_workflow"
        assert asked(copy, f"{tool}.title") == "New"
        assert asked(copy, f"{tool}.getDefaultChain()") == default
        assert asked(copy, f"{tool}._chains_by_type['Binder']") == chain
        assert asked(copy, f"{tool}._chains_by_type['Paper']") == "('simple',)"
