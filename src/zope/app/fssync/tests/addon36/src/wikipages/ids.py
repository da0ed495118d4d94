"""Ids that tell wiki pages from everything else."""

from zope.traversing.api import getPath

from wikipages.interfaces import IWiki
from wikipages.interfaces import IWikiPage
from zope import component
from zope import interface
from zope.fssync import interfaces
from zope.fssync import pickle


@component.adapter(IWikiPage)
@interface.implementer(interfaces.IEntryId)
class WikiPageId(object):
    def __init__(self, context):
        self.context = context

    def __str__(self):
        return getPath(self.context.__parent__) + "/" + self.context.__name__


@component.adapter(IWiki)
@interface.implementer(interfaces.IEntryId)
def WikiId(wiki):
    path = getPath(wiki)
    return path.encode("utf-8")


@component.adapter(interfaces.IPickler)
@interface.implementer(interfaces.IPersistentIdGenerator)
class WikiIdGenerator(pickle.PathPersistentIdGenerator):
    def id(self, object):
        if IWikiPage.providedBy(object) and object is not self.location:
            id = "wikipage:" + getPath(object)
            return id.encode("utf-8")
        return super(WikiIdGenerator, self).id(object)


@component.adapter(interfaces.IUnpickler)
@interface.implementer(interfaces.IPersistentIdLoader)
class WikiIdLoader(pickle.PathPersistentLoader):
    def load(self, path):
        if path.startswith("wikipage:"):
            path = path[len("wikipage:") :]
            return self.traverse(path[1:])
        return super(WikiIdLoader, self).load(path)
