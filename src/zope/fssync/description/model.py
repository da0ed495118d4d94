"""What makes an object, beside its content: its entry, its extras and annotations."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final
from typing import NamedTuple

__all__ = ["ASIDE", "Aside", "Description", "Part"]


class Aside(Enum):
    """The content of a part that is kept in a file of its own."""

    ASIDE = "aside"


#: Stands for the content of a part that is kept in a file of its own.
ASIDE: Final = Aside.ASIDE


class Part(NamedTuple):
    """An extra or an annotation, or a part of one.

    ``entry`` are the attributes of its entry that belong to the object: neither its id
    nor flags.  ``data`` is its content, None for a directory of parts.
    """

    entry: Mapping[str, str]
    data: bytes | Aside | None


class Description(NamedTuple):
    """An object without its content.

    ``entry`` are the attributes of its entry that belong to it: neither its id nor
    flags.  The paths of ``parts`` are those of release 3.6.0, without the name of the
    object: ``Extra/contentType``, ``Annotations/`` and a key.
    """

    entry: Mapping[str, str]
    parts: Mapping[str, Part]
