"""Fields that are files of their own: rich text, long texts, files and images."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

from AccessControl.unauthorized import Unauthorized
from plone.app.textfield.interfaces import IRichText
from plone.app.textfield.value import RichTextValue
from plone.namedfile.interfaces import IBlobby
from plone.namedfile.interfaces import IImage
from plone.namedfile.interfaces import INamedField
from plone.namedfile.utils import get_contenttype
from zope.component import queryUtility
from zope.schema.interfaces import IText
from zope.schema.interfaces import ITextLine

from zope.app.fssync.hosts.plone import links
from zope.app.fssync.hosts.plone.sentences import naming
from zope.app.fssync.hosts.plone.slots import Slot
from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import ILimits
from zope.fssync.itemtext import Item
from zope.fssync.limits import CHUNK
from zope.fssync.limits import DEFAULT
from zope.fssync.messages import _

try:
    from plone.namedfile.interfaces import INamedTyped
except ImportError:
    # Plone 6.1
    INamedTyped = INamedField

__all__ = ["Body", "FileBody", "RichBody", "TextBody", "body_of"]


#: The MIME type of filtered text.
SAFE = "text/x-html-safe"


def body_of(slot: Slot, is_primary: bool = False) -> type[Body] | None:
    """Return the class for a field that is a file, None for a field as text."""
    if IRichText.providedBy(slot.field):
        return RichBody
    if INamedField.providedBy(slot.field) or INamedTyped.providedBy(slot.field):
        return FileBody
    is_text = IText.providedBy(slot.field) and not ITextLine.providedBy(slot.field)
    return TextBody if is_primary and is_text else None


class Body:
    """The value of a field as a file.

    `settings` are the attributes of a value beside its bytes.  They are in the text of
    the other fields, under the name of this one.
    """

    #: The names of the settings.
    names: tuple[str, ...] = ()

    binary = False

    def __init__(self, obj: Any, slot: Slot) -> None:
        self.obj = obj
        self.slot = slot
        self.value = slot.get(obj)

    @property
    def present(self) -> bool:
        """True if the field has a value."""
        return self.value is not None

    def length(self) -> int | None:
        """Return the number of bytes, None if it is only known after reading."""
        return None

    def pieces(self) -> Iterator[bytes]:
        """Iterate over the bytes."""
        raise NotImplementedError

    def load(self, readable: Any) -> Callable[[], None] | None:
        """Replace the value by the content of a file, and validate it."""
        raise NotImplementedError

    def settings(self) -> dict[str, str]:
        """Return the settings that differ from their defaults."""
        return {}

    def configure(self, settings: dict[str, str]) -> None:
        """Change settings; reset missing ones to their defaults."""
        raise NotImplementedError

    def items(self) -> Iterator[Item]:
        """Return the settings as items of the text of all fields."""
        for name, value in self.settings().items():
            yield Item(self.key(name), value)

    def key(self, name: str) -> str:
        """Return the name of a setting in the text of all fields."""
        return f"{self.slot.key}:{name}"

    def require(self) -> None:
        """Require the permission to write the field."""
        if not self.slot.writable(self.obj):
            raise Unauthorized(f"you may not change the field {self.slot.key!r}")

    def store(self, value: Any) -> None:
        """Validate a value, and store it."""
        with naming(self.slot.key):
            self.slot.field.bind(self.obj).validate(value)
        self.slot.put(self.obj, value)
        self.value = value


def _text(readable: Any) -> str:
    limit = queryUtility(ILimits, default=DEFAULT).pickle_size
    data = readable.read(limit + 1)
    if len(data) > limit:
        raise LimitExceeded(
            _("a text of more than ${limit} bytes", mapping={"limit": limit})
        )
    try:
        return str(data, "utf-8")
    except UnicodeDecodeError:
        raise SynchronizationError(_("the text is not UTF-8")) from None


class TextBody(Body):
    """A plain text."""

    def pieces(self) -> Iterator[bytes]:
        """See `Body`."""
        yield (self.value or "").encode("utf-8")

    def load(self, readable: Any) -> None:
        """See `Body`."""
        self.store(_text(readable))


class RichBody(Body):
    """The source of a rich text.  Plone filters it on display, as any rich text."""

    names = ("type",)

    def pieces(self) -> Iterator[bytes]:
        """See `Body`."""
        value = self.value
        yield (getattr(value, "raw", value) or "").encode("utf-8")

    def load(self, readable: Any) -> Callable[[], None] | None:
        """See `Body`."""
        text = _text(readable)
        if not text and self.value is None:
            return None
        self._store(text, getattr(self.value, "mimeType", None))
        return links.update_later(self.obj, text)

    def _store(self, text: str, mime_type: str | None) -> None:
        field = self.slot.field
        # The output type decides whether it is filtered.
        shown = getattr(self.value, "outputMimeType", None) or field.output_mime_type
        self.store(RichTextValue(text, mime_type or field.default_mime_type, shown))

    def settings(self) -> dict[str, str]:
        """See `Body`."""
        kind = getattr(self.value, "mimeType", None)
        if kind is None or kind == self.slot.field.default_mime_type:
            return {}
        return {"type": kind}

    def configure(self, settings: dict[str, str]) -> None:
        """See `Body`."""
        if settings.get("type") == SAFE:
            raise SynchronizationError(
                _("a text cannot be declared to be ${type}", mapping={"type": SAFE})
            )
        if settings != self.settings():
            raw = getattr(self.value, "raw", self.value)
            self._store(raw or "", settings.get("type"))


class FileBody(Body):
    """A file or an image; those in blobs are read and written in pieces."""

    names = ("name", "type")
    binary = True

    def length(self) -> int:
        """See `Body`."""
        return 0 if self.value is None else int(self.value.getSize())

    def pieces(self) -> Iterator[bytes]:
        """See `Body`."""
        if self.value is None:
            return
        if not IBlobby.providedBy(self.value):
            yield self.value.data
            return
        with self.value.open() as stream:
            while data := stream.read(CHUNK):
                yield data

    def load(self, readable: Any) -> None:
        """See `Body`."""
        old = self.value
        # A new object has no name yet: its container will name the file.
        name = (self.obj.getId() or None) if old is None else old.filename
        kind = "" if old is None else old.contentType
        make = self.slot.field._type
        if IBlobby.implementedBy(make) and not IImage.implementedBy(make):
            value = make(contentType=kind, filename=name)
            with value.open("w") as out:
                while data := readable.read(CHUNK):
                    out.write(data)
        else:
            # Plone reads images as a whole, for their size and orientation.
            value = make(data=readable.read(), contentType=kind, filename=name)
        self.store(value)

    def settings(self) -> dict[str, str]:
        """See `Body`."""
        found: dict[str, str] = {}
        if self.value is not None:
            name = self.value.filename
            if name and name != self.obj.getId():
                found["name"] = name
            if self.value.contentType != get_contenttype(filename=name or ""):
                found["type"] = self.value.contentType
        return found

    def configure(self, settings: dict[str, str]) -> None:
        """See `Body`."""
        if self.value is None or settings == self.settings():
            return
        name = settings.get("name", self.obj.getId())
        kind = settings.get("type", get_contenttype(filename=name))
        self.value.filename = name
        self.value.contentType = kind
