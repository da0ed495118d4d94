"""DTML pages of zope.app.dtmlpage."""

from __future__ import annotations

from DocumentTemplate import HTML

from zope.app.fssync.content.tests.registering import PageContract
from zope.app.fssync.dtmlpage.adapter import DTMLPageAdapter


class Page:
    """Has the methods of DTMLPage, as release 3.5.0 has them."""

    template = HTML("")

    def getSource(self) -> str:
        source: str = self.template.read()
        return source

    def setSource(self, text: str, content_type: str = "text/html") -> None:
        self.template = HTML(text)


class TestDTMLPageAdapter(PageContract):
    package = "zope.app.fssync.dtmlpage"
    name = "zope.app.dtmlpage.dtmlpage.DTMLPage"
    adapter = DTMLPageAdapter
    compiling = Page
    faults = {
        "<p><dtml-var title></p>\n": [],
        "<p>\n<dtml-if title>": [(2, "No closing tag, for tag <dtml-if title>")],
        '<dtml-var expr="1 +">': [(0, "invalid syntax in an expression")],
    }
