"""Compare files of objects for display: as lines, images, or sizes."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from collections.abc import Mapping
from typing import NamedTuple

from zope.app.fssync.content.filetypes import type_by_content
from zope.app.fssync.server.plainfiles import PlainFile
from zope.fssync.limits import SERVER
from zope.fssync.merge.diffformat import DiffOptions
from zope.fssync.merge.diffformat import differences

__all__ = ["Difference", "Line", "compared"]

#: The types of images that are shown: they cannot contain scripts.
_IMAGES = frozenset(("image/gif", "image/jpeg", "image/png"))

_kinds = {"+": "ins", "-": "del"}


class Line(NamedTuple):
    """A line of a unified diff; ``kind`` is ``ins``, ``del`` or ``span``."""

    kind: str
    text: str


class Difference(NamedTuple):
    """The difference of a file: lines, two images, or only two sizes.

    An image is a data URL.  ``cut`` is True if there are more lines.
    """

    name: str
    old_size: int | None
    new_size: int | None
    lines: list[Line]
    old_image: str | None = None
    new_image: str | None = None
    cut: bool = False


def compared(
    old: Mapping[str, PlainFile], new: Mapping[str, PlainFile]
) -> Iterator[Difference]:
    """Yield the differences between two states of the files of an object."""
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name), new.get(name)
        found = Difference(name, _size(before), _size(after), [])
        if name.endswith("/"):
            if before is None or after is None:
                yield found
        elif max(found.old_size or 0, found.new_size or 0) > SERVER.compared_size:
            # Too large: they are listed without being compared.
            yield found
        else:
            contents = _content(before), _content(after)
            if contents[0] != contents[1]:
                yield _compared(found, *contents)


def _size(file: PlainFile | None) -> int | None:
    return None if file is None else file.size


def _content(file: PlainFile | None) -> bytes | None:
    return None if file is None else b"".join(file.pieces())


def _compared(found: Difference, old: bytes | None, new: bytes | None) -> Difference:
    images = _image(old), _image(new)
    if any(images):
        return found._replace(old_image=images[0], new_image=images[1])
    options = DiffOptions(style="unified")
    pieces = differences(old or b"", new or b"", found.name, found.name, options)
    text = b"".join(pieces).decode("utf-8", "replace")
    lines = [
        Line(_kinds.get(line[:1], "span"), line)
        for line in text.split("\n")[2:]
        if line
    ]
    most = SERVER.compared_lines
    return found._replace(lines=lines[:most], cut=len(lines) > most)


def _image(content: bytes | None) -> str | None:
    kind = None if content is None else type_by_content(content)
    if content is None or kind not in _IMAGES:
        return None
    return f"data:{kind};base64,{b64encode(content).decode('ascii')}"
