"""The seam to the publisher of the Zope Toolkit.

Another host is served by another adapter of its requests to `IExchange`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO
from typing import Any
from urllib.parse import parse_qs

import transaction
from zope.authentication.interfaces import IUnauthenticatedPrincipal
from zope.component import adapter
from zope.interface import directlyProvidedBy
from zope.interface import directlyProvides
from zope.interface import implementer
from zope.publisher.interfaces.http import IHTTPRequest
from zope.publisher.interfaces.http import IResult
from zope.security.checker import NamesChecker
from zope.security.interfaces import Unauthorized

from zope.app.fssync.browser.interfaces import IExchange
from zope.app.fssync.browser.interfaces import IFsSyncRequest
from zope.app.fssync.browser.protocol import GENERATION
from zope.fssync.errors import LimitExceeded

__all__ = ["PublisherExchange"]

#: Bytes that are read at a time: the whole rest would be held in memory.
PIECE = 1 << 16

_iteration = NamesChecker(["__iter__", "__next__", "close"])


@adapter(IHTTPRequest)
@implementer(IExchange)
class PublisherExchange:
    """A request of zope.publisher.

    Marks it, so that errors nobody catches are answered by `failure`.
    """

    def __init__(self, request: Any) -> None:
        self.request = request
        if not IFsSyncRequest.providedBy(request):
            directlyProvides(request, IFsSyncRequest, directlyProvidedBy(request))
        query = request.get("QUERY_STRING") or ""
        # The publisher leaves it alone in requests with a body of its own type.
        self._arguments = parse_qs(query)

    @property
    def anonymous(self) -> bool:
        principal = self.request.principal
        return principal is None or IUnauthenticatedPrincipal.providedBy(principal)

    def claims(self) -> bool:
        return bool(self.request._auth)

    def method(self) -> str:
        return str(self.request.method).upper()

    def content_type(self) -> str | None:
        return self.request.getHeader("Content-Type")

    def argument(self, name: str) -> str | None:
        values = self._arguments.get(name)
        return " ".join(values) if values else None

    def header(self, name: str) -> str | None:
        value = self.request.getHeader(name)
        return None if value is None else str(value)

    def body(self, limit: int) -> IO[bytes]:
        stream = self.request.bodyStream
        size = 0
        while piece := stream.read(PIECE):
            size += len(piece)
            if size > limit:
                raise LimitExceeded(f"the body has more than {limit} bytes")
        return stream.getCacheStream()

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
        directlyProvides(pieces, IResult)
        # The view is called through a proxy, which guards what it returns.
        pieces.__Security_checker__ = _iteration
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
