"""Content and synchronizers that an exchange has to get right: the awkward ones."""

from __future__ import annotations

import io
from typing import Any
from typing import cast

from persistent import Persistent
from zope.annotation.interfaces import IAttributeAnnotatable
from zope.container.contained import Contained
from zope.interface import implementer
from zope.security.proxy import removeSecurityProxy

from zope.app.fssync.file.adapter import FileSynchronizer

__all__ = ["Bare", "Note", "SwappedCase"]


@implementer(IAttributeAnnotatable)
class Note(Contained, Persistent):
    """Has no synchronizer of its own; its pickle names ``about`` by its path."""

    # With a type hint the class had `__annotations__`, which all notes then share
    # as if these were their own: what is granted on one is granted on all.
    about = cast(Any, None)
    text = ""


class Bare(Persistent):
    """Does not know its place: containers wrap it."""

    text = ""


class SwappedCase(FileSynchronizer):
    """Another way to write files, and to read them, that loses nothing."""

    def __init__(self, context: Any) -> None:
        super().__init__(removeSecurityProxy(context))

    def dump(self, writeable: Any) -> None:
        """See `IFileSerializer`."""
        stream = io.BytesIO()
        super().dump(stream)
        writeable.write(stream.getvalue().swapcase())

    def load(self, readable: Any) -> None:
        """See `IFileDeserializer`."""
        super().load(io.BytesIO(readable.read().swapcase()))
