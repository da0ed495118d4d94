from zope.annotation.interfaces import IAttributeAnnotatable
from zope.container.interfaces import IContainer

from zope import interface


class IWiki(IContainer, IAttributeAnnotatable):
    """A folder of wiki pages."""

    title = interface.Attribute("Title")


class IWikiPage(IAttributeAnnotatable):
    """A page of text."""

    source = interface.Attribute("Source text")
    author = interface.Attribute("Who wrote it")


class IFrontPage(interface.Interface):
    """Marks the page that is shown first."""


class ISeeAlso(interface.Interface):
    """Other pages of interest."""

    pages = interface.Attribute("List of pages")
    weights = interface.Attribute("Numbers by name")
