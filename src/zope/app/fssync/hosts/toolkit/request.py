"""Requests of the publisher of the Zope Toolkit."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import IO
from typing import Any

from zope.app.publication.interfaces import IEndRequestEvent
from zope.authentication.interfaces import IUnauthenticatedPrincipal
from zope.component import adapter
from zope.component import getMultiAdapter
from zope.component import queryMultiAdapter
from zope.interface import Interface
from zope.interface import directlyProvidedBy
from zope.interface import directlyProvides
from zope.interface import implementer
from zope.publisher.interfaces import Retry
from zope.publisher.interfaces.http import IHTTPRequest
from zope.publisher.interfaces.http import IResult
from zope.security import canAccess
from zope.security.checker import NamesChecker
from zope.security.interfaces import Forbidden
from zope.security.interfaces import Unauthorized
from zope.security.proxy import removeSecurityProxy

from zope.app.fssync.hosts.toolkit.checkers import named
from zope.app.fssync.server.interfaces import IFsSyncRequest
from zope.app.fssync.server.interfaces import IViewRequest
from zope.app.fssync.server.request import BaseViewRequest
from zope.fssync.errors import LimitExceeded
from zope.fssync.limits import CHUNK
from zope.fssync.messages import _

__all__ = ["ToolkitViewRequest", "check_outcome"]


#: The key of the data kept in the annotations of a request.
_kept = "zope.app.fssync.kept"

_iteration = named(NamesChecker(["__iter__", "__next__", "close"]))


class IArchiveFile(Interface):
    """An archive in a file, as a result of a view."""


@implementer(IArchiveFile)
class ArchiveFile:
    """An archive in a file.

    The publisher looks up the interfaces of its result through a proxy.  For a builtin
    object it would read more names, and zope.security leaks memory for each of them:
    see `checkers`.
    """

    __Security_checker__ = named(NamesChecker([]))

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream = stream


@adapter(IArchiveFile, IHTTPRequest)
@implementer(IResult)
def send_file(archive: Any, request: Any) -> Any:
    """Return the archive in the form in which the site sends files."""
    stream = removeSecurityProxy(archive).stream
    return getMultiAdapter((stream, request), IResult)


@adapter(IHTTPRequest)
@implementer(IViewRequest)
class ToolkitViewRequest(BaseViewRequest):
    """A request of zope.publisher.

    It marks the request, so that `errorview` responds to uncaught errors.
    """

    def __init__(self, request: Any) -> None:
        super().__init__(request)
        if not IFsSyncRequest.providedBy(request):
            directlyProvides(request, IFsSyncRequest, directlyProvidedBy(request))

    @property
    def kept(self) -> dict[str, Any]:
        found: dict[str, Any] = self.request.annotations.setdefault(_kept, {})
        return found

    def user(self) -> str | None:
        return None if self.anonymous else str(self.request.principal.id)

    @property
    def anonymous(self) -> bool:
        principal = self.request.principal
        return principal is None or IUnauthenticatedPrincipal.providedBy(principal)

    def may(self, obj: Any, name: str) -> bool:
        view = queryMultiAdapter((obj, self.request), name=name)
        try:
            return view is not None and bool(canAccess(view, "__call__"))
        except Forbidden:
            return False

    def body(self, limit: int) -> IO[bytes]:
        stream = self.request.bodyStream
        size = 0
        while piece := stream.read(CHUNK):
            size += len(piece)
            if size > limit:
                raise LimitExceeded(
                    _("the body has more than ${limit} bytes", mapping={"limit": limit})
                )
        found: IO[bytes] = stream.getCacheStream()
        return found

    def deny(self, message: str) -> None:
        raise Unauthorized(message)

    def send(self, stream: IO[bytes], headers: Mapping[str, str]) -> Any:
        return ArchiveFile(super().send(stream, headers))

    def stream(self, pieces: Any, headers: Mapping[str, str]) -> Any:
        super().stream(pieces, headers)
        directlyProvides(pieces, IResult)
        # The publisher calls the view through a proxy, and wraps the result.
        pieces.__Security_checker__ = _iteration
        return pieces


@adapter(IEndRequestEvent)
def check_outcome(event: Any) -> None:
    """Replace the response if the transaction was not committed; end the exchange."""
    request = event.request
    if not IFsSyncRequest.providedBy(request):
        return
    view_request = ToolkitViewRequest(request)
    # The publisher ends a request before it begins the next attempt, and before it
    # answers that there is none.
    if isinstance(sys.exception(), Retry):
        if request.supportsRetry():
            view_request.retry()
        else:
            view_request.end(503)
        return
    text = view_request.undone()
    if text is not None:
        request.response.setResult(text)
    view_request.end()
