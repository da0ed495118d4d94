"""Text that is safe on a terminal, in messages and in logs."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

__all__ = ["TEXT", "columns_for", "columns_of", "escape", "is_terminal", "padded"]

#: The control characters of plain text.
TEXT = "\n\t"

#: Characters that are printable for Python but change the order of the others.
_BIDI = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)


def escape(text: str, keep: str = "") -> str:
    r"""Return ``text`` with what could steer a terminal written as ``\x1b``.

    Characters of ``keep`` stay: none in names, `TEXT` in text.  A backslash
    stays too, so that the result can be escaped again without harm.
    """
    if text.isprintable() and _BIDI.isdisjoint(text):
        return text
    return "".join(
        c if (c in keep or (c.isprintable() and c not in _BIDI)) else _escaped(c)
        for c in text
    )


def _escaped(character: str) -> str:
    number = ord(character)
    if 0xDC80 <= number <= 0xDCFF:
        return f"\\x{number - 0xDC00:02x}"  # an undecodable byte of a file name
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def columns_of(stream: TextIO) -> int | None:
    """Return the width of the terminal that ``stream`` is, None if it is none."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or None
    except (AttributeError, OSError, ValueError):
        return None


def padded(text: str, width: int) -> str:
    """Return ``text`` with blanks to so many columns of a terminal."""
    return text + " " * (width - columns_for(text))


def columns_for(text: str) -> int:
    """Return how many columns of a terminal ``text`` takes."""
    if text.isascii():
        return len(text)
    from unicodedata import combining
    from unicodedata import east_asian_width

    wide = sum(east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(map(bool, map(combining, text)))


def is_terminal(stream: TextIO) -> bool:
    """Return True if ``stream`` is a terminal."""
    try:
        return os.isatty(stream.fileno())
    except (AttributeError, OSError, ValueError):
        return False
