"""Page templates of zope.app.zptpage."""

from __future__ import annotations

from zope.pagetemplate.engine import AppPT
from zope.pagetemplate.pagetemplate import PageTemplate

from zope.app.fssync.content.tests.registering import PageContract
from zope.app.fssync.zptpage.adapter import ZPTPageAdapter


class Page(AppPT, PageTemplate):
    """Has the methods of ZPTPage, as release 3.5.1 has them."""

    expand = False

    def getSource(self, request: object = None) -> str:
        source: str = self.read(request)
        return source

    def setSource(self, text: str, content_type: str = "text/html") -> None:
        self.pt_edit(text, content_type)


class TestZPTPageAdapter(PageContract):
    package = "zope.app.fssync.zptpage"
    name = "zope.app.zptpage.zptpage.ZPTPage"
    adapter = ZPTPageAdapter
    compiling = Page
    faults = {
        '<p tal:content="view/title">Größe</p>\n': [],
        '<p>\n<b tal:nothing=""></b></p>': [(2, "bad TAL attribute: 'nothing'")],
        '<p tal:content="python: 1 +">a</p>': [
            (1, "invalid syntax (<string>, line 1) in expression 'python: 1 +'")
        ],
        "<p><!-- mine --></p>": [],
    }
