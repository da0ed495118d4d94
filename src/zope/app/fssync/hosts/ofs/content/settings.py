"""Settings: attributes of an object under readable names, set by its own methods.

A setting or a secret that a file lacks is not changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from typing import ClassVar
from typing import NamedTuple

from Acquisition import aq_base

from zope.app.fssync.hosts.ofs.content.aspect import TextAspect
from zope.app.fssync.hosts.ofs.content.secrets import recorded
from zope.app.fssync.hosts.ofs.content.synchronizer import FileBody
from zope.fssync import itemtext
from zope.fssync.errors import SynchronizationError
from zope.fssync.itemtext import Item
from zope.fssync.messages import _

__all__ = ["Field", "Settings", "SettingsBody"]


class Field(NamedTuple):
    """One setting: its name, its attribute, and its type.

    ``kind`` is ``string``, ``int``, ``boolean``, ``lines`` or ``text``; ``secret`` is
    the name of a secret, see `ISecretsPolicy`.
    """

    key: str
    attribute: str
    kind: str = "string"
    secret: str = ""


class Settings(TextAspect):
    """Base of the settings of a type."""

    name = "settings"
    fields: ClassVar[tuple[Field, ...]] = ()

    def __init_subclass__(cls, **kw: Any) -> None:
        super().__init_subclass__(**kw)
        cls.covers = cls.covers | {field.attribute for field in cls.fields}

    def get(self, field: Field) -> Any:
        """Return the value of a setting."""
        return getattr(aq_base(self.owner), field.attribute, None)

    def apply(self, values: dict[str, Any]) -> None:
        """Set all settings of the object to ``values``, by key."""
        raise NotImplementedError

    def items(self) -> Iterator[Item]:
        """See `TextAspect`."""
        for field in self.fields:
            if not field.secret or recorded(self.owner, field.secret):
                yield _item(field, self.get(field))

    def replace(self, items: list[Item]) -> None:
        """See `TextAspect`."""
        fields = {field.key: field for field in self.fields}
        values = {key: self.get(field) for key, field in fields.items()}
        for item in items:
            field = fields.get(item.key)
            if field is None or item.kind:
                raise SynchronizationError(
                    _("there is no setting ${key}", mapping={"key": repr(item.key)}),
                    advice=_(
                        "There are: ${names}.", mapping={"names": ", ".join(fields)}
                    ),
                )
            values[item.key] = _value(field, item)
        self.apply(values)


def _item(field: Field, value: Any) -> Item:
    if field.kind == "lines":
        return Item(field.key, lines=tuple(map(str, value or ())))
    if value is None:
        return Item(field.key)
    if field.kind == "text":
        return Item(field.key, lines=tuple(str(value).split("\n")))
    if field.kind == "boolean":
        return Item(field.key, "yes" if value else "no")
    return Item(field.key, str(value))


def _value(field: Field, item: Item) -> Any:
    if field.kind == "lines":
        return item.lines if item.value is None else (item.value,)
    if item.value is None:
        return "\n".join(item.lines) if item.lines else None
    if field.kind == "boolean":
        if item.value not in ("yes", "no"):
            raise SynchronizationError(
                _("the setting ${key} is yes or no", mapping={"key": repr(item.key)})
            )
        return item.value == "yes"
    if field.kind == "int":
        try:
            return int(item.value)
        except ValueError:
            raise SynchronizationError(
                _(
                    "the setting ${key} is no whole number: ${value}",
                    mapping={"key": repr(item.key), "value": repr(item.value)},
                )
            ) from None
    return item.value


class SettingsBody(FileBody):
    """Base of types whose settings are the content of the file."""

    settings: ClassVar[type[Settings]]

    def __init_subclass__(cls, **kw: Any) -> None:
        if "settings" in cls.__dict__:
            cls.body = cls.body | cls.settings.covers
        super().__init_subclass__(**kw)

    def dump(self, writeable: Any) -> None:
        """See `IFileSerializer`."""
        writeable.write(itemtext.dumps(self.settings(self.context).items()))

    def load(self, readable: Any) -> None:
        """See `IFileDeserializer`."""
        self.settings(self.context).replace(itemtext.read(readable))
