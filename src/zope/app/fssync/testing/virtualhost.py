"""A small reverse proxy, as it stands before most servers."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer

__all__ = ["VirtualHost", "virtual_host"]

#: Headers that are about one connection.
_hop_by_hop = {"connection", "keep-alive", "transfer-encoding"}


class VirtualHost:
    """Passes what is below ``prefix`` on to what is below ``inner`` elsewhere.

    In ``inner`` HOST stands for the host and the port of the virtual host;
    ``requests`` are those that came, a method and a path each.
    """

    def __init__(self, port: int, inner: str, prefix: str = "") -> None:
        self.prefix = prefix
        self.requests: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer.requests.append(f"{self.command} {self.path.partition('?')[0]}")
                if not self.path.startswith(f"{prefix}/"):
                    self.send_error(404)
                    return
                size = int(self.headers.get("Content-Length", 0))
                body = self.rfile.read(size) if size else None
                backend = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
                path = inner.replace("HOST", outer.host) + self.path[len(prefix) :]
                backend.request(self.command, path, body, dict(self.headers.items()))
                answer = backend.getresponse()
                data = answer.read()
                self.send_response(answer.status, answer.reason)
                for name, value in answer.getheaders():
                    if name.lower() not in {*_hop_by_hop, "content-length"}:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)
                backend.close()

            do_POST = do_GET

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server.server_port}"

    def url(self, path: str = "") -> str:
        """The URL of what is at ``path`` below the prefix, with a login."""
        return f"http://zsync:zsync@{self.host}{self.prefix}{path}"


@contextmanager
def virtual_host(port: int, inner: str, prefix: str = "") -> Iterator[VirtualHost]:
    """Have a virtual host while the block runs."""
    host = VirtualHost(port, inner, prefix)
    thread = threading.Thread(target=host.server.serve_forever)
    thread.start()
    try:
        yield host
    finally:
        host.server.shutdown()
        host.server.server_close()
        thread.join()
