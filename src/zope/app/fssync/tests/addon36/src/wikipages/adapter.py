"""Filesystem synchronization support."""

from wikipages.interfaces import ISeeAlso
from wikipages.interfaces import IWiki
from wikipages.interfaces import IWikiPage
from wikipages.wiki import Wiki
from wikipages.wiki import WikiPage
from zope import interface
from zope import lifecycleevent
from zope.fssync import interfaces
from zope.fssync import synchronizer


@interface.implementer(interfaces.IFileSynchronizer)
class WikiPageSynchronizer(synchronizer.FileSynchronizer):
    """Pages are text files, authors are extras."""

    def metadata(self):
        md = super(WikiPageSynchronizer, self).metadata()
        md["syntax"] = "moin"
        return md

    def extras(self):
        return synchronizer.Extras(author=self.context.author)

    def dump(self, writeable):
        writeable.write(self.context.source.encode("utf-8"))

    def load(self, readable):
        data = readable.read()
        self.context.source = data.decode("utf-8")
        return self.loaded

    def loaded(self):
        parent = self.context.__parent__
        names = [word for word in self.context.source.split() if word in parent]
        if names:
            see = ISeeAlso(self.context)
            see.pages = [parent[name] for name in names]
            see.weights = dict((name, len(name)) for name in names)

    def setextras(self, extras):
        if "author" in extras:
            self.context.author = extras["author"]
        return lifecycleevent.Attributes(IWikiPage, "author")


@interface.implementer(interfaces.IDirectorySynchronizer)
class WikiSynchronizer(synchronizer.DirectorySynchronizer):
    """Wikis are directories; what begins with an underscore is private."""

    def extras(self):
        return synchronizer.Extras(title=self.context.title)

    def iteritems(self):
        for key, value in self.context.items():
            if not key.startswith("_"):
                yield (key, value)

    def __setitem__(self, name, obj):
        if not isinstance(name, str):
            name = str(name, encoding="utf-8")
        super(WikiSynchronizer, self).__setitem__(name, obj)


class SeeAlsoSynchronizer(synchronizer.DefaultSynchronizer):
    """Pickled, but with other permissions than other pickles."""


@interface.implementer(interfaces.IObjectGenerator)
class WikiGenerator(object):
    """A wiki has a special __init__ method."""

    def create(self, context, name):
        wiki = Wiki("The wiki " + name)
        context[name] = wiki
        return wiki


class WikiFileGenerator(synchronizer.FileGenerator):
    """Files in a wiki are pages."""

    def create(self, location, name, extension):
        if IWiki.providedBy(location):
            return WikiPage()
        return super(WikiFileGenerator, self).create(location, name, extension)

    def load(self, obj, readable):
        if IWikiPage.providedBy(obj):
            return WikiPageSynchronizer(obj).load(readable)
        return super(WikiFileGenerator, self).load(obj, readable)


class WikiDirectoryGenerator(synchronizer.DirectoryGenerator):
    """Directories in a wiki are wikis."""

    def create(self, location, name):
        if IWiki.providedBy(location):
            return Wiki("Part " + name)
        return super(WikiDirectoryGenerator, self).create(location, name)
