"""Reads XML pickles, and makes only what `zope.fssync.registry.globals` allows.

One pass over the document, without recursion: an object exists as soon as its
class and arguments are read, so that what is inside can refer to it.  Whatever is
wrong with a document ends in `PickleRefused` or `LimitExceeded`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from xml.parsers import expat

from zope.fssync.errors import Error
from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import PickleRefused
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import Limits
from zope.fssync.messages import _
from zope.fssync.picklecontext import PickleContext
from zope.fssync.picklecontext import current
from zope.fssync.xmlpickle.construct import NEWOBJ
from zope.fssync.xmlpickle.construct import RECONSTRUCTOR
from zope.fssync.xmlpickle.construct import add_items
from zope.fssync.xmlpickle.construct import add_values
from zope.fssync.xmlpickle.construct import call
from zope.fssync.xmlpickle.construct import describe
from zope.fssync.xmlpickle.construct import is_fresh
from zope.fssync.xmlpickle.construct import set_state
from zope.fssync.xmlpickle.leaves import LEAVES
from zope.fssync.xmlpickle.leaves import Attributes
from zope.fssync.xmlpickle.sharing import KeyGauge
from zope.fssync.xmlpickle.sharing import Shared
from zope.fssync.xmlpickle.text import tolerant

__all__ = ["Reader"]

_MISSING = object()


class _Frame:
    """An element whose end was not read yet.

    ``values`` are the values inside.  ``made`` is the object that the element
    stands for, if it exists already.
    """

    __slots__ = ("attributes", "function", "made", "tag", "values")

    def __init__(self, tag: str, attributes: Attributes) -> None:
        self.tag = tag
        self.attributes = attributes
        self.values: list[Any] = []
        self.made: Any = _MISSING
        self.function: Any = None


class Reader:
    """Reads one pickle.

    ``persistent_load`` returns the object that a reference stands for; what it
    raises reaches the caller.
    """

    def __init__(
        self,
        persistent_load: Callable[[str], object] | None = None,
        limits: Limits = DEFAULT,
        context: PickleContext | None = None,
    ) -> None:
        self._persistent_load = persistent_load
        self._context = current() if context is None else context
        self._limits = limits
        self._load_error: Exception | None = None

    def loads(self, data: bytes) -> Any:
        """Return the object that ``data`` describes; a reader is used once."""
        if len(data) > self._limits.pickle_size:
            raise LimitExceeded(
                _(
                    "pickle has ${number} bytes (limit ${limit})",
                    mapping={"number": len(data), "limit": self._limits.pickle_size},
                )
            )
        try:
            return self._parse(data)
        except expat.ExpatError as error:
            repaired = tolerant(data)
            if repaired == data:
                raise _not_xml(error) from None
        try:
            return self._parse(repaired)
        except expat.ExpatError as error:
            raise _not_xml(error) from None

    def _parse(self, data: bytes) -> Any:
        self._elements = 0
        self._text: list[str] = []
        self._leaf: str | None = None
        self._leaf_attributes: Attributes = {}
        self._document = _Frame("", {})
        self._stack = [self._document]
        self._shared = Shared(self._limits, len(data))
        self._keys = KeyGauge(self._limits)
        self._depths: dict[int, int] = {}
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text.append
        parser.XmlDeclHandler = _declaration
        parser.StartDoctypeDeclHandler = _doctype
        try:
            parser.Parse(data, True)
            self._no_text()
            (value,) = self._document.values
        except (expat.ExpatError, Error):
            raise
        except (RecursionError, MemoryError):
            raise LimitExceeded(_("pickle is nested too deeply or too large")) from None
        except Exception as error:
            if error is self._load_error:
                raise
            raise PickleRefused(
                _(
                    "malformed pickle, line ${line}: ${reason}",
                    mapping={
                        "line": parser.CurrentLineNumber,
                        "reason": str(error) or type(error).__name__,
                    },
                ),
            ) from error
        return value

    # Events

    def _start(self, tag: str, attributes: Attributes) -> None:
        self._elements += 1
        if self._leaf is not None or self._elements > self._limits.pickle_elements:
            raise self._misplaced(tag)
        if tag in LEAVES or tag == "reference":
            if len(self._stack) == 1:
                raise self._misplaced(tag)
            if self._text:
                self._no_text()
            self._leaf = tag
            self._leaf_attributes = attributes
            return
        expected = _PARENTS.get(tag)
        parent = self._stack[-1]
        if expected is None:
            raise PickleRefused(
                _("unknown element <${tag}> in a pickle", mapping={"tag": tag})
            )
        if parent.tag not in expected:
            raise self._misplaced(tag)
        if len(self._stack) > self._limits.pickle_depth:
            raise LimitExceeded(
                _(
                    "pickle is nested too deeply (limit ${limit})",
                    mapping={"limit": self._limits.pickle_depth},
                )
            )
        frame = _Frame(tag, attributes)
        self._stack.append(frame)
        opened = _OPENED.get(tag)
        if opened is not None:
            opened(self, frame, parent)

    def _end(self, tag: str) -> None:
        if self._leaf is not None:
            text = "".join(self._text)
            self._text.clear()
            self._leaf = None
            attributes = self._leaf_attributes
            convert = LEAVES.get(tag)
            if convert is not None:
                value = convert(text, attributes, self._context)
                if type(value) is bytes:
                    value = self._byte_string(value)
                if attributes and "id" in attributes:
                    self._shared.define(attributes, value)
            else:
                value = self._reference(attributes)
            self._stack[-1].values.append(value)
            return
        frame = self._stack.pop()
        _CLOSED[tag](self, frame, self._stack[-1])

    def _byte_string(self, value: bytes) -> str | bytes:
        """Return the text that a byte string is by declaration, or the bytes."""
        text = self._context.text
        if text is None or any(frame.tag == "arguments" for frame in self._stack):
            return value
        return text(value)

    def _no_text(self) -> None:
        text = "".join(self._text)
        self._text.clear()
        if text and not text.isspace():
            raise PickleRefused(
                _(
                    "text outside of a string: ${text}",
                    mapping={"text": repr(text.strip()[:40])},
                )
            )

    def _misplaced(self, tag: str) -> Error:
        if self._elements > self._limits.pickle_elements:
            return LimitExceeded(
                _(
                    "pickle has more than ${limit} elements",
                    mapping={"limit": self._limits.pickle_elements},
                )
            )
        return PickleRefused(
            _("element <${tag}> in a wrong place in a pickle", mapping={"tag": tag})
        )

    # References

    def _reference(self, attributes: Attributes) -> Any:
        return self._shared.find(attributes["id"], self._hidden_global)

    def _hidden_global(self) -> Any:
        """Return a global that 3.6.0 left out although it was referred to.

        The short form of an object hides ``_reconstructor`` and ``object``, yet
        a later long form may refer to them: as its class, or as the second
        argument.
        """
        parent = self._stack[-1]
        if parent.tag == "klass" and self._stack[-2].tag == "initialized_object":
            return RECONSTRUCTOR
        if (
            parent.tag == "tuple"
            and len(parent.values) == 1
            and self._stack[-2].tag == "arguments"
            and self._stack[-3].values[0] is RECONSTRUCTOR
        ):
            return object
        return None

    # Containers

    def _open_list(self, frame: _Frame, parent: _Frame) -> None:
        self._shared.define(frame.attributes, frame.values)

    def _open_tuple(self, frame: _Frame, parent: _Frame) -> None:
        self._shared.announce(frame.attributes)

    def _open_dictionary(self, frame: _Frame, parent: _Frame) -> None:
        frame.made = {}
        self._shared.define(frame.attributes, frame.made)

    def _close_list(self, frame: _Frame, parent: _Frame) -> None:
        parent.values.append(frame.values)

    def _close_tuple(self, frame: _Frame, parent: _Frame) -> None:
        value = tuple(frame.values)
        if frame.attributes:
            self._shared.define(frame.attributes, value)
        parent.values.append(value)

    def _close_dictionary(self, frame: _Frame, parent: _Frame) -> None:
        self._nothing_else(frame)
        parent.values.append(frame.made)

    def _close_item(self, frame: _Frame, parent: _Frame) -> None:
        attribute = "key" if frame.tag == "item" else "name"
        key = frame.attributes.get(attribute)
        if key is None:
            key, value = frame.values
        else:
            (value,) = frame.values
            if key.endswith(" "):
                # XML made a blank of the line end that 3.6.0 wrote.
                key = key[:-1] + "\n"
            self._shared.define(frame.attributes, key)
        if type(parent.made) is dict:
            self._keys.count(parent.made, key)
            parent.made[key] = value
        else:
            parent.values.append((key, value))

    def _close_wrapper(self, frame: _Frame, parent: _Frame) -> None:
        (value,) = frame.values
        parent.values.append(value)

    def _close_persistent(self, frame: _Frame, parent: _Frame) -> None:
        (name,) = frame.values
        if type(name) is bytes:
            name = name.decode("utf-8")
        if type(name) is not str:
            raise PickleRefused(_("reference to an object is no text"))
        if self._persistent_load is None:
            raise PickleRefused(
                _("pickle refers to another object: ${name}", mapping={"name": name})
            )
        try:
            parent.values.append(self._persistent_load(name))
        except Exception as error:
            self._load_error = error
            raise

    # Instances

    def _close_arguments(self, frame: _Frame, parent: _Frame) -> None:
        (arguments,) = frame.values
        (function,) = parent.values
        if type(arguments) is not tuple:
            raise PickleRefused(_("arguments are no tuple"))
        self._make(
            parent, function, call(function, arguments, self._limits, self._context)
        )

    def _open_attributes(self, frame: _Frame, parent: _Frame) -> None:
        (kind,) = parent.values
        if not isinstance(kind, type):
            raise PickleRefused(
                _(
                    "pickle makes an instance of ${kind}",
                    mapping={"kind": describe(kind)},
                )
            )
        made = call(NEWOBJ, (kind,))
        self._make(parent, kind, made)
        if "id" not in parent.attributes:
            self._shared.nameless(made)
        self._open_dictionary(frame, parent)

    def _make(self, frame: _Frame, function: Any, made: Any) -> None:
        if frame.made is not _MISSING:
            raise PickleRefused(_("an object is made twice"))
        frame.function = function
        frame.made = made
        self._shared.define(frame.attributes, made)

    def _fill(self, frame: _Frame, filler: Callable[..., None], *content: Any) -> None:
        """Fill a new instance; what existed before is not changed."""
        if frame.made is _MISSING or not is_fresh(frame.function, frame.made):
            raise PickleRefused(_("pickle changes an object it did not make"))
        filler(frame.made, *content)

    def _close_attributes(self, frame: _Frame, parent: _Frame) -> None:
        self._nothing_else(frame)
        self._fill(parent, set_state, frame.made, self._depths, self._context)

    def _close_state(self, frame: _Frame, parent: _Frame) -> None:
        (state,) = frame.values
        self._fill(parent, set_state, state, self._depths, self._context)

    def _close_listitems(self, frame: _Frame, parent: _Frame) -> None:
        self._fill(parent, add_values, frame.values)

    def _close_dictitems(self, frame: _Frame, parent: _Frame) -> None:
        self._fill(parent, add_items, frame.values, self._limits)

    def _close_object(self, frame: _Frame, parent: _Frame) -> None:
        if frame.made is _MISSING or len(frame.values) != 1:
            raise PickleRefused(_("an object is incomplete"))
        parent.values.append(frame.made)

    def _nothing_else(self, frame: _Frame) -> None:
        if frame.values:
            raise PickleRefused(_("a value without key in a dictionary"))


def _not_xml(error: expat.ExpatError) -> PickleRefused:
    return PickleRefused(
        _("pickle is not well-formed XML: ${reason}", mapping={"reason": error})
    )


def _declaration(version: str, encoding: str | None, standalone: int) -> None:
    if encoding is not None and encoding.lower() != "utf-8":
        raise PickleRefused(
            _(
                "pickle is encoded in ${encoding}, not in UTF-8",
                mapping={"encoding": encoding},
            )
        )


def _doctype(*ignored: object) -> None:
    raise PickleRefused(_("pickle has a document type declaration"))


_Event = Callable[[Reader, _Frame, _Frame], None]

_OPENED: dict[str, _Event] = {
    "attributes": Reader._open_attributes,
    "dictionary": Reader._open_dictionary,
    "list": Reader._open_list,
    "tuple": Reader._open_tuple,
}

_CLOSED: dict[str, _Event] = {
    "arguments": Reader._close_arguments,
    "attribute": Reader._close_item,
    "attributes": Reader._close_attributes,
    "classic_object": Reader._close_object,
    "dictionary": Reader._close_dictionary,
    "dictitems": Reader._close_dictitems,
    "initialized_object": Reader._close_object,
    "item": Reader._close_item,
    "key": Reader._close_wrapper,
    "klass": Reader._close_wrapper,
    "list": Reader._close_list,
    "listitems": Reader._close_listitems,
    "name": Reader._close_wrapper,
    "object": Reader._close_object,
    "persis": Reader._close_persistent,
    "persistent": Reader._close_persistent,
    "pickle": Reader._close_wrapper,
    "state": Reader._close_state,
    "tuple": Reader._close_tuple,
    "value": Reader._close_wrapper,
}

#: The elements in which one that holds others may stand.
_HOLDERS = frozenset(
    (
        *("pickle", "list", "tuple", "key", "value", "name", "item", "attribute"),
        *("klass", "arguments", "state", "persistent", "persis", "listitems"),
    )
)
_INSTANCES = frozenset(("object", "classic_object", "initialized_object"))
_PARENTS: dict[str, frozenset[str]] = {
    **dict.fromkeys(
        ("dictionary", "list", "persis", "persistent", "tuple", *_INSTANCES), _HOLDERS
    ),
    "arguments": frozenset(("initialized_object",)),
    "attribute": frozenset(("attributes",)),
    "attributes": frozenset(("object", "classic_object")),
    "dictitems": frozenset(("initialized_object",)),
    "item": frozenset(("dictionary", "dictitems")),
    "key": frozenset(("item",)),
    "klass": _INSTANCES,
    "listitems": frozenset(("initialized_object",)),
    "name": frozenset(("attribute",)),
    "pickle": frozenset(("",)),
    "state": frozenset(("initialized_object",)),
    "value": frozenset(("item", "attribute")),
}
