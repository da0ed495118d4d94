"""The content that ``bin/demo sample`` fills a demo folder with.

Existing objects are not changed, so that it can be repeated.
"""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

import zope.event
from zope.app.file.file import File
from zope.app.file.image import Image
from zope.dublincore.interfaces import IZopeDublinCore
from zope.lifecycleevent import ObjectCreatedEvent
from zope.publisher.browser import BrowserView
from zope.security.proxy import removeSecurityProxy
from zope.site.folder import Folder

__all__ = ["FillView", "fill", "report"]

LARGE = 3_000_000

HELLO = """\
Hello!

This file lives in a Zope database.
Change a line, and commit it.
"""

INDEX = """\
<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>A demo page</title></head>
<body>
<h1>A demo page</h1>
<p>It comes from the object database.</p>
</body>
</html>
"""

TODO = """\
buy milk
water the plants
write the report
"""

REPORT = """\
Everything went well.
"""

OVERVIEW = """\
Grüße aus Zürich: naïve façade, smörgåsbord, Ελληνικά, русский.
"""

GREETING = """\
こんにちは世界
"""


def png(size: int = 64) -> bytes:
    """A square picture whose colours run from corner to corner."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checksum = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + checksum.to_bytes(4)

    step = 256 // size
    rows = b"".join(
        b"\0" + bytes(v for x in range(size) for v in (x * step, y * step, 128))
        for y in range(size)
    )
    header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows, 9))
        + chunk(b"IEND", b"")
    )


def _text(text: str) -> File:
    return File(text.encode(), "text/plain;charset=utf-8")


#: path, title, what makes the object (None makes a folder)
CONTENT: tuple[tuple[str, str, Callable[[], Any] | None], ...] = (
    ("demo", "Demonstration", None),
    ("demo/hello.txt", "A greeting", lambda: _text(HELLO)),
    (
        "demo/index.html",
        "A demo page",
        lambda: File(INDEX.encode(), "text/html;charset=utf-8"),
    ),
    ("demo/colours.png", "All colours", lambda: Image(png())),
    ("demo/notes", "Notes & ideas, Pläne", None),
    ("demo/notes/todo.txt", "To do", lambda: _text(TODO)),
    ("demo/notes/archive", "Archive", None),
    ("demo/notes/archive/2026", "The year 2026", None),
    ("demo/notes/archive/2026/report.txt", "Report", lambda: _text(REPORT)),
    ("demo/Übersicht.txt", "Übersicht", lambda: _text(OVERVIEW)),
    ("demo/日本語", "日本語のフォルダー", None),
    ("demo/日本語/こんにちは.txt", "挨拶", lambda: _text(GREETING)),
    (
        "demo/large.bin",
        "Three megabytes",
        lambda: File(b"", "application/octet-stream"),
    ),
)


def fill(root: Folder) -> Iterator[str]:
    """Add missing objects below ``root``; yield the path of each of them."""
    for path, title, make in CONTENT:
        parent = root
        *parents, name = path.split("/")
        for step in parents:
            parent = parent[step]
        if name in parent:
            continue
        content = Folder() if make is None else make()
        zope.event.notify(ObjectCreatedEvent(content))
        parent[name] = content
        IZopeDublinCore(content).title = title
        if name == "large.bin":
            # A stream is stored in chunks, which needs a database connection.
            root._p_jar.add(content)
            content.data = io.BytesIO(random.Random(4).randbytes(LARGE))
        yield path


def report(added: Iterator[str]) -> str:
    """Return the message for the user."""
    lines = [f"Added {path}" for path in added]
    return "\n".join(lines) or "Nothing to add: the demo folder is complete."


class FillView(BrowserView):
    """Fills the root folder of a running server."""

    def __call__(self) -> str:
        if self.request.method != "POST":
            self.request.response.setStatus(405)
            return "Send a POST request.\n"
        self.request.response.setHeader("Content-Type", "text/plain;charset=utf-8")
        return report(fill(removeSecurityProxy(self.context))) + "\n"
