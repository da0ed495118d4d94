"""The seam to ZPublisher."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO
from typing import Any
from urllib.parse import parse_qs

import transaction
from AccessControl import getSecurityManager
from AccessControl.unauthorized import Unauthorized
from zope.component import adapter
from zope.interface import alsoProvides
from zope.interface import implementer
from zope.publisher.interfaces.browser import IBrowserRequest
from ZPublisher.Iterators import IUnboundStreamIterator

from zope.app.fssync.browser.interfaces import IExchange
from zope.app.fssync.browser.protocol import GENERATION
from zope.app.fssync.ofs.interfaces import ISynchronizationRequest
from zope.fssync.errors import LimitExceeded

__all__ = ["ZPublisherExchange"]


@adapter(IBrowserRequest)
@implementer(IExchange)
class ZPublisherExchange:
    """A request of ZPublisher."""

    def __init__(self, request: Any) -> None:
        self.request = request
        self._arguments = parse_qs(request.get("QUERY_STRING") or "")
        if not ISynchronizationRequest.providedBy(request):
            alsoProvides(request, ISynchronizationRequest)

    @property
    def anonymous(self) -> bool:
        return tuple(getSecurityManager().getUser().getRoles()) == ("Anonymous",)

    def claims(self) -> bool:
        return bool(self.request._auth)

    def method(self) -> str:
        return str(self.request.method).upper()

    def content_type(self) -> str | None:
        return self.request.getHeader("Content-Type")

    def header(self, name: str) -> str | None:
        return self.request.getHeader(name)

    def argument(self, name: str) -> str | None:
        values = self._arguments.get(name)
        return " ".join(values) if values else None

    def body(self, limit: int) -> IO[bytes]:
        # Not BODY, which has a limit of its own, and would be in memory.
        stream: IO[bytes] = self.request["BODYFILE"]
        if stream.seek(0, 2) > limit:
            raise LimitExceeded(f"the body has more than {limit} bytes")
        # After a conflict it is read once more.
        stream.seek(0)
        return stream

    def note(self, text: str) -> None:
        transaction.get().note(text)

    def abort(self) -> None:
        transaction.abort()

    def deny(self, message: str) -> None:
        raise Unauthorized(message)

    def send(self, stream: IO[bytes], headers: Mapping[str, str]) -> Any:
        self._archive(headers)
        stream.seek(0)
        return stream

    def stream(self, pieces: Any, headers: Mapping[str, str]) -> Any:
        self._archive(headers)
        alsoProvides(pieces, IUnboundStreamIterator)
        return pieces

    def _archive(self, headers: Mapping[str, str]) -> None:
        response = self.request.response
        response.setStatus(200)
        response.setHeader("Content-Type", "application/x-snarf")
        response.setHeader(*GENERATION)
        for name, value in headers.items():
            response.setHeader(name, value)

    def say(self, status: int, text: str) -> Any:
        response = self.request.response
        response.setStatus(status)
        response.setHeader("Content-Type", "text/plain;charset=utf-8")
        response.setHeader(*GENERATION)
        return text
