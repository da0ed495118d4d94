"""The forms of extras and annotations that have items with keys.

Which form a part has is known by its path, or else by its content; see `IPartForm`.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any
from typing import NamedTuple

from zope.fssync import itemtext
from zope.fssync.contracts import keeps
from zope.fssync.description import dublincore
from zope.fssync.description import pickletree
from zope.fssync.description.lines import TextItem
from zope.fssync.description.literal import read_value
from zope.fssync.description.literal import written_value
from zope.fssync.description.pickletree import Global
from zope.fssync.description.pickletree import Instance
from zope.fssync.description.pickletree import Table
from zope.fssync.description.valueforms import NEWOBJ
from zope.fssync.description.valueforms import form_named
from zope.fssync.errors import SynchronizationError
from zope.fssync.itemtext import Item
from zope.fssync.messages import _
from zope.fssync.messages import reason_of

__all__ = ["Known", "MappingForm", "known", "mapping_form", "named_form", "register"]


class Known(NamedTuple):
    """What goes without saying of the part at a path.

    Its form, if it has items; the type in its entry; and whether that is its factory
    as well, where its content does not tell.
    """

    form: Any = None
    type: str | None = None
    has_factory: bool | None = None


_known: dict[str, Known] = {}
_forms: dict[str, Any] = {}


def register(form: Any, parts: Mapping[str, str | None]) -> None:
    """Register an `IPartForm`, and the parts that are known to have it.

    ``parts`` are the types in the entries of such parts by their paths, ``Extra/`` or
    ``Annotations/`` and a name; None where there are several.
    """
    _forms[form.name] = form
    for path, type_name in parts.items():
        _known[path] = Known(form, type_name)


def known(path: str) -> Known | None:
    """Return what is known of the part at a path."""
    return _known.get(path)


def named_form(name: str) -> Any:
    """Return the form of a name, or None."""
    return _forms.get(name)


@keeps("zope.fssync.description.interfaces.IPartForm")
class ItemsForm:
    """Texts of items, as Zope has them for properties and settings."""

    name = "items"
    is_ordered = True
    is_pickled = False
    server_only: frozenset[str] = frozenset()

    def items(self, content: bytes, python2: bool) -> list[TextItem] | None:
        """See `IPartForm`."""
        try:
            found = itemtext.loads(content)
        except SynchronizationError:
            return None
        return [TextItem(item.key, *itemtext.written_lines(item)) for item in found]

    def content(self, items: list[TextItem], python2: bool) -> bytes:
        """See `IPartForm`."""
        return itemtext.dumps([item_of(item) for item in items])


def pickled_forms() -> Iterator[Any]:
    """Yield the forms of pickles."""
    for form in _forms.values():
        if form.is_pickled:
            yield form


def item_of(item: TextItem) -> Item:
    """Return an item with its value; raises ValueError."""
    try:
        found = itemtext.item_of(item.key, item.rest)
        lines = tuple(itemtext.read_text(line.strip()) for line in item.lines)
    except itemtext.Malformed as error:
        raise ItemError(item, reason_of(error)) from None
    if lines and found.value is not None:
        raise ItemError(item, _("a value on the line, and lines below it"))
    return found._replace(lines=lines)


class ItemError(ValueError):
    """An item that makes no sense."""

    def __init__(self, item: TextItem, message: str) -> None:
        super().__init__(message)
        self.item = item


@keeps("zope.fssync.description.interfaces.IPartForm")
class DublinCoreForm:
    """The annotation of zope.dublincore: elements, each a tuple of texts.

    An element has one text on its line, or any number of lines below it.
    """

    name = "dublincore"
    is_ordered = False
    is_pickled = True
    server_only = frozenset(("Date.Modified",))

    def items(self, content: bytes, python2: bool) -> list[TextItem] | None:
        """See `IPartForm`."""
        found = dublincore.elements(content, python2)
        if found is None:
            return None
        return [_element(name, found[name]) for name in sorted(found)]

    def content(self, items: list[TextItem], python2: bool) -> bytes:
        """See `IPartForm`."""
        elements = {}
        for each in items:
            item = item_of(each)
            if item.kind:
                raise ItemError(each, _("an element of the Dublin Core has no kind"))
            elements[item.key] = item.lines if item.value is None else (item.value,)
        return dublincore.dumps(elements, python2)


def _element(name: str, values: tuple[str, ...]) -> TextItem:
    if len(values) == 1:
        return TextItem(name, f"= {itemtext.written_text(values[0])}")
    return TextItem(name, "", tuple(map(itemtext.written_text, values)))


@keeps("zope.fssync.description.interfaces.IPartForm")
class MappingForm:
    """A mapping with texts as keys: one of Python, or a persistent one."""

    is_ordered = False
    is_pickled = True
    server_only: frozenset[str] = frozenset()

    def __init__(self, name: str, type_name: str) -> None:
        self.name = name
        self._type = type_name

    def type_name(self, python2: bool) -> str:
        """Return the type in the entry of such a part."""
        return self._type.replace("builtins", "__builtin__" if python2 else "builtins")

    def items(self, content: bytes, python2: bool) -> list[TextItem] | None:
        """See `IPartForm`."""
        value = _tree(content, python2)
        if self.name != "dict":
            form = form_named(self.name)
            if type(value) is not Instance:
                return None
            (value,) = form.arguments(value) or (None,)
        if type(value) is not Table or not value.pairs:
            return None
        if any(type(key) is not str for key, _ in value.pairs):
            return None
        return sorted(value_item(key, each) for key, each in value.pairs)

    def content(self, items: list[TextItem], python2: bool) -> bytes:
        """See `IPartForm`."""
        value: Any = Table(tuple((item.key, value_of(item)) for item in items))
        if self.name != "dict":
            value = form_named(self.name).instance((value,))
        return pickletree.dumps(value, python2)


def value_item(key: str, value: Any) -> TextItem:
    """Return an item with a value in the notation of `literal`."""
    first, *lines = written_value(value, len(key) + 3)
    return TextItem(key, f"= {first}", tuple(lines))


def value_of(item: TextItem) -> Any:
    """Return the value of an item; raises ValueError."""
    if not item.rest.startswith("="):
        raise ItemError(item, _("there is no value"))
    text = "\n".join((item.rest[1:].strip(), *(line.strip() for line in item.lines)))
    try:
        return read_value(text)
    except ValueError as error:
        raise ItemError(item, reason_of(error)) from None


_MAPPINGS = (
    MappingForm("dict", "builtins.dict"),
    MappingForm("PersistentMapping", "persistent.mapping.PersistentMapping"),
    MappingForm("OOBTree", "BTrees.OOBTree.OOBTree"),
)

_mapping_of = {each.name: each for each in _MAPPINGS}


def mapping_form(value: Any) -> MappingForm | None:
    """Return the form of a mapping, None for any other value."""
    if type(value) is Table:
        return _mapping_of["dict"]
    if type(value) is Instance and value.function == NEWOBJ and value.arguments:
        kind = value.arguments[0]
        if type(kind) is Global:
            return _mapping_of.get(kind.name)
    return None


def _tree(content: bytes, python2: bool) -> Any:
    """Return the tree of a pickle, None where it has none."""
    try:
        return pickletree.loads(content, python2)
    except ValueError:
        return None


_OFS = "zope.app.fssync.hosts.ofs.content"

for _form in _MAPPINGS:
    register(_form, {})
register(
    DublinCoreForm(),
    {f"Annotations/{dublincore.ANNOTATION}": dublincore.TYPE},
)
register(
    ItemsForm(),
    {
        "Extra/access-rule": f"{_OFS}.folder.AccessRule",
        "Extra/cache": f"{_OFS}.cache.CacheSettings",
        "Extra/order": f"{_OFS}.folder.Order",
        "Extra/owner": f"{_OFS}.security.Owner",
        "Extra/permissions": f"{_OFS}.security.PermissionSettings",
        "Extra/precondition": f"{_OFS}.file.Precondition",
        "Extra/properties": f"{_OFS}.properties.Properties",
        "Extra/proxy-roles": f"{_OFS}.security.ProxyRoles",
        "Extra/roles": f"{_OFS}.security.Roles",
        "Extra/roles-local": f"{_OFS}.security.LocalRoles",
        "Extra/settings": None,
    },
)
# A pickle, and yet made by a factory.
_known["Extra/attributes"] = Known(
    type=f"{_OFS}.attributes.OtherAttributes", has_factory=True
)
