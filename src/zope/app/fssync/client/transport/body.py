"""The body of an answer, read as it arrives.

A body ends where its sender said it would; an earlier end is an error, so that
half an archive never passes for a whole one.
"""

from __future__ import annotations

import http.client
import io
from typing import TYPE_CHECKING

from zope.fssync.errors import ServerUnreachable
from zope.fssync.limits import BUFFER

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = ["Body"]


class _Raw(io.RawIOBase):
    """An `http.client.HTTPResponse` that tells an early end from the end."""

    def __init__(self, response: http.client.HTTPResponse, server: str) -> None:
        super().__init__()
        self._response = response
        self._server = server
        self.broken = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        try:
            count = self._response.readinto(buffer)
        except TimeoutError as error:
            raise self._break("it sent nothing for too long") from error
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise self._break(_reason(error)) from error
        if not count and self._response.length:
            raise self._break(f"{self._response.length} bytes are missing")
        return count

    def close(self) -> None:
        self._response.close()
        super().close()

    def _break(self, why: str) -> ServerUnreachable:
        self.broken = True
        return ServerUnreachable(
            f"the answer of {self._server} broke off: {why}",
            advice="Nothing was changed here. Try again.",
        )


class Body(io.BufferedReader):
    """A binary stream on the body of an answer."""

    def __init__(self, response: http.client.HTTPResponse, server: str) -> None:
        self._source = _Raw(response, server)
        super().__init__(self._source, BUFFER)

    @property
    def broken(self) -> bool:
        """Did the body end too early?"""
        return self._source.broken


def _reason(error: Exception) -> str:
    if isinstance(error, http.client.IncompleteRead):
        return "a part is missing"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
