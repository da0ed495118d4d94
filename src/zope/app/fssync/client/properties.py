"""Properties: the values of an object besides its content, by readable names.

They are in the extras and annotations of the object, which are files in the control
directory and are committed like any other.  `Parts` reads and writes those of one
object; see `Part` for their forms.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from datetime import datetime
from os.path import basename
from os.path import dirname
from os.path import join
from typing import Any
from typing import NamedTuple

from zope.app.fssync.client import dublincore
from zope.app.fssync.client.adding import register
from zope.app.fssync.client.removing import remove
from zope.app.fssync.client.schedule import check_kind
from zope.app.fssync.client.session import ChangingSession
from zope.app.fssync.client.session import Session
from zope.fssync import fsutil
from zope.fssync import itemtext
from zope.fssync import xmlpickle
from zope.fssync.errors import Error
from zope.fssync.itemtext import Item
from zope.fssync.limits import DEFAULT
from zope.fssync.report import MODIFIED
from zope.fssync.report import Change
from zope.fssync.terminal import escape

__all__ = ["Parts", "Property"]


class Property(NamedTuple):
    """A property: its name, its values, and the file of its part.

    Most have one value.  If it is not ``readable`` it is a pickle, without values.
    """

    name: str
    values: tuple[str, ...]
    path: str
    kind: str = ""
    readable: bool = True
    #: True if it takes any number of values.
    is_list: bool = False

    def item(self) -> Item:
        """Return the property as an item of the text to edit."""
        if len(self.values) == 1 and "\n" not in self.values[0]:
            return Item(self.name, self.values[0], kind=self.kind)
        if len(self.values) == 1:
            lines = tuple(self.values[0].split("\n"))
            return Item(self.name, lines=lines, kind=self.kind or "text")
        return Item(self.name, lines=self.values, kind=self.kind)


class Part:
    """An extra or an annotation: a file of one property or of several.

    This class is for pickles of objects, which cannot be shown.
    """

    def __init__(self, path: str, data: bytes) -> None:
        self.path = path
        self.name = basename(path)
        self.data = data

    def properties(self) -> Iterator[Property]:
        """Yield the properties of the part."""
        yield Property(self.name, (), self.path, readable=False)

    def accepts(self, name: str) -> bool:
        """Return True if a new property of this name can be added."""
        return False

    def set(self, name: str, values: Sequence[str], kind: str = "") -> None:
        """Set the values of a property."""
        raise Error(
            f"the property '{escape(name)}' is a pickle of objects, which zsync does "
            "not write",
            path=self.path,
            advice=f"'zsync prop edit PATH {escape(name)}' shows you its XML.",
        )

    def delete(self, name: str) -> bool:
        """Delete a property; return False if the whole part has to be deleted."""
        return False


class Value(Part):
    """A pickle of one plain value, as a content type."""

    @classmethod
    def of(cls, path: str, data: bytes) -> Part | None:
        try:
            value = xmlpickle.loads(data)
        except Error:
            return None
        if type(value) not in _PLAIN:
            return None
        part = cls(path, data)
        part.value = value
        return part

    value: Any = ""

    def properties(self) -> Iterator[Property]:
        """See `Part`."""
        shown = {None: "", True: "true", False: "false"}
        is_word = self.value is None or type(self.value) is bool
        text = shown[self.value] if is_word else str(self.value)
        yield Property(self.name, (text,), self.path)

    def set(self, name: str, values: Sequence[str], kind: str = "") -> None:
        """See `Part`."""
        text = _single(self.path, name, values)
        try:
            self.value = _PLAIN[type(self.value)](text)
        except (KeyError, ValueError):
            what = type(self.value).__name__
            raise Error(
                f"the property '{escape(name)}' is no {what}: '{escape(text)}'",
                path=self.path,
            ) from None
        self.data = xmlpickle.dumps(self.value)


_PLAIN: dict[type, Any] = {
    str: str,
    int: int,
    float: float,
    bool: {"true": True, "false": False}.__getitem__,
    type(None): str,
}


class DublinCore(Part):
    """The annotation with the Dublin Core."""

    def __init__(self, path: str, data: bytes, document: dublincore.Document) -> None:
        super().__init__(path, data)
        self.document = document

    def properties(self) -> Iterator[Property]:
        """See `Part`."""
        found = self.document.data
        for name, element in _ELEMENTS.items():
            if element in found:
                yield self._property(name, found[element])
        for element in sorted(found.keys() - set(_ELEMENTS.values())):
            yield self._property(element, found[element])

    def _property(self, name: str, values: tuple[str, ...]) -> Property:
        is_list = name in _SEQUENCES or len(values) > 1
        values = values if is_list else values or ("",)
        return Property(name, values, self.path, is_list=is_list)

    def accepts(self, name: str) -> bool:
        """See `Part`."""
        return name in _ELEMENTS

    def set(self, name: str, values: Sequence[str], kind: str = "") -> None:
        """See `Part`."""
        if name == "modified":
            raise Error(
                "the time of the last change is set by the server", path=self.path
            )
        if name not in _SEQUENCES:
            values = [_single(self.path, name, values)]
        if name in _DATES:
            values = [_moment(self.path, name, values[0])]
        self._write({**self.document.data, _ELEMENTS.get(name, name): tuple(values)})

    def delete(self, name: str) -> bool:
        """See `Part`."""
        element = _ELEMENTS.get(name, name)
        found = self.document.data
        self._write({each: found[each] for each in found if each != element})
        return True

    def _write(self, data: dict[str, tuple[str, ...]]) -> None:
        self.document = self.document._replace(data=data)
        self.data = dublincore.dumps(self.document)


#: The elements by their names in zope.dublincore.
_ELEMENTS = {
    "title": "Title",
    "description": "Description",
    "subjects": "Subject",
    "creators": "Creator",
    "contributors": "Contributor",
    "publisher": "Publisher",
    "rights": "Rights",
    "language": "Language",
    "created": "Date.Created",
    "modified": "Date.Modified",
    "effective": "Date.Effective",
    "expires": "Date.Expires",
}
_SEQUENCES = frozenset(("subjects", "creators", "contributors"))
_DATES = frozenset(("created", "effective", "expires"))


class Items(Part):
    """A text of items, as Zope has them for properties and settings."""

    def __init__(self, path: str, data: bytes, items: list[Item]) -> None:
        super().__init__(path, data)
        self.items = items
        # Only properties have types, and can be added and deleted.
        self.is_open = self.name == "properties"

    def properties(self) -> Iterator[Property]:
        """See `Part`."""
        for item in self.items:
            lines = item.lines if item.value is None else (item.value,)
            if _type(item.kind) in _TEXTS:
                lines = ("\n".join(lines),)
            yield Property(
                item.key,
                lines,
                self.path,
                item.kind,
                readable=not item.kind.endswith("holds pickled"),
                is_list=item.value is None and _type(item.kind) not in _TEXTS,
            )

    def accepts(self, name: str) -> bool:
        """See `Part`."""
        return self.is_open

    def set(self, name: str, values: Sequence[str], kind: str = "") -> None:
        """See `Part`."""
        old = next((item for item in self.items if item.key == name), None)
        if not self.is_open or not kind:
            kind = old.kind if old else self._usual_kind(values)
        # What a property holds instead of a value of its type goes with it.
        kind = kind.partition(", holds ")[0]
        if _type(kind) in _LINES or (not kind and len(values) != 1):
            new = Item(name, lines=tuple(values), kind=kind)
        elif _type(kind) in _TEXTS:
            text = _single(self.path, name, values)
            new = Item(name, lines=tuple(text.split("\n")), kind=kind)
        else:
            new = Item(name, _single(self.path, name, values), kind=kind)
        if old is None:
            self._write(sorted([*self.items, new]))
        else:
            self._write([new if item is old else item for item in self.items])

    def _usual_kind(self, values: Sequence[str]) -> str:
        if not self.is_open:
            return ""
        return "string" if len(values) == 1 else "lines"

    def delete(self, name: str) -> bool:
        """See `Part`."""
        if self.name == "settings":
            raise Error(
                f"'{escape(name)}' is a setting, which every such object has",
                path=self.path,
                advice=f"'zsync prop set PATH {escape(name)} \"\"' empties it.",
            )
        self._write([item for item in self.items if item.key != name])
        return True

    def _write(self, items: list[Item]) -> None:
        self.items = items
        self.data = itemtext.dumps(items)


_LINES = frozenset(("lines", "ulines", "tokens", "utokens", "multiple selection"))
_TEXTS = frozenset(("text", "utext"))


def _type(kind: str) -> str:
    return kind.partition(",")[0].partition(" of ")[0]


def _single(path: str, name: str, values: Sequence[str]) -> str:
    if len(values) != 1:
        raise Error(f"the property '{escape(name)}' has one value", path=path)
    return values[0]


def _moment(path: str, name: str, text: str) -> str:
    """Return a time as zope.dublincore stores it."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Error(
            f"the property '{escape(name)}' is no time: '{escape(text)}'",
            path=path,
            advice="Write it as 2026-12-24 or 2026-12-24T18:30+01:00.",
        ) from None
    if found.tzinfo is None:
        found = found.astimezone()
    return found.isoformat()


def _part(path: str, data: bytes) -> Part:
    """Return the part in a file."""
    if basename(path) == dublincore.ANNOTATION:
        document = dublincore.loads(data)
        return (
            Part(path, data) if document is None else DublinCore(path, data, document)
        )
    if data.lstrip().startswith(b"<?xml"):
        return Value.of(path, data) or Part(path, data)
    try:
        return Items(path, data, itemtext.loads(data))
    except Error:
        return Part(path, data)


#: The parts whose items are properties without a prefix.
_PLAIN_PARTS = ("properties", "settings")

#: The classes of the parts that objects of Zope have.
_OF_ZOPE = "zope.app.fssync.hosts.ofs."


class Parts:
    """The parts of one object."""

    def __init__(self, session: Session, target: str) -> None:
        self.session = session
        self.target = session.single(target)
        self.entry = session.entry(self.target)
        self.parts = [self._read(path) for path in self._paths()]
        #: By the names for people: the part, and the name there.
        self._places: dict[str, tuple[Part, str]] = {}
        self._found: dict[str, Property] = {}
        for part in self.parts:
            for each in part.properties():
                name = self._name(part, each.name)
                self._places[name] = part, each.name
                self._found[name] = each._replace(name=name)

    def _paths(self) -> list[str]:
        found = [
            join(special, name)
            for special in (
                fsutil.getannotations(self.target),
                fsutil.getextra(self.target),
            )
            if self.session.files.isdir(special)
            for name in self.session.metadata.getnames(special)
        ]
        found = [path for path in found if self._flag(path) != "removed"]
        return sorted(found, key=_rank)

    def _flag(self, path: str) -> str | None:
        return self.session.metadata.getentry(path).get("flag")

    def _read(self, path: str) -> Part:
        if "conflict" in self.session.metadata.getentry(path):
            raise Error(
                f"'{path}' is in conflict",
                path=path,
                advice="Settle it first: 'zsync resolve'.",
            )
        if not self.session.files.isfile(path):
            raise Error(
                f"'{path}' is lost",
                path=path,
                advice=f"'zsync revert {escape(self.target)}' brings it back.",
            )
        if self.session.files.size(path) > DEFAULT.pickle_size:
            return Part(path, b"")
        with self.session.files.open(path) as stream:
            return _part(path, stream.read())

    def _name(self, part: Part, name: str) -> str:
        if isinstance(part, Items) and part.name not in _PLAIN_PARTS:
            return f"{part.name}/{name}"
        return f"{part.name}/{name}" if name in self._places else name

    # To look at

    def properties(self) -> list[Property]:
        """Return all properties."""
        return list(self._found.values())

    def get(self, name: str) -> Property:
        """Return one property; raise `Error` if there is none of the name."""
        found = self._spelled(name)
        if found is None:
            raise self._unknown(name)
        return self._found[found]

    def _spelled(self, name: str) -> str | None:
        """Return the canonical form of a name: content-type is contentType, too."""
        if name in self._found:
            return name
        found = [each for each in self._found if _letters(each) == _letters(name)]
        return found[0] if len(found) == 1 else None

    def _unknown(self, name: str) -> Error:
        known = ", ".join(map(escape, self._found)) or "none"
        return Error(
            f"'{self.target}' has no property '{escape(name)}'",
            path=self.target,
            advice=f"There are: {known}.",
        )

    def source(self, name: str) -> bytes:
        """Return the file of a property that is not readable."""
        return self._places[self.get(name).name][0].data

    # To change

    def set(self, name: str, values: Sequence[str], kind: str = "") -> None:
        """Set the values of a property, or add it if the object accepts it."""
        found = self._spelled(name)
        if found is not None:
            part, inner = self._places[found]
        else:
            part, inner = self._part_for(name)
        part.set(inner, values, kind)
        self._write(part)

    def _part_for(self, name: str) -> tuple[Part, str]:
        """Return the part that a new property belongs to, and its name there."""
        element = next((e for e in _ELEMENTS if _letters(e) == _letters(name)), name)
        for part in self.parts:
            if part.accepts(element):
                return part, element
        if self._is_of_zope():
            if self.entry.get("flag") == "added":
                raise Error(
                    f"'{self.target}' is new, and has no properties yet",
                    path=self.target,
                    advice="Commit it; then it has those of its type.",
                )
            raise self._unknown(name)
        if element in _ELEMENTS:
            special = fsutil.getannotations(self.target)
            path = join(special, dublincore.ANNOTATION)
            if self.session.metadata.getentry(path).get("flag") == "removed" or not (
                self.session.metadata.getentry(path)
            ):
                return DublinCore(path, b"", dublincore.NEW), element
        elif _letters(name) == "contenttype" and self.session.files.isfile(self.target):
            path = join(fsutil.getextra(self.target), "contentType")
            return Value(path, b""), "contentType"
        raise self._unknown(name)

    def _is_of_zope(self) -> bool:
        """Return whether the object, or one that it is in, has parts of Zope."""
        metadata, path = self.session.metadata, self.target
        while metadata.getentry(path):
            special = fsutil.getextra(path)
            if self.session.files.isdir(special):
                for name in metadata.getnames(special):
                    kind = metadata.getentry(join(special, name)).get("type", "")
                    if kind.startswith(_OF_ZOPE):
                        return True
            path = dirname(path) or fsutil.split(fsutil.located(path))[0]
        return False

    def set_source(self, name: str, data: bytes) -> None:
        """Replace the file of a property that is not readable."""
        part, _ = self._places[self.get(name).name]
        part.data = data
        self._write(part)

    def delete(self, name: str) -> None:
        """Delete a property."""
        part, inner = self._places[self.get(name).name]
        if part.delete(inner):
            self._write(part)
        else:
            remove(self._changing(), part.path, force=True)

    def replace(self, items: Iterable[Item]) -> None:
        """Replace the readable properties by those of an edited text."""
        wanted = {item.key: item for item in items}
        for each in self.properties():
            item = wanted.pop(each.name, None)
            if item is None and each.readable:
                self.delete(each.name)
            elif item is not None and item != each.item():
                self.set(each.name, _values(item), item.kind)
        for item in wanted.values():
            self.set(item.key, _values(item), item.kind)

    def _write(self, part: Part) -> None:
        session = self._changing()
        if part not in self.parts:
            self.parts.append(part)
        entry = session.metadata.getentry(part.path)
        if entry and entry.get("flag") != "removed":
            if _content(session, part.path) != part.data:
                session.files.write(part.path, [part.data])
                session.reporter(Change(MODIFIED, part.path, "M"))
            return
        session.files.mkdir(dirname(part.path))
        session.files.write(part.path, [part.data])
        if entry:
            del entry["flag"]
            session.reporter(Change(MODIFIED, part.path, "M"))
        else:
            kind = dublincore.TYPE if isinstance(part, DublinCore) else "builtins.str"
            register(session, part.path, kind)

    def _changing(self) -> ChangingSession:
        assert isinstance(self.session, ChangingSession)
        if self.entry.get("flag") == "removed":
            keep = f"'zsync revert {escape(self.target)}' takes that back."
            # A revert would overwrite what was made anew.
            anew = self.session.files.exists(self.target)
            raise Error(
                f"'{self.target}' is registered for removal",
                path=self.target,
                advice="Send that first: 'zsync commit'." if anew else keep,
            )
        check_kind(self.session, self.target, "change")
        return self.session


def _content(session: Session, path: str) -> bytes:
    with session.files.open(path) as stream:
        found: bytes = stream.read()
    return found


def _values(item: Item) -> tuple[str, ...]:
    if item.value is not None:
        return (item.value,)
    if _type(item.kind) in _TEXTS:
        return ("\n".join(item.lines),)
    return item.lines


def _rank(path: str) -> tuple[bool, bool, str]:
    """Sort the Dublin Core first, then the properties of Zope, then all else."""
    name = basename(path)
    return name != dublincore.ANNOTATION, name not in _PLAIN_PARTS, path


def _letters(name: str) -> str:
    return "".join(name.casefold().split()).replace("_", "").replace("-", "")
