"""What does not compile is told by its line."""

from __future__ import annotations

import pytest
from OFS.DTMLMethod import DTMLMethod
from OFS.Image import File
from Products.PageTemplates.engine import Program
from Products.PageTemplates.ZopePageTemplate import manage_addPageTemplate
from Products.PythonScripts.PythonScript import PythonScript
from Products.PythonScripts.PythonScript import manage_addPythonScript
from Products.StandardCacheManagers.RAMCacheManager import RAMCacheManager
from Products.ZSQLMethods.SQL import SQL
from zope.component import getSiteManager
from zope.pagetemplate.interfaces import IPageTemplateEngine

from zope.app.fssync.hosts.ofs.content.file import Precondition
from zope.app.fssync.hosts.ofs.content.script import ScriptSettings
from zope.app.fssync.server.faults import Fault
from zope.app.fssync.server.faults import faults_of
from zope.app.fssync.server.faults import header
from zope.app.fssync.server.faults import warnings
from zope.fssync.interfaces import ISourceCheck


def found(obj):
    return [(fault.line, fault.message) for fault in faults_of(obj, "a")]


def script(site, body):
    def make(folder):
        manage_addPythonScript(folder, "b")
        folder.b.write(body)
        return "b"

    return site.make(make)


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ("return 1\n", []),
        ("x = 1\ny = (\n", [(2, "'(' was never closed")]),
        (
            "return _x\n",
            [(1, '"_x" is an invalid variable name because it starts with "_"')],
        ),
    ],
)
def test_a_script(site, body, faults):
    obj = script(site, body)
    assert found(obj) == faults
    assert found(ScriptSettings(obj)) == faults


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ("<p tal:content='here/title'>x</p>", []),
        # It is compiled, and not run.
        ("<p metal:use-macro='here/gone'>x</p>", []),
        ("<p>\n<i tal:foo='x'/></p>", [(2, "bad TAL attribute: 'foo'")]),
    ],
)
def test_a_page_template(site, body, faults):
    def make(folder):
        manage_addPageTemplate(folder, "t", "", body)
        return "t"

    assert found(site.make(make)) == faults


def test_an_expression_of_a_page_template(site):
    def make(folder):
        manage_addPageTemplate(folder, "t", "", "<p>\n<i tal:content='python:('/></p>")
        return "t"

    ((line, message),) = found(site.make(make))
    assert line == 2
    assert "was never closed" in message


@pytest.fixture
def chameleon():
    """Have the engine for page templates that an instance of Zope has."""
    registry = getSiteManager()
    registry.registerUtility(Program, IPageTemplateEngine)
    yield
    registry.unregisterUtility(Program, IPageTemplateEngine)


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ("<p tal:content='here/title'>${here/gone | nothing}</p>", []),
        ("<p metal:use-macro='here/gone'>x</p>", []),
        (
            "<p>\n<i tal:content='python: ('/></p>",
            [(2, "'(' was never closed in an expression")],
        ),
        ("<p>\n${x y q(}</p>", [(2, 'Invalid variable name "x y q("')]),
        ("<p>\n<i tal:repeat='x'/></p>", [(2, "Invalid define syntax")]),
        ("<p tal:content='nope:x'/>", [(0, "Unknown expression type: 'nope'.")]),
    ],
)
def test_a_page_template_of_chameleon(site, chameleon, body, faults):
    def make(folder):
        manage_addPageTemplate(folder, "t", "", body)
        return "t"

    assert found(site.make(make)) == faults


@pytest.mark.parametrize(
    ("content_type", "body", "faults"),
    [
        ("application/json", b"[1,", [(1, "Expecting value")]),
        ("application/json", b"", []),
        ("text/plain", b"[1,", []),
    ],
)
def test_a_file(site, content_type, body, faults):
    def make(folder):
        folder._setObject("f", File("f", "", body, content_type))
        return "f"

    assert found(site.make(make)) == faults


def test_missing_cache_managers_and_preconditions_are_found(site):
    def make(folder):
        folder._setObject("f", File("f", "", b"x", "text/plain", "allowed"))
        folder.f.ZCacheable_setManagerId("memory")
        return "f"

    obj = site.make(make)
    told = [
        (0, "there is no cache manager 'memory'"),
        (0, "there is no method 'allowed' for the precondition"),
    ]
    assert sorted(found(obj)) == told
    assert sorted(found(Precondition(obj))) == told
    obj.aq_parent._setObject("allowed", DTMLMethod("", __name__="allowed"))
    obj.aq_parent._setObject("memory", RAMCacheManager("memory"))
    assert found(obj) == []


def test_dtml(site):
    def make(folder):
        folder._setObject("m", DTMLMethod("one", __name__="m"))
        return "m"

    obj = site.make(make)
    assert found(obj) == []
    obj.raw = "one\n<dtml-in x>"
    assert found(obj) == [(2, "No closing tag, for tag <dtml-in x>")]
    obj.raw = '<dtml-var expr="(">'
    assert found(obj) == [(0, "'(' was never closed in an expression")]


def test_sql(site):
    def make(folder):
        folder._setObject("s", SQL("s", "", "gone", "", "select 1"))
        return "s"

    obj = site.make(make)
    assert found(obj) == [(0, "there is no database connection 'gone'")]
    obj.connection_id = ""
    assert found(obj) == []
    obj.template.raw = "select\n<dtml-sqlgroup>"
    assert found(obj) == [(2, "No closing tag, for tag <dtml-sqlgroup>")]


class Failing:
    """A check with a fault of its own."""

    def __init__(self, context):
        pass

    def faults(self):
        raise ValueError("not checked")


def test_a_check_that_fails_is_logged(site, caplog):
    obj = script(site, "x = (\n")
    registry = getSiteManager()
    registry.registerSubscriptionAdapter(Failing, [PythonScript], ISourceCheck)
    try:
        assert found(obj) == [(1, "'(' was never closed")]
    finally:
        registry.unregisterSubscriptionAdapter(Failing, [PythonScript], ISourceCheck)
    assert "a cannot be checked" in caplog.text
    assert "not checked" in caplog.text


def test_messages_are_bounded_and_escaped():
    faults = [Fault(f"\x1b{n}", n, "\xfc" * 190) for n in range(100)]
    assert len(header(faults)) <= 6000
    assert header(faults).isascii()
    assert "\x1b" not in warnings(faults)
    assert warnings([Fault("a", 0, "b"), Fault("c", 3, "d")]) == (
        "warning: a: b\nwarning: c:3: d\n"
    )
