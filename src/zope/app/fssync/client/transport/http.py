"""HTTP and HTTPS.

Certificates are checked against what the system trusts, and there is no way to
switch that off.  Nothing is ever sent to another origin than that of the URL, and a
login to no other path than below it.  A body is read as it arrives and ends where its
sender said it would: an earlier end is an error, so that half an archive never passes
for a whole one.
"""

from __future__ import annotations

import http.client
import io
import os
import select
import socket
import ssl
from collections.abc import Iterable
from typing import TYPE_CHECKING
from typing import BinaryIO
from urllib.parse import unquote
from urllib.parse import urljoin
from urllib.parse import urlsplit

from zope.interface import implementer

from zope.app.fssync.client.interfaces import IResponse
from zope.app.fssync.client.interfaces import ITransport
from zope.app.fssync.client.transport import TransportOptions
from zope.app.fssync.client.url import RootURL
from zope.fssync.errors import Error
from zope.fssync.errors import ProxyFailed
from zope.fssync.errors import ServerRefused
from zope.fssync.errors import ServerUnreachable
from zope.fssync.limits import BUFFER
from zope.fssync.limits import CHUNK
from zope.fssync.limits import REDIRECTS
from zope.fssync.terminal import escape

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = ["HTTPTransport"]

Headers = Iterable[tuple[str, str]]

REDIRECTIONS = frozenset({301, 302, 303, 307, 308})


class _Raw(io.RawIOBase):
    """The body of a response; an end before its announced length is an error."""

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
            raise self._break(_broken_reason(error)) from error
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


def _broken_reason(error: Exception) -> str:
    if isinstance(error, http.client.IncompleteRead):
        return "a part is missing"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


@implementer(IResponse)
class _Response:
    def __init__(self, response: http.client.HTTPResponse, server: str) -> None:
        self.status = response.status
        self.reason = response.reason
        self.headers = response.headers
        self._response = response
        self._unread = False
        self.fp = Body(response, server)

    def close(self) -> None:
        # http.client takes a closed response for one that was read.
        self._unread = not self._response.isclosed()
        self.fp.close()

    @property
    def finished(self) -> bool:
        """Has the body been read to its end?  Else more of it may still arrive."""
        return self._response.isclosed() and not self._unread and not self.fp.broken


@implementer(ITransport)
class HTTPTransport:
    """Keeps one connection, as long as the server keeps it too."""

    def __init__(self, url: RootURL, *, options: TransportOptions) -> None:
        self._url = url
        self._options = options
        self._proxy = _proxy_for(url, options.proxy)
        self._connection: http.client.HTTPConnection | None = None
        self._response: _Response | None = None

    def request(
        self,
        method: str,
        target: str,
        headers: Headers,
        body: BinaryIO | None = None,
        length: int | None = None,
    ) -> _Response:
        pairs = list(headers)
        if method != "GET":
            self.close()  # nothing is sent twice, so never to a dying connection
            return self._send(method, target, pairs, body, length)
        authorized = any(name.lower() == "authorization" for name, _ in pairs)
        root = self._url.path.rstrip("/")
        asked = unquote(urlsplit(target).path, errors="surrogateescape")
        # The users of one origin need not trust each other: with a login, only the
        # request for the root URL itself may be led out of it.
        within = f"{root}/" if authorized and asked.rpartition("/")[0] != root else "/"
        for _ in range(REDIRECTS + 1):
            response = self._get(target, pairs)
            elsewhere = self._redirection(response, target, within)
            if elsewhere is None:
                return response
            target = elsewhere
            response.close()
        raise ServerRefused(
            f"{self._server} answered with more than {REDIRECTS} redirects"
        )

    def close(self) -> None:
        if self._response is not None:
            self._response.close()
        if self._connection is not None:
            self._connection.close()
        self._response = self._connection = None

    @property
    def _server(self) -> str:
        return f"{self._url.scheme}://{self._url.host_port}"

    def _get(self, target: str, headers: list[tuple[str, str]]) -> _Response:
        kept = self._is_connected()
        try:
            return self._send("GET", target, headers, None, None)
        except ServerUnreachable as error:
            if not (kept and isinstance(error.__cause__, ConnectionError)):
                raise
        self.close()
        return self._send("GET", target, headers, None, None)

    def _is_connected(self) -> bool:
        """Is there a connection that can take one more request?"""
        if self._response is not None and not self._response.finished:
            self.close()
        connection = self._connection
        if connection is None or connection.sock is None:
            return False
        readable, _, _ = select.select([connection.sock], [], [], 0)
        if readable:  # closed by the server, or out of step
            self.close()
        return not readable

    def _send(
        self,
        method: str,
        target: str,
        headers: list[tuple[str, str]],
        body: BinaryIO | None,
        length: int | None,
    ) -> _Response:
        try:
            connection = self._connected()
            try:
                self._write(connection, method, target, headers, body, length)
            except (BrokenPipeError, ConnectionResetError):
                if body is None:
                    raise
                # The server may have answered without waiting for all of it.
            channel = connection.sock
            channel.settimeout(self._options.answer_timeout)
            response = connection.getresponse()
            channel.settimeout(self._options.read_timeout)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise self._unreachable(error) from error
        except BaseException:
            self.close()  # what was begun cannot be taken up again
            raise
        self._response = _Response(response, self._server)
        return self._response

    def _write(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        target: str,
        headers: list[tuple[str, str]],
        body: BinaryIO | None,
        length: int | None,
    ) -> None:
        if self._proxy is not None and self._url.scheme == "http":
            target = f"{self._server}{target}"
        connection.putrequest(method, target)
        for name, value in headers:
            connection.putheader(name, value)
        if self._proxy is not None and self._url.scheme == "http":
            for name, value in self._proxy.headers:
                connection.putheader(name, value)
        if body is not None and length is not None:
            connection.putheader("Content-Length", str(length))
        connection.endheaders()
        while body is not None and length:
            block = body.read(min(CHUNK, length))
            if not block:
                raise Error("the data to be sent became shorter on the way")
            connection.send(block)
            length -= len(block)

    def _connected(self) -> http.client.HTTPConnection:
        if self._connection is None or self._connection.sock is None:
            self._connection = self._connect()
        return self._connection

    def _connect(self) -> http.client.HTTPConnection:
        timeout = self._options.connect_timeout
        host, port = self._url.host, self._url.port
        proxy = self._proxy
        if proxy is not None:
            host, port = proxy.host, proxy.port
        connection: http.client.HTTPConnection
        if self._url.scheme == "https":
            context = _context(self._options.authorities)
            connection = http.client.HTTPSConnection(
                host, port, timeout=timeout, context=context
            )
            if proxy is not None:
                connection.set_tunnel(
                    self._url.host, self._url.port, dict(proxy.headers)
                )
        else:
            connection = http.client.HTTPConnection(host, port, timeout=timeout)
        try:
            connection.connect()
        except BaseException:
            connection.close()
            raise
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        connection.sock.settimeout(self._options.read_timeout)
        return connection

    def _redirection(self, response: _Response, target: str, within: str) -> str | None:
        """Return where on the same origin a redirect leads to, else None.

        None as well if that is not below the path ``within``.
        """
        location = response.headers.get("Location")
        if response.status not in REDIRECTIONS or not location:
            return None
        parts = urlsplit(urljoin(f"{self._server}{target}", location))
        try:
            url = RootURL.parse(f"{parts.scheme}://{parts.netloc}/")
        except Error:
            return None
        if url.origin != self._url.origin:
            return None
        path = unquote(parts.path or "/", errors="surrogateescape")
        if not path.startswith(within) or (within != "/" and ".." in path.split("/")):
            return None
        return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

    def _unreachable(self, error: Exception) -> Error:
        server = self._server
        if isinstance(error, ssl.SSLCertVerificationError):
            return ServerUnreachable(
                f"the certificate of {server} is not valid: {error.verify_message}",
                advice="Where the server's own authority is to be trusted, name the "
                "file with its certificate: 'zsync config set tls.ca FILE', or in the "
                "environment as SSL_CERT_FILE.",
            )
        if isinstance(error, TimeoutError):
            return ServerUnreachable(f"{server} did not answer in time")
        broken = (http.client.BadStatusLine, ConnectionError)
        refused = isinstance(error, ConnectionRefusedError)
        if isinstance(error, broken) and not refused:
            what = str(error) or type(error).__name__
            if isinstance(error, http.client.RemoteDisconnected):
                what = "it closed the connection without an answer"
            elif isinstance(error, http.client.BadStatusLine):
                what = "it does not speak HTTP"
            elif isinstance(error, OSError) and error.strerror:
                what = error.strerror
            return ServerUnreachable(f"cannot talk to {server}: {what}")
        if isinstance(error, http.client.HTTPException):
            return ProxyFailed(
                f"{server} gave no valid answer: {type(error).__name__}: {error}"
            )
        reason = getattr(error, "strerror", None) or str(error)
        via = f" (proxy {self._proxy.host}:{self._proxy.port})" if self._proxy else ""
        return ServerUnreachable(
            f"cannot reach {server}{via}: {reason}",
            advice="Check host and port of the URL, and whether the server runs.",
        )


class _Proxy:
    """A proxy, as an environment variable names it."""

    def __init__(self, text: str) -> None:
        url = text if "://" in text else f"http://{text}"
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname:
            raise Error(
                "the proxy must be named by an http URL",
                advice="See the setting http.proxy, and the environment variables "
                "http_proxy and https_proxy.",
            )
        self.host = parts.hostname
        self.port = parts.port or 80
        self.headers: list[tuple[str, str]] = []
        if parts.username is not None:
            from base64 import b64encode

            user = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            token = b64encode(user.encode("utf-8")).decode("ascii")
            self.headers.append(("Proxy-Authorization", f"Basic {token}"))


def _context(authorities: str | None) -> ssl.SSLContext:
    """Return what checks certificates, by the authorities that count."""
    if authorities is None:
        return ssl.create_default_context()
    path = os.path.expanduser(authorities)
    try:
        return ssl.create_default_context(cafile=path)
    except OSError as error:
        raise Error(
            f"the authorities in {escape(path)} cannot be used: {error.strerror}",
            path=path,
            advice="The setting tls.ca names a file with certificates in PEM form.",
        ) from None


def _proxy_for(url: RootURL, named: str | None = None) -> _Proxy | None:
    """Return the proxy to use; the own machine is never asked for through one.

    ``named`` counts in place of the one that the environment names.
    """
    if url.is_loopback:
        return None
    # Not imported before: it loads what else opens URLs.
    from urllib.request import getproxies
    from urllib.request import proxy_bypass

    if proxy_bypass(f"{url.host}:{url.port}"):
        return None
    text = getproxies().get(url.scheme) if named is None else named
    return _Proxy(text) if text else None
