"""The view with which a client distinguishes removed from withheld objects."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import IO
from typing import Any

from zope.component import queryUtility

from zope.app.fssync.browser.snarfview import SnarfView
from zope.fssync import paths
from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import UsageError
from zope.fssync.errors import Withheld
from zope.fssync.interfaces import ILimits
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import Limits
from zope.fssync.limits import ServerLimits
from zope.fssync.repository import SnarfRepository
from zope.fssync.task.hidden import Hidden

__all__ = ["SnarfHidden"]


SERVER = ServerLimits()


class SnarfHidden(SnarfView):
    """Return the lines of the body that are paths of withheld objects.

    Paths are those of a checkout of the context; the client knows them already.
    """

    def run(self) -> Any:
        """Publish the view."""
        return self.answered(self._run)

    def _run(self) -> Any:
        view_request = self.view_request
        if view_request.method() != "POST":
            raise UsageError("paths have to be sent by POST")
        self.check_object()
        if self.access(self.context) is None:
            raise Withheld(f"you may not read {self.title()}")
        limits = queryUtility(ILimits, default=DEFAULT)
        body = view_request.body(min(SERVER.asked_body, limits.entries_size))
        wanted = list(_paths(body, limits))
        task = Hidden(
            self.access,
            SnarfRepository(io.BytesIO(), case_insensitive=True, enforce_nfd=True),
            wanted=wanted,
            hooks=self.host.database(self.context),
        )
        task.perform(self.context, self.title())
        return view_request.say(200, "".join(f"{path}\n" for path in task.hidden()))


def _paths(body: IO[bytes], limits: Limits) -> Iterator[str]:
    """Iterate over the lines of the body; refuse lines longer than a path may be."""
    longest = limits.path_depth * (limits.name_size + 1)
    for _ in range(SERVER.asked_paths):
        line = body.readline(longest + 1)
        if not line:
            return
        if len(line) > longest:
            raise LimitExceeded(f"a path of more than {longest} bytes")
        try:
            path = line.decode("utf-8").rstrip("\r\n")
        except UnicodeDecodeError:
            raise UsageError("the paths are not UTF-8") from None
        paths.split_archive_path(path, limits)
        yield path
    if body.read(1):
        raise LimitExceeded(
            f"no more than {SERVER.asked_paths} paths can be asked for at a time"
        )
