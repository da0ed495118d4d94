"""DTML pages of zope.app.dtmlpage."""

from __future__ import annotations

from zope.app.fssync.content.tests.registering import PageContract
from zope.app.fssync.dtmlpage.adapter import DTMLPageAdapter


class TestDTMLPageAdapter(PageContract):
    package = "zope.app.fssync.dtmlpage"
    name = "zope.app.dtmlpage.dtmlpage.DTMLPage"
    adapter = DTMLPageAdapter
