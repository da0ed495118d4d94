"""Three-way merge of files, if they are text, in their encoding and line ends."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import NamedTuple
from typing import TypeVar

from zope.fssync.encoding import Text
from zope.fssync.encoding import read_text
from zope.fssync.merge.merge3 import both_sides
from zope.fssync.merge.merge3 import merge3

if TYPE_CHECKING:
    from zope.fssync.description.keyed import Keyed

__all__ = ["TextMerge", "is_merge_of"]

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
        labels = local_label, remote_label
        keyed = self._keyed()
        if keyed is not None:
            return both_sides(*keyed, *labels), keyed.mine != keyed.theirs
        merged, conflicts = merge3(
            self.local.encode(),
            self.original.encode(),
            self.remote.encode(),
            *labels,
        )
        content = merged.decode().replace("\n", self.newline or "\n")
        return Text(self.mark, content).data(), conflicts

    def _keyed(self) -> Keyed | None:
        """Return the sides of a pickle that is merged by keys, None for other files."""
        sides = (self.local, self.original, self.remote)
        made = sides if self.original else (self.local, self.remote)
        if self.mark or not all(side.startswith(_PICKLE) for side in made):
            return None
        # Few merges are of pickles, and clients start often.
        from zope.fssync.description.keyed import merge_keys

        return merge_keys(*(side.encode() for side in sides))


def is_merge_of(found: bytes, local: bytes, original: bytes, remote: bytes) -> bool:
    """Return True if a file is the merge of three others, with any labels."""
    texts = TextMerge.of(local, original, remote)
    return texts is not None and texts.merge(*_labels_in(found))[0] == found


def _labels_in(merged: bytes) -> tuple[str, str]:
    """Return what the first conflict markers in a file call both sides."""
    text = read_text(merged)
    found = {"<<<<<<< ": "", ">>>>>>> ": ""}
    for line in (text.content if text is not None else "").splitlines():
        if not found.get(line[:8], "known"):
            found[line[:8]] = line[8:]
    return found["<<<<<<< "], found[">>>>>>> "]


#: The beginning of an XML pickle.
_PICKLE = "<?xml "

_EMPTY = Text(b"", "")


def _merged(local: T | None, original: T | None, remote: T | None) -> T | None:
    """Merge what may be unknown; None where both changed it, or nobody knows it."""
    local = original if local is None else local
    remote = original if remote is None else remote
    if local == remote or remote == original:
        return local
    return remote if local == original else None
