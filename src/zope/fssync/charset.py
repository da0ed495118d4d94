"""The encodings that text from outside may be in."""

from __future__ import annotations

import codecs

__all__ = ["is_charset"]

#: Ways to write text that Python calls encodings: no text is stored so, and some
#: take a time that grows with the square of its length.
_unusual = frozenset(
    ("idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7")
)


def is_charset(name: str) -> bool:
    """Return True for the name of an encoding of text."""
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):
        # A NUL is no part of a name of an encoding either.
        return False
    return found._is_text_encoding and found.name not in _unusual
