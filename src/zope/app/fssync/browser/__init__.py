"""The views, by their public names."""

from zope.app.fssync.browser.views import SnarfCheckin
from zope.app.fssync.browser.views import SnarfCommit
from zope.app.fssync.browser.views import SnarfCommitRehearsal
from zope.app.fssync.browser.views import SnarfFile
from zope.app.fssync.browser.views import SnarfRehearsal
from zope.app.fssync.browser.views import SnarfSubmission

__all__ = [
    "SnarfCheckin",
    "SnarfCommit",
    "SnarfCommitRehearsal",
    "SnarfFile",
    "SnarfRehearsal",
    "SnarfSubmission",
]
