"""The Dublin Core of an object in a working copy: its elements, and who wrote them."""

from __future__ import annotations

from typing import NamedTuple

from zope.fssync.description import dublincore
from zope.fssync.description.dublincore import ANNOTATION
from zope.fssync.description.dublincore import TYPE

__all__ = ["ANNOTATION", "NEW", "TYPE", "Document", "dumps", "loads"]


class Document(NamedTuple):
    """The elements, and whether release 3.6.0 wrote them."""

    data: dict[str, tuple[str, ...]]
    python2: bool


#: That of an object which has none yet.
NEW = Document({}, False)


def loads(data: bytes) -> Document | None:
    """Return the document in ``data``, None where it is anything else."""
    for python2 in (False, True):
        found = dublincore.loads(data, python2)
        if found is not None:
            return Document(found, python2)
    return None


def dumps(document: Document) -> bytes:
    """Return the bytes that a server writes for a document."""
    return dublincore.dumps(document.data, document.python2)
