"""Three-way merge of files, if they are text, in their encoding and line ends."""

from __future__ import annotations

from typing import NamedTuple
from typing import TypeVar

from zope.fssync.encoding import Text
from zope.fssync.encoding import read_text
from zope.fssync.merge.merge3 import merge3

__all__ = ["TextMerge"]

T = TypeVar("T")


class TextMerge(NamedTuple):
    """Texts that can be merged.

    Their byte order mark is merged like a line of its own, and so is the end of
    their lines where it is the same throughout each: a file that one side saved
    with other line ends still takes the edits of the other side.
    """

    mark: bytes
    #: The end that all lines have; None where each keeps its own.
    newline: str | None
    local: str
    original: str
    remote: str

    @classmethod
    def of(cls, local: bytes, original: bytes, remote: bytes) -> TextMerge | None:
        """Return what is to be merged.

        None where one of them is binary, or the encodings have nothing in common.
        """
        sides = [read_text(data) for data in (local, original, remote)]
        texts = [text for text in sides if text is not None]
        if len(texts) < len(sides):
            return None
        # Nothing is in any encoding.
        mark = _merged(*(text.mark if text != _EMPTY else None for text in texts))
        if mark is None:
            return None
        newlines = [text.newline for text in texts]
        newline = None if "" in newlines else _merged(*newlines)
        contents = [
            text.content.replace(end, "\n") if newline and end else text.content
            for text, end in zip(texts, newlines, strict=True)
        ]
        return cls(mark, newline, *contents)

    def merge(self, local_label: str, remote_label: str) -> tuple[bytes, bool]:
        """Return the merged file, and whether conflicts are left in it."""
        merged, conflicts = merge3(
            self.local.encode(),
            self.original.encode(),
            self.remote.encode(),
            local_label,
            remote_label,
        )
        content = merged.decode().replace("\n", self.newline or "\n")
        return Text(self.mark, content).data(), conflicts


_EMPTY = Text(b"", "")


def _merged(local: T | None, original: T | None, remote: T | None) -> T | None:
    """Merge what may be unknown; None where both changed it, or nobody knows it."""
    local = original if local is None else local
    remote = original if remote is None else remote
    if local == remote or remote == original:
        return local
    return remote if local == original else None
