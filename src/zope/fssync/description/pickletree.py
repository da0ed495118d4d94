"""XML pickles as trees of plain values, and back, without making what they describe.

Nothing is imported or called: an instance is its class, by name, with arguments and
state.  A tree says less than a document can.  So whoever reads one writes it again, and
relies on it only where that gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from typing import NamedTuple
from xml.parsers import expat

from zope.fssync.limits import DEFAULT
from zope.fssync.limits import DESCRIBED_DEPTH
from zope.fssync.limits import Limits
from zope.fssync.xmlpickle.ordering import sorted_pairs
from zope.fssync.xmlpickle.text import bytes_element
from zope.fssync.xmlpickle.text import decode
from zope.fssync.xmlpickle.text import identifier
from zope.fssync.xmlpickle.text import str_element

__all__ = [
    "ABSENT",
    "OBJECT",
    "AttributeName",
    "Global",
    "Instance",
    "Native",
    "Reference",
    "Table",
    "dumps",
    "loads",
]

HEAD = b'<?xml version="1.0" encoding="utf-8" ?>\n<pickle>'

#: Stands for a state that an instance does not have.
ABSENT: Any = object()


class Native(str):
    """A byte string of Python 2 that is text."""

    __slots__ = ()


class AttributeName(str):
    """The name of an attribute, as a key of a state to be written."""

    __slots__ = ()


class Table(NamedTuple):
    """A dictionary: pairs of keys and values."""

    pairs: tuple[tuple[Any, Any], ...]


class Global(NamedTuple):
    """A class or a function."""

    module: str
    name: str


class Reference(NamedTuple):
    """What stands for an object beside the pickle, a blob say."""

    name: str


class Instance(NamedTuple):
    """What calling a class or a function with arguments makes, and its state.

    That of an object with nothing but attributes is `OBJECT`: its argument is the
    class, its state a `Table` of attributes.
    """

    function: Global
    arguments: tuple[Any, ...]
    state: Any = ABSENT


#: What makes an object of its class and its attributes.
OBJECT = Global("copyreg", "_reconstructor")


class _Unreadable(Exception):
    """A document that holds more than a tree can say."""


def loads(data: bytes, python2: bool = False, limits: Limits = DEFAULT) -> Any:
    """Return the tree of a pickle; raises ValueError where it has none.

    With ``python2`` keys that are attributes of the document are byte strings, and
    modules have the names that they have today.
    """
    if not data.startswith(HEAD) or len(data) > limits.pickle_size:
        raise ValueError("no XML pickle")
    reader = _Reader(python2)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text.append
    parser.StartDoctypeDeclHandler = _doctype
    try:
        parser.Parse(data, True)
        (value,) = reader.stack[0][1]
    except _Unreadable as error:
        raise ValueError(f"a pickle of more than plain values: {error}") from None
    except (expat.ExpatError, LookupError, TypeError, ValueError) as error:
        raise ValueError(f"no pickle of plain values: {error}") from None
    return value


def _doctype(*declaration: object) -> None:
    raise _Unreadable("a document type")


class _Reader:
    """Handles the events of the parser.

    The stack holds a tag and the values inside, for each element that is open.
    """

    def __init__(self, python2: bool) -> None:
        self.python2 = python2
        self.stack: list[tuple[str, list[Any]]] = [("", [])]
        self.attributes: dict[str, str] = {}
        self.text: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self.stack) > 4 * DESCRIBED_DEPTH or "id" in attributes:
            raise _Unreadable(tag)
        self.attributes = attributes
        values: list[Any] = []
        key = attributes.get(_NAMED.get(tag, ""))
        if key is not None:
            values.append(Native(key) if self.python2 else key)
        self.stack.append((tag, values))
        self.text.clear()

    def end(self, tag: str) -> None:
        _, values = self.stack.pop()
        leaf = _LEAVES.get(tag)
        if leaf is not None:
            value = leaf("".join(self.text), self.attributes)
            if self.python2 and type(value) is Global:
                value = value._replace(module=_TODAY.get(value.module, value.module))
        else:
            value = _COMPOUND[tag](values)
        self.text.clear()
        self.stack[-1][1].append(value)


def _string(text: str, attributes: dict[str, str]) -> Any:
    if "encoding" in attributes:
        return decode(text, attributes["encoding"])
    return Native(text)


def _unicode(text: str, attributes: dict[str, str]) -> str:
    if "encoding" in attributes:
        encoded = decode(text, attributes["encoding"])
        return encoded.decode("utf-8", "surrogatepass")
    return text


def _instance(values: list[Any]) -> Instance:
    function, arguments, *state = values
    if type(function) is not Global or type(arguments) is not tuple:
        raise _Unreadable("an instance")
    return Instance(function, arguments, *(each for (each,) in state))


def _object(values: list[Any]) -> Instance:
    kind, attributes = values
    if type(kind) is not Global or type(attributes) is not Table:
        raise _Unreadable("an object")
    return Instance(OBJECT, (kind,), attributes)


def _reference(values: list[Any]) -> Reference:
    (name,) = values
    if type(name) is not Native:
        raise _Unreadable("a reference")
    return Reference(str(name))


def _table(values: list[Any]) -> Table:
    if not all(type(pair) is _Pair for pair in values):
        raise _Unreadable("a value without a key")
    return Table(tuple((pair.key, pair.value) for pair in values))


class _Pair(NamedTuple):
    key: Any
    value: Any


def _pair(values: list[Any]) -> _Pair:
    return _Pair(*values)


def _only(values: list[Any]) -> Any:
    (value,) = values
    return value


#: Elements whose name or key is an attribute of the document.
_NAMED = {"attribute": "name", "item": "key"}

_LEAVES: dict[str, Callable[[str, dict[str, str]], Any]] = {
    "none": lambda text, attributes: None,
    "true": lambda text, attributes: True,
    "false": lambda text, attributes: False,
    "int": lambda text, attributes: int(text),
    "long": lambda text, attributes: int(text),
    "float": lambda text, attributes: float(text),
    "string": _string,
    "unicode": _unicode,
    "global": lambda text, attributes: Global(attributes["module"], attributes["name"]),
}

#: The modules that Python 2 calls otherwise.
_PYTHON2 = {"builtins": "__builtin__", "copyreg": "copy_reg"}
_TODAY = {old: today for today, old in _PYTHON2.items()}

_COMPOUND: dict[str, Callable[[list[Any]], Any]] = {
    "arguments": _only,
    "attribute": _pair,
    "attributes": _table,
    "dictionary": _table,
    "initialized_object": _instance,
    "item": _pair,
    "key": _only,
    "klass": _only,
    "list": list,
    "object": _object,
    "persistent": _reference,
    "pickle": _only,
    # In a list of its own: a state may be None.
    "state": list,
    "tuple": tuple,
    "value": _only,
}


# Writing


def dumps(value: Any, python2: bool = False) -> bytes:
    """Return the pickle of a tree, as `zope.fssync.xmlpickle` writes it.

    With ``python2`` as release 3.6.0 does.  Raises ValueError for what is no tree.
    """
    writer = _Writer(python2)
    writer.wrapped("pickle", value, 0)
    text = "".join(writer.out)
    return f'<?xml version="1.0" encoding="utf-8" ?>\n{text}'.encode()


_SIMPLE: dict[type, Callable[[Any], str]] = {
    type(None): lambda value: "<none/>",
    bool: lambda value: "<true/>" if value else "<false/>",
    int: lambda value: _int_element(value),
    float: lambda value: f"<float>{value!r}</float>",
    str: str_element,
    bytes: bytes_element,
    Native: lambda value: _native_element(value),
}


def _int_element(value: int) -> str:
    tag = "int" if -0x80000000 <= value < 0x80000000 else "long"
    return f"<{tag}>{value}</{tag}>"


def _native_element(value: Native) -> str:
    element = str_element(value)
    if "encoding=" in element[:20] or not value.isascii():
        raise ValueError("no text of Python 2")
    return f"<string>{element[9:-10]}</string>"


def _reference_element(reference: Reference) -> str:
    if not reference.name.isprintable():
        raise ValueError("no name of an object")
    return f"<persistent> {_native_element(Native(reference.name))} </persistent>"


class _Writer:
    """Writes the elements of a tree to ``out``."""

    def __init__(self, python2: bool) -> None:
        self.python2 = python2
        self.names = (Native if python2 else str, AttributeName)
        self.out: list[str] = []

    def wrapped(self, tag: str, value: Any, indent: int) -> None:
        """Write a value in an element of its own, on one line if it is simple."""
        pad = " " * indent
        simple = _SIMPLE.get(type(value))
        if simple is not None:
            self.out.append(f"{pad}<{tag}> {simple(value)} </{tag}>\n")
        else:
            self.out.append(f"{pad}<{tag}>\n")
            self.value(value, indent + 2)
            self.out.append(f"{pad}</{tag}>\n")

    def value(self, value: Any, indent: int) -> None:
        """Write a value on lines of its own."""
        pad = " " * indent
        kind = type(value)
        simple = _SIMPLE.get(kind)
        if simple is not None:
            self.out.append(f"{pad}{simple(value)}\n")
        elif kind is list or kind is tuple:
            self.sequence(kind.__name__, value, indent)
        elif kind is Table:
            self.table(value, indent)
        elif kind is Global:
            name, module = value.name, value.module
            if self.python2:
                module = _PYTHON2.get(module, module)
            self.out.append(f'{pad}<global name="{name}" module="{module}"/>\n')
        elif kind is Reference:
            self.out.append(f"{pad}{_reference_element(value)}\n")
        elif kind is Instance and value.function == OBJECT:
            self.object(value, indent)
        elif kind is Instance:
            self.instance(value, indent)
        else:
            raise ValueError(f"no plain value: {kind.__name__}")

    def sequence(self, tag: str, values: Any, indent: int) -> None:
        pad = " " * indent
        if not values:
            self.out.append(f"{pad}<{tag} />\n")
            return
        self.out.append(f"{pad}<{tag}>\n")
        for value in values:
            self.value(value, indent + 2)
        self.out.append(f"{pad}</{tag}>\n")

    def table(self, table: Table, indent: int) -> None:
        pad = " " * indent
        if not table.pairs:
            self.out.append(f"{pad}<dictionary />\n")
            return
        self.out.append(f"{pad}<dictionary>\n")
        ordered = sorted_pairs(map(_by_key, table.pairs), _no_order)
        for _, (key, value) in ordered:
            if type(key) in self.names and identifier(key):
                self.out.append(f'{pad}  <item key="{key}">\n')
                self.value(value, indent + 6)
            else:
                self.out.append(f"{pad}  <item>\n")
                self.wrapped("key", key, indent + 4)
                self.wrapped("value", value, indent + 4)
            self.out.append(f"{pad}  </item>\n")
        self.out.append(f"{pad}</dictionary>\n")

    def object(self, instance: Instance, indent: int) -> None:
        pad = " " * indent
        (kind,), attributes = instance.arguments, instance.state
        self.out.append(f"{pad}<object>\n")
        self.wrapped("klass", kind, indent + 2)
        self.out.append(f"{pad}  <attributes>\n")
        for _, (name, value) in sorted_pairs(map(_by_key, attributes.pairs), _no_order):
            if not identifier(name):
                raise ValueError("no name of an attribute")
            self.out.append(f'{pad}    <attribute name="{name}">\n')
            self.value(value, indent + 8)
            self.out.append(f"{pad}    </attribute>\n")
        self.out.append(f"{pad}  </attributes>\n{pad}</object>\n")

    def instance(self, instance: Instance, indent: int) -> None:
        pad = " " * indent
        self.out.append(f"{pad}<initialized_object>\n")
        self.wrapped("klass", instance.function, indent + 2)
        self.wrapped("arguments", instance.arguments, indent + 2)
        if instance.state is not ABSENT:
            self.wrapped("state", instance.state, indent + 2)
        self.out.append(f"{pad}</initialized_object>\n")


def _by_key(pair: tuple[Any, Any]) -> tuple[Any, Any]:
    key = pair[0]
    return (str(key) if isinstance(key, str) else key), pair


def _no_order(key: object) -> bytes:
    raise ValueError(f"no order of keys that are {type(key).__name__}")
