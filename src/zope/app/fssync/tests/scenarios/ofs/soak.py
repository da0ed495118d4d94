"""Send an instance many requests in one process, and count what memory they keep.

``python -m zope.app.fssync.tests.scenarios.ofs.soak ZOPE.CONF`` reads a line of JSON
for each view, and writes one: see `Asked`.
"""

from __future__ import annotations

import base64
import gc
import io
import json
import logging
import sys
from collections.abc import Callable
from collections.abc import Iterable
from typing import Any
from typing import NamedTuple

from zope.app.fssync.server.activity import ACTIVITY
from zope.app.fssync.server.metrics import resident

__all__ = ["Asked", "Told"]

Application = Callable[..., Iterable[bytes]]


class Asked(NamedTuple):
    """A request that is sent ``before`` times, and then ``times``."""

    method: str
    path: str
    login: str | None
    body: str
    before: int
    times: int


class Told(NamedTuple):
    """The last answer; the blocks and the kB of the process that a request kept."""

    status: int
    body: str
    kept: float
    grown: float


def answer(application: Application, asked: Asked) -> tuple[int, bytes]:
    """Send a request; return the status and the body of the answer."""
    path, _, query = asked.path.partition("?")
    body = base64.b64decode(asked.body)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": asked.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": "application/x-snarf" if asked.method == "POST" else "",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.url_scheme": "http",
    }
    if asked.login is not None:
        login = base64.b64encode(asked.login.encode()).decode()
        environ["HTTP_AUTHORIZATION"] = f"Basic {login}"
    statuses = []

    def start(status: str, headers: object, *more: object) -> Callable[..., None]:
        statuses.append(int(status[:3]))
        return sent.append

    sent: list[bytes] = []
    pieces = application(environ, start)
    try:
        sent += pieces
    finally:
        close = getattr(pieces, "close", None)
        if close is not None:
            close()
    return statuses[-1], b"".join(sent)


def blocks() -> int:
    """Count what is allocated but for the log of exchanges, which ends."""
    ACTIVITY._exchanges.clear()
    gc.collect()
    return sys.getallocatedblocks()


def told(application: Application, asked: Asked) -> Told:
    for _ in range(asked.before):
        status, body = answer(application, asked)
    before, size = blocks(), resident() or 0
    for _ in range(asked.times):
        status, body = answer(application, asked)
    kept = (blocks() - before) / max(asked.times, 1)
    grown = ((resident() or 0) - size) / max(asked.times, 1) / 1000
    return Told(status, base64.b64encode(body).decode(), kept, grown)


def main(conf: str) -> None:
    # Imported late: the tests import the rest.
    from Zope2.Startup.run import make_wsgi_app
    from ZPublisher.httpexceptions import HTTPExceptionHandler

    application = HTTPExceptionHandler(make_wsgi_app({}, conf))
    logging.disable()
    for line in sys.stdin:
        asked = Asked(*json.loads(line))
        print(json.dumps(told(application, asked)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
