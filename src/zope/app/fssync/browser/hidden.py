"""The view that tells removed from hidden, to who has known the paths before."""

from __future__ import annotations

import io
from typing import Any

from zope.component import queryUtility

from zope.app.fssync.browser.views import SnarfView
from zope.app.fssync.server.checkout import deadly
from zope.app.fssync.server.checkout import hooks
from zope.app.fssync.server.errorresponse import answer
from zope.fssync import paths
from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import UsageError
from zope.fssync.errors import Withheld
from zope.fssync.interfaces import ILimits
from zope.fssync.limits import DEFAULT
from zope.fssync.repository import SnarfRepository
from zope.fssync.task.hidden import Hidden

__all__ = ["SnarfHidden"]


#: Bytes, and paths, of one question: anybody may ask, and they are held in memory.
MOST = 32 << 20
MANY = 500_000


class SnarfHidden(SnarfView):
    """Answers those lines of the body that are paths of what is withheld.

    Paths are those of a checkout of the context.
    """

    def run(self) -> Any:
        """Publish the view."""
        return answer(self.exchange, self._run)

    def _run(self) -> Any:
        exchange = self.exchange
        if exchange.method() != "POST":
            raise UsageError("paths have to be sent by POST")
        if self.access(self.context) is None:
            raise Withheld("you may not read %s", self.title())
        limits = queryUtility(ILimits, default=DEFAULT)
        text = exchange.body(min(MOST, limits.entries_size)).read()
        if text.count(b"\n") > MANY:
            raise LimitExceeded(f"no more than {MANY} paths can be asked for at a time")
        try:
            wanted = text.decode("utf-8").splitlines()
        except UnicodeDecodeError:
            raise UsageError("the paths are not UTF-8") from None
        for path in wanted:
            paths.split_archive_path(path, limits)
        task = Hidden(
            self.access,
            SnarfRepository(io.BytesIO(), case_insensitive=True, enforce_nfd=True),
            wanted=wanted,
            fatal=deadly(),
            **hooks(self.context),
        )
        task.perform(self.context, self.title())
        return exchange.say(200, "".join(f"{path}\n" for path in task.hidden()))
