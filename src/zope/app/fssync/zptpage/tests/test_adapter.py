"""Page templates of zope.app.zptpage."""

from __future__ import annotations

from zope.app.fssync.content.tests.registering import PageContract
from zope.app.fssync.zptpage.adapter import ZPTPageAdapter


class TestZPTPageAdapter(PageContract):
    package = "zope.app.fssync.zptpage"
    name = "zope.app.zptpage.zptpage.ZPTPage"
    adapter = ZPTPageAdapter
