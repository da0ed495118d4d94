"""The text of a document that a server sends in the place of an archive.

However long it is and whatever it holds, the result is short and safe to print.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Protocol

from zope.fssync.charset import is_charset
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import SIZES
from zope.fssync.patterns import late
from zope.fssync.terminal import TEXT
from zope.fssync.terminal import escape

__all__ = ["asks_to_log_in", "content_type", "summary_of", "text_of"]

#: Elements whose content is not part of the page.
_SKIPPED = frozenset({"script", "style", "template", "noscript", "title"})

#: Elements that do not end a line.
_INLINE = frozenset(
    {"a", "abbr", "b", "code", "em", "font", "i", "img", "small", "span", "strong"}
)

#: The beginning of a tag, of a comment or of a declaration.
_TAG = late(r"<(?:!--|(/?)([a-zA-Z][a-zA-Z0-9]*)|[!?])")


_PASSWORD = late(rb"""type\s{0,9}=\s{0,9}["']?password""", re.IGNORECASE)

#: Between the name of a site and the title of a page.
_SEPARATORS = (":", "|", "-", "\N{EN DASH}", "\N{EM DASH}")

#: The fields of a JSON document that hold its message.
_MESSAGES = ("message", "detail", "error_description", "title", "error")


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
        return f"Content-type: {escape(kind) or 'unknown'}"
    data = stream.read(limit + 1)
    text = data[:limit].decode(_charset(headers), "replace")
    if kind == "text/html":
        text = _html_text(text)
    text = escape(text.replace("\r\n", "\n"), TEXT).strip()
    return text + "\n[...]" if len(data) > limit else text


def summary_of(
    data: bytes, headers: Mapping[str, str], limit: int = SIZES.summary
) -> str:
    """Return one line that says what a document of an unknown sender is about.

    That is the title of a page, the message in a JSON document, or the beginning of
    a text; empty where there is no such thing.
    """
    kind = content_type(headers)
    text = data.decode(_charset(headers), "replace")
    if kind == "text/html":
        text = _tidy(_title(text))
    elif kind == "application/json" or kind.endswith("+json"):
        text = _json_message(text)
    elif not kind.startswith("text/"):
        return ""
    line = " ".join(text[: 8 * limit].split())
    return escape(line if len(line) <= limit else f"{line[:limit]}...")


def asks_to_log_in(data: bytes, headers: Mapping[str, str]) -> bool:
    """Return True if a document is a page with a form for a password."""
    is_page = content_type(headers) == "text/html"
    return is_page and _PASSWORD.search(data) is not None


def _title(source: str) -> str:
    lower = source.lower()
    start = lower.find("<title")
    start = lower.find(">", start) + 1 if start >= 0 else 0
    end = lower.find("</title", start) if start else -1
    title = source[start:end].strip() if end >= 0 else ""
    # Behind the name of a site, as in "Z3: ", the title of the page is missing.
    return "" if title.endswith(_SEPARATORS) else title


def _json_message(source: str) -> str:
    """Return the message in a JSON document: Plone, RFC 9457 and OAuth have these."""
    # Not imported before: such answers come with errors only.
    import json

    try:
        found = json.loads(source)
    except (ValueError, RecursionError):
        return ""
    if isinstance(found, dict) and isinstance(found.get("error"), dict):
        found = found["error"]
    if not isinstance(found, dict):
        return ""
    texts = (found.get(name) for name in _MESSAGES)
    return next((text for text in texts if isinstance(text, str) and text), "")


def _charset(headers: Mapping[str, str]) -> str:
    """The charset parameter where Python knows it, else UTF-8."""
    for parameter in (headers.get("Content-Type") or "").split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            charset = value.strip("\"' ")
            return charset if is_charset(charset) else "utf-8"
    return "utf-8"


def _html_text(source: str) -> str:
    """Return what a browser would show, a block to a line; else the title.

    The parser of the standard library takes a time that grows with the square
    of what a hostile page holds, and fails at some; this one reads on.
    """
    pieces: list[str] = []
    title = ""
    place = 0
    while tag := _TAG.search(source, place):
        pieces.append(source[place : tag.start()])
        slash, name = tag[1], (tag[2] or "").lower()
        closing = "-->" if tag[0] == "<!--" else ">"
        place = _behind(source, closing, tag.end())
        if name in _SKIPPED and not slash:
            end = re.compile(f"</{name}", re.IGNORECASE).search(source, place)
            start, place = place, end.start() if end else len(source)
            title = source[start:place] if name == "title" else title
        elif name and name not in _INLINE:
            pieces.append("\n")
    pieces.append(source[place:])
    return _tidy("".join(pieces)) or _tidy(title)


def _behind(source: str, closing: str, place: int) -> int:
    """Return where it goes on behind ``closing``, the end where that is missing."""
    found = source.find(closing, place)
    return len(source) if found < 0 else found + len(closing)


def _tidy(text: str) -> str:
    """Return the lines that hold something, with the character references read."""
    # Not imported before: pages come with errors only.
    from html import unescape

    lines = (" ".join(unescape(line).split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)
