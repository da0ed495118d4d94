"""HTTP and HTTPS.

Certificates are checked against what the system trusts, and there is no way to
switch that off.  Nothing is ever sent to another origin than that of the URL, and a
login to no other path than below it.  A body is read as it arrives and ends where its
sender said it would: an earlier end is an error, so that half an archive never passes
for a whole one.
"""

from __future__ import annotations

import io
import os
import select
import socket
from collections.abc import Iterable
from typing import TYPE_CHECKING
from typing import BinaryIO
from urllib.parse import unquote
from urllib.parse import urljoin
from urllib.parse import urlsplit

from zope.app.fssync.client.transport import TransportOptions
from zope.app.fssync.client.transport.messages import Answer
from zope.app.fssync.client.transport.messages import InvalidAnswer
from zope.app.fssync.client.transport.messages import NoAnswer
from zope.app.fssync.client.transport.messages import NotHTTP
from zope.app.fssync.client.transport.messages import read_answer
from zope.app.fssync.client.transport.messages import request_head
from zope.app.fssync.client.url import RootURL
from zope.fssync.contracts import keeps
from zope.fssync.errors import Error
from zope.fssync.errors import ProxyFailed
from zope.fssync.errors import ServerRefused
from zope.fssync.errors import ServerUnreachable
from zope.fssync.limits import BUFFER
from zope.fssync.limits import CHUNK
from zope.fssync.limits import REDIRECTS
from zope.fssync.terminal import escape

if TYPE_CHECKING:
    import ssl

    from _typeshed import WriteableBuffer

__all__ = ["HTTPTransport"]

Headers = Iterable[tuple[str, str]]

REDIRECTIONS = frozenset({301, 302, 303, 307, 308})


class _Raw(io.RawIOBase):
    """The body of a response; an end before its announced length is an error."""

    def __init__(self, response: Answer, server: str) -> None:
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
        except (OSError, ValueError, InvalidAnswer) as error:
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

    def __init__(self, response: Answer, server: str) -> None:
        self._source = _Raw(response, server)
        super().__init__(self._source, BUFFER)

    @property
    def broken(self) -> bool:
        """True if the body ended too early."""
        return self._source.broken


def _broken_reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


@keeps("zope.app.fssync.client.interfaces.IResponse")
class _Response:
    def __init__(self, response: Answer, server: str) -> None:
        self.status = response.status
        self.reason = response.reason
        self.headers = response.headers
        self._response = response
        self._unread = False
        self.fp = Body(response, server)

    def close(self) -> None:
        # An answer that was given up counts as one that was read.
        self._unread = not self._response.isclosed()
        self.fp.close()

    @property
    def finished(self) -> bool:
        """True if the body was read to its end, so that nothing more arrives."""
        return self._response.isclosed() and not self._unread and not self.fp.broken


@keeps("zope.app.fssync.client.interfaces.ITransport")
class HTTPTransport:
    """Keeps one connection, as long as the server keeps it too."""

    def __init__(self, url: RootURL, *, options: TransportOptions) -> None:
        self._url = url
        self._options = options
        self._proxy = _proxy_for(url, options.proxy)
        self._channel: socket.socket | None = None
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
        if self._channel is not None:
            self._channel.close()
        self._response = self._channel = None

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
        """Return True if there is a connection that can take another request."""
        if self._response is not None and not self._response.finished:
            self.close()
        if self._channel is None:
            return False
        readable, _, _ = select.select([self._channel], [], [], 0)
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
            channel = self._connected()
            try:
                self._write(channel, method, target, headers, body, length)
            except (BrokenPipeError, ConnectionResetError):
                if body is None:
                    raise
                # The server may have answered without waiting for all of it.
            channel.settimeout(self._options.answer_timeout)
            response = read_answer(channel)
            channel.settimeout(self._options.read_timeout)
            if not response.keeps_connection:
                # The answer has a stream of its own on it.
                channel.close()
                self._channel = None
        except (OSError, InvalidAnswer) as error:
            self.close()
            raise self._unreachable(error) from error
        except BaseException:
            self.close()  # what was begun cannot be taken up again
            raise
        self._response = _Response(response, self._server)
        return self._response

    def _write(
        self,
        channel: socket.socket,
        method: str,
        target: str,
        headers: list[tuple[str, str]],
        body: BinaryIO | None,
        length: int | None,
    ) -> None:
        if self._proxy is not None and self._url.scheme == "http":
            target = f"{self._server}{target}"
            headers = [*headers, *self._proxy.headers]
        if body is not None and length is not None:
            headers = [*headers, ("Content-Length", str(length))]
        channel.sendall(request_head(method, target, self._url.host_port, headers))
        while body is not None and length:
            block = body.read(min(CHUNK, length))
            if not block:
                raise Error("the data to be sent became shorter on the way")
            channel.sendall(block)
            length -= len(block)

    def _connected(self) -> socket.socket:
        if self._channel is None:
            self._channel = self._connect()
        return self._channel

    def _connect(self) -> socket.socket:
        at = self._url if self._proxy is None else self._proxy
        # As bytes: for text the codec of all scripts would be loaded.
        host = at.host.encode("ascii" if at.host.isascii() else "idna")
        channel = socket.create_connection(
            (host, at.port),  # type: ignore[arg-type]
            self._options.connect_timeout,
        )
        try:
            channel.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            channel.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            if self._url.scheme == "https":
                if self._proxy is not None:
                    self._open_tunnel(channel, self._proxy)
                context = _context(self._options.authorities)
                channel = context.wrap_socket(channel, server_hostname=self._url.host)
            channel.settimeout(self._options.read_timeout)
        except BaseException:
            channel.close()
            raise
        return channel

    def _open_tunnel(self, channel: socket.socket, proxy: _Proxy) -> None:
        """Have the proxy pass on what follows, without a look at it."""
        host = f"[{self._url.host}]" if ":" in self._url.host else self._url.host
        there = f"{host}:{self._url.port}"
        channel.sendall(request_head("CONNECT", there, there, proxy.headers))
        answer = read_answer(channel)
        if answer.status != 200:
            answer.close()
            raise OSError(f"the proxy refused: {answer.status} {answer.reason}")

    def _redirection(self, response: _Response, target: str, within: str) -> str | None:
        """Return where on the same origin a redirect leads to, else None.

        None as well if that is not below the path ``within``.
        """
        location = response.headers.get("Location")
        if response.status not in REDIRECTIONS or not location:
            return None
        try:
            parts = urlsplit(urljoin(f"{self._server}{target}", location))
            url = RootURL.parse(f"{parts.scheme}://{parts.netloc}/")
        except (Error, ValueError):
            return None
        if url.origin != self._url.origin:
            return None
        path = unquote(parts.path or "/", errors="surrogateescape")
        if not path.startswith(within) or (within != "/" and ".." in path.split("/")):
            return None
        return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

    def _unreachable(self, error: Exception) -> Error:
        server = self._server
        if (why := _distrust(error)) is not None:
            return ServerUnreachable(
                f"the certificate of {server} is not valid: {why}",
                advice="Where the server's own authority is to be trusted, name the "
                "file with its certificate: 'zsync config set tls.ca FILE', or in the "
                "environment as SSL_CERT_FILE.",
            )
        if isinstance(error, TimeoutError):
            return ServerUnreachable(f"{server} did not answer in time")
        broken = (NotHTTP, ConnectionError)
        refused = isinstance(error, ConnectionRefusedError)
        if isinstance(error, broken) and not refused:
            what = str(error) or type(error).__name__
            if isinstance(error, NoAnswer):
                what = "it closed the connection without an answer"
            elif isinstance(error, NotHTTP):
                what = "it does not speak HTTP"
            elif isinstance(error, OSError) and error.strerror:
                what = error.strerror
            return ServerUnreachable(f"cannot talk to {server}: {what}")
        if isinstance(error, InvalidAnswer):
            return ProxyFailed(f"{server} gave no valid answer: {error}")
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


def _distrust(error: Exception) -> str | None:
    """Return why a certificate is not valid, None where it is another error."""
    message: str | None = getattr(error, "verify_message", None)
    return message


def _context(authorities: str | None) -> ssl.SSLContext:
    """Return what checks certificates, by the authorities that count."""
    # Not imported before: it takes longer than most else of a command.
    import ssl

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
