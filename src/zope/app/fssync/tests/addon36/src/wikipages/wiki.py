from persistent import Persistent
from zope.annotation import factory
from zope.container.btree import BTreeContainer
from zope.container.contained import Contained

from wikipages import interfaces
from zope import component
from zope import interface


@interface.implementer(interfaces.IWiki)
class Wiki(BTreeContainer):
    def __init__(self, title):
        super(Wiki, self).__init__()
        self.title = title


@interface.implementer(interfaces.IWikiPage)
class WikiPage(Persistent, Contained):
    def __init__(self):
        self.source = ""
        self.author = "nobody"


@component.adapter(interfaces.IWikiPage)
@interface.implementer(interfaces.ISeeAlso)
class SeeAlso(Persistent):
    def __init__(self):
        self.pages = []
        self.weights = {}


SeeAlsoAnnotation = factory(SeeAlso, "wikipages.SeeAlso")
