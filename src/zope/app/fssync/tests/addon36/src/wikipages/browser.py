"""Views on wikis, for scripts."""

import os
import shutil
import tempfile

from zope.annotation.interfaces import IAnnotations
from zope.publisher.browser import BrowserView
from zope.security.proxy import removeSecurityProxy

from wikipages.interfaces import IWikiPage
from zope.app.fssync import syncer
from zope.app.fssync.browser import SnarfCommit
from zope.fssync import repository
from zope.fssync import synchronizer
from zope.fssync import task


class Report(BrowserView):
    """What the other tests want to know."""

    def __call__(self):
        lines = []
        for name, page in self.context.items():
            if not IWikiPage.providedBy(page):
                lines.append(name)
                continue
            # Adapting would make it.
            see = IAnnotations(removeSecurityProxy(page)).get("wikipages.SeeAlso")
            weights = sorted(see.weights.items()) if see else []
            pages = [other.__name__ for other in see.pages] if see else []
            lines.append("%s by %s: %s %s" % (name, page.author, pages, weights))
        return "\n".join([self.context.title] + lines)


class Backup(BrowserView):
    """Writes the wiki to a directory, and says what it consists of."""

    def __call__(self):
        location = tempfile.mkdtemp()
        try:
            syncer.toFS(self.context, "backup", location)
            found = []
            for dirpath, dirs, files in os.walk(location):
                for name in files:
                    path = os.path.join(dirpath, name)
                    found.append(os.path.relpath(path, location))
            return "\n".join(sorted(found))
        finally:
            shutil.rmtree(location)


class Duplicate(BrowserView):
    """Copies the wiki beside itself, by the tasks of zope.fssync."""

    def __call__(self):
        name = self.context.__name__
        container = self.context.__parent__
        snarf = syncer.toSNARF(self.context, name)
        snarf.seek(0)
        archive = repository.SnarfRepository(snarf)
        check = task.Check(syncer.getSynchronizer, archive)
        check.check(container, name, name)
        if check.errors():
            raise task.SynchronizationError(check.errors()[0])
        checkin = task.Checkin(syncer.getSynchronizer, archive)
        checkin.perform(container, "copy-of-" + name, name)
        made = syncer.getSynchronizer(container)["copy-of-" + name]
        return synchronizer.dottedname(made.__class__)


class WikiCommit(SnarfCommit):
    """A commit that is labelled, and wants every page to have some text."""

    def set_note(self):
        super(WikiCommit, self).set_note()
        if self.get_arg("note") == "forbidden":
            raise task.SynchronizationError("this note is not liked here")

    def run_submission(self):
        result = super(WikiCommit, self).run_submission()
        for name, page in self.context.items():
            if IWikiPage.providedBy(page) and not page.source:
                raise task.SynchronizationError("%s is empty" % name)
        return result
