"""The view that lists the types of objects that can be made in a container."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from zope.component import queryUtility

from zope.app.fssync.browser.snarfview import UNSHARED
from zope.app.fssync.browser.snarfview import SnarfView
from zope.app.fssync.server.making import made_of
from zope.app.fssync.server.making import makeable
from zope.fssync import paths
from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import UsageError
from zope.fssync.interfaces import ILimits
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import SERVER

__all__ = ["SnarfTypes"]


class SnarfTypes(SnarfView):
    """Send the factories that the caller may use in the context, as JSON.

    The body has a name on each line, with a slash at the end for a directory.  The
    response is a mapping with the list ``types``, and the mapping ``names`` of these
    names to their default classes, null for a pickle.
    """

    def run(self) -> Any:
        """Publish the view."""
        return self.answered(self._run)

    def _run(self) -> Any:
        view_request = self.view_request
        if view_request.method() != "POST":
            raise UsageError("names have to be sent by POST")
        self.check_object()
        self.check_readable()
        limits = queryUtility(ILimits, default=DEFAULT)
        most = SERVER.asked_names * (limits.name_size + len("/\r\n"))
        body = view_request.body(most).read()
        names = {
            name: made_of(self.host, self.context, name.rstrip("/"), name.endswith("/"))
            for name in _names(body)
        }
        types = [
            each._asdict() for each in makeable(self.host, self.access, self.context)
        ]
        # Discard the objects that `makeable` made.
        view_request.abort()
        document = json.dumps({"types": types, "names": names})
        return view_request.say(200, document, UNSHARED)


def _names(body: bytes) -> Iterator[str]:
    lines = body.splitlines()
    if len(lines) > SERVER.asked_names:
        raise LimitExceeded(
            f"no more than {SERVER.asked_names} names can be asked for at a time"
        )
    for line in lines:
        try:
            name = line.decode("utf-8")
        except UnicodeDecodeError:
            raise UsageError("the names are not UTF-8") from None
        paths.check_name(name.removesuffix("/"))
        yield name
