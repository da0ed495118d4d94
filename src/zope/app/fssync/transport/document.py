"""The text of a document that a server sends in the place of an archive.

However long and whatever it holds, what comes out is short and safe to print.
"""

from __future__ import annotations

from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Protocol

from zope.app.fssync.output import escape
from zope.fssync.limits import DEFAULT

__all__ = ["content_type", "text_of"]

_SKIPPED = frozenset({"head", "script", "style", "template", "noscript"})

#: Elements that do not end a line.
_INLINE = frozenset(
    {"a", "abbr", "b", "code", "em", "font", "i", "img", "small", "span", "strong"}
)


class _Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


def content_type(headers: Mapping[str, str]) -> str:
    """The type without its parameters, in lower case."""
    return (headers.get("Content-Type") or "").partition(";")[0].strip().lower()


def text_of(
    stream: _Readable,
    headers: Mapping[str, str],
    limit: int = DEFAULT.error_text_size,
) -> str:
    """Return the text of a document, of any other only its type."""
    kind = content_type(headers)
    if not kind.startswith("text/"):
        return f"Content-type: {escape(kind, keep='') or 'unknown'}"
    data = stream.read(limit + 1)
    text = data[:limit].decode(_charset(headers), "replace")
    if kind == "text/html":
        text = _html_text(text)
    text = escape(text.replace("\r\n", "\n")).strip()
    return text + "\n[...]" if len(data) > limit else text


def _charset(headers: Mapping[str, str]) -> str:
    """The charset parameter where Python knows it, else UTF-8."""
    for parameter in (headers.get("Content-Type") or "").split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            charset = value.strip("\"' ")
            try:
                b"".decode(charset)
            except (LookupError, ValueError):
                break
            return charset
    return "utf-8"


class _Text(HTMLParser):
    """Collects what a browser would show, a block to a line."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._title: list[str] = []
        self._open: list[str] = []
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag == "title":
            self._in_title = True
        elif tag in _SKIPPED:
            self._open.append(tag)
        if tag == "body":
            self._open.clear()
        if tag not in _INLINE:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._in_title = False
        elif tag in self._open:
            del self._open[self._open.index(tag) :]
        if tag not in _INLINE:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self._title.append(data)
        elif not self._open:
            self.pieces.append(data)

    def text(self) -> str:
        lines = (" ".join(line.split()) for line in "".join(self.pieces).split("\n"))
        body = "\n".join(line for line in lines if line)
        return body or " ".join("".join(self._title).split())


def _html_text(source: str) -> str:
    parser = _Text()
    parser.feed(source)
    parser.close()
    return parser.text()
