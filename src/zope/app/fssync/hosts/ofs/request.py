"""The seam to ZPublisher."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO
from typing import Any

from AccessControl import getSecurityManager
from AccessControl.unauthorized import Unauthorized
from zope.component import adapter
from zope.interface import alsoProvides
from zope.interface import implementer
from zope.publisher.interfaces.browser import IBrowserRequest
from ZPublisher.Iterators import IUnboundStreamIterator

from zope.app.fssync.hosts.ofs.interfaces import ISynchronizationRequest
from zope.app.fssync.server.request import RequestExchange
from zope.app.fssync.server.requestinterfaces import IExchange
from zope.fssync.errors import LimitExceeded

__all__ = ["ZPublisherExchange"]


@adapter(IBrowserRequest)
@implementer(IExchange)
class ZPublisherExchange(RequestExchange):
    """A request of ZPublisher."""

    def __init__(self, request: Any) -> None:
        super().__init__(request)
        if not ISynchronizationRequest.providedBy(request):
            alsoProvides(request, ISynchronizationRequest)

    @property
    def anonymous(self) -> bool:
        return tuple(getSecurityManager().getUser().getRoles()) == ("Anonymous",)

    def body(self, limit: int) -> IO[bytes]:
        # Not BODY, which has a limit of its own, and would be in memory.
        stream: IO[bytes] = self.request["BODYFILE"]
        if stream.seek(0, 2) > limit:
            raise LimitExceeded(f"the body has more than {limit} bytes")
        # After a conflict it is read once more.
        stream.seek(0)
        return stream

    def deny(self, message: str) -> None:
        raise Unauthorized(message)

    def stream(self, pieces: Any, headers: Mapping[str, str]) -> Any:
        self.archive_head(headers)
        alsoProvides(pieces, IUnboundStreamIterator)
        return pieces
