"""The summary at the end of a checkin.

Objects are named by their paths in the archive.
"""

from __future__ import annotations

from zope.fssync.terminal import escape
from zope.fssync.xmlpickle.bytetext import ByteText

__all__ = ["summary"]


def summary(name: str, made: int, text: ByteText) -> str:
    """Return the number of new objects, and how byte strings were read."""
    objects = "1 object" if made == 1 else f"{made} objects"
    lines = [f"{escape(name)}: {objects}"]
    for path, (texts, kept) in sorted(text.counts.items()):
        parts = []
        if texts:
            parts.append(f"{_strings(texts)} read as {text.encoding} text")
        if kept:
            parts.append(f"{_strings(kept)} kept as bytes")
        lines.append(f"{escape(path)}: {', '.join(parts)}")
    return "\n".join([*lines, ""])


def _strings(count: int) -> str:
    return "1 byte string" if count == 1 else f"{count} byte strings"
