"""Properties: the values of an object besides its content, by readable names.

They are in the extras and annotations of the object, which are files in the control
directory and are committed like any other.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence
from os.path import basename
from os.path import dirname
from os.path import join

from zope.app.fssync.client import dublincore
from zope.app.fssync.client.adding import register
from zope.app.fssync.client.partfiles import ELEMENTS
from zope.app.fssync.client.partfiles import DublinCore
from zope.app.fssync.client.partfiles import Items
from zope.app.fssync.client.partfiles import Part
from zope.app.fssync.client.partfiles import Property
from zope.app.fssync.client.partfiles import Value
from zope.app.fssync.client.partfiles import part_in
from zope.app.fssync.client.partfiles import values_of
from zope.app.fssync.client.removing import remove
from zope.app.fssync.client.schedule import check_kind
from zope.app.fssync.client.session import ChangingSession
from zope.app.fssync.client.session import Session
from zope.fssync import fsutil
from zope.fssync.errors import Error
from zope.fssync.itemtext import Item
from zope.fssync.limits import DEFAULT
from zope.fssync.report import MODIFIED
from zope.fssync.report import Change
from zope.fssync.terminal import escape

__all__ = ["Parts"]


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
            return part_in(path, stream.read())

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
        element = next((e for e in ELEMENTS if _letters(e) == _letters(name)), name)
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
        if element in ELEMENTS:
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
                self.set(each.name, values_of(item), item.kind)
        for item in wanted.values():
            self.set(item.key, values_of(item), item.kind)

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


def _rank(path: str) -> tuple[bool, bool, str]:
    """Sort the Dublin Core first, then the properties of Zope, then all else."""
    name = basename(path)
    return name != dublincore.ANNOTATION, name not in _PLAIN_PARTS, path


def _letters(name: str) -> str:
    return "".join(name.casefold().split()).replace("_", "").replace("-", "")
