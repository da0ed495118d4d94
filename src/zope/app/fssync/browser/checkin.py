"""Make new objects from an archive."""

from __future__ import annotations

from typing import Any

from zope.component import queryUtility

from zope.app.fssync.browser.submission import SnarfSubmission
from zope.app.fssync.server import faults
from zope.app.fssync.server.report import summary
from zope.fssync.errors import UsageError
from zope.fssync.interfaces import ITextEncoding
from zope.fssync.picklecontext import using
from zope.fssync.task import Checkin
from zope.fssync.xmlpickle.bytetext import ByteText

__all__ = ["SnarfCheckin", "SnarfRehearsal"]


class SnarfCheckin(SnarfSubmission):
    """Make a new object in the context from the archive.

    With the argument ``report`` the response is a summary, else empty, as in 3.6.0.
    The argument ``encoding`` is that of byte strings in pickles, see
    `zope.fssync.xmlpickle.bytetext`; a site declares a default by a utility.
    """

    def set_arguments(self) -> None:
        """See `SnarfSubmission`."""
        name = self.get_arg("name")
        if not name:
            raise UsageError("the argument 'name' is missing")
        self.container = self.context
        self.name = name
        self.fspath = self.get_arg("src") or name

    def run_submission(self) -> Any:
        """See `SnarfSubmission`."""
        report = self.check_in()
        self.drop_parts()
        return self.view_request.say(200, report if self.get_arg("report") else "")

    def check_in(self) -> str:
        """Make the object, and return the summary."""
        encoding = self.get_arg("encoding") or queryUtility(ITextEncoding)
        text = ByteText(encoding)
        with using(text=text):
            hooks = self.hooks()
            self.view_request.watch(hooks)
            task = Checkin(self.access, self.repository, hooks=hooks)
            task.perform(self.container, self.name, self.fspath)
        found = faults.told_once(hooks.faults)
        faults.refuse(found, self.is_strict())
        return summary(self.name, task.made, text) + faults.warnings(found)


class SnarfRehearsal(SnarfCheckin):
    """Run a checkin, send its summary, and undo it.

    It is a view of its own because servers of 3.6.0 ignore unknown arguments.
    """

    def run_submission(self) -> Any:
        """See `SnarfSubmission`."""
        self.host.rehearse(self.context)
        report = self.check_in()
        self.view_request.abort()
        return self.view_request.say(
            200, f"Nothing was changed, this was a rehearsal.\n{report}"
        )
