"""The views, by their public names."""

from zope.app.fssync.browser.checkin import SnarfCheckin
from zope.app.fssync.browser.checkin import SnarfRehearsal
from zope.app.fssync.browser.checkout import SnarfFile
from zope.app.fssync.browser.commit import SnarfCommit
from zope.app.fssync.browser.commit import SnarfCommitRehearsal
from zope.app.fssync.browser.submission import SnarfSubmission

__all__ = [
    "SnarfCheckin",
    "SnarfCommit",
    "SnarfCommitRehearsal",
    "SnarfFile",
    "SnarfRehearsal",
    "SnarfSubmission",
]
