"""Write a directory of a checkout while it is being received.

It gets its items in the order of the archive, several at once.  Files and control data
are written when all of these are known to be of the directory.
"""

from __future__ import annotations

import os
from os.path import join
from typing import IO
from typing import NamedTuple

from zope.app.fssync.client.workingcopy.index import Block
from zope.app.fssync.client.workingcopy.index import place_of
from zope.app.fssync.client.workingcopy.packer import SpooledPack
from zope.app.fssync.client.workingcopy.place import BASE
from zope.app.fssync.client.workingcopy.place import TREE
from zope.app.fssync.client.workingcopy.place import data_of
from zope.app.fssync.client.workingcopy.pristine import Base
from zope.app.fssync.client.workingcopy.statcache import Record
from zope.app.fssync.client.workingcopy.statcache import held
from zope.app.fssync.client.workingcopy.statscan import control_signatures
from zope.app.fssync.client.workingcopy.statscan import list_of
from zope.app.fssync.client.workingcopy.statscan import outline_of
from zope.fssync import paths
from zope.fssync.description import ASIDE
from zope.fssync.description import Part
from zope.fssync.description.described import DescribedItem
from zope.fssync.description.described import are_describable
from zope.fssync.description.described import described_entry
from zope.fssync.description.described import kept_texts
from zope.fssync.description.model import Aside
from zope.fssync.descriptionnames import aside_name
from zope.fssync.descriptionnames import description_name
from zope.fssync.descriptionnames import local_name
from zope.fssync.errors import ArchiveDamaged
from zope.fssync.files import Signature
from zope.fssync.files import Tree
from zope.fssync.files import make_directories
from zope.fssync.files import new_directory
from zope.fssync.files import open_regular
from zope.fssync.files import replace
from zope.fssync.files import signature
from zope.fssync.files import write_all_new
from zope.fssync.files import write_new
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import REMEMBERED_DOCUMENT
from zope.fssync.limits import REMEMBERED_DOCUMENTS
from zope.fssync.metadata import Entries
from zope.fssync.metadata import Entry
from zope.fssync.metadata import dump_entries
from zope.fssync.metadata import dump_received
from zope.fssync.metadata import entry_of
from zope.fssync.metadata import load_sent_entries
from zope.fssync.snarf import ends_early
from zope.fssync.streams import chunks
from zope.fssync.streams import exact_chunks
from zope.fssync.terminal import escape

__all__ = [
    "SPECIALS",
    "DescribedDirectory",
    "Directory",
    "Item",
    "NotStreamable",
    "Shared",
    "Where",
    "local_names",
    "own_entries",
]

SPECIALS = (paths.EXTRA, paths.ANNOTATIONS)


class NotStreamable(Exception):
    """The archive has to be received and merged."""


class Item(NamedTuple):
    """What is received for an item of a directory, by its name in the archive.

    ``what`` is empty for the file itself.  A ``part`` is an extra or an annotation;
    without its name the content are the entries of all.  A content that is None is read
    from the stream.
    """

    name: str
    what: str
    part: str
    size: int
    content: bytes | None


class Where(NamedTuple):
    """Where a directory is.

    ``path`` is that in the archive, ``place`` that below the root, ``staged`` where it
    is built; ``mirror`` where its control data is, unless that is in it; ``shown`` is
    what is reported.
    """

    path: str
    place: str
    staged: str
    mirror: str
    shown: str

    def inside(self, name: str, file: str) -> Where:
        """Return where the directory ``name`` in this one is; its file is ``file``."""
        return Where(
            f"{self.path}/{name}",
            join(self.place, file),
            join(self.staged, file),
            self.mirror and join(self.mirror, file),
            join(self.shown, file),
        )


class _Parts(NamedTuple):
    """The entries of the extras or the annotations of an object.

    ``files`` has their names here by those in the archive; ``described`` is what a
    description says of the entries, ``text`` what the pack has.
    """

    files: dict[str, str]
    described: dict[str, Entry]
    text: bytes


class Shared:
    """What the directories of one checkout share.

    ``root`` is that of the working copy, ``made`` lists what is to be reported: paths,
    each with the letter that 3.6.0 says.
    """

    def __init__(self, root: str) -> None:
        self.root = root
        self.made: list[tuple[str, str]] = []
        #: By the documents of entries: those of one checkout are much alike.
        self._parts: dict[bytes, _Parts] = {}

    def parts(self, name: str, data: bytes) -> _Parts:
        """Return what entries of extras or annotations say."""
        found = self._parts.get(data)
        if found is None:
            path = f"{name}/{paths.CONTROL}/{paths.ENTRIES}"
            entries = load_sent_entries(data, DEFAULT, path)
            files = local_names(entries)
            own = own_entries(entries, files)
            described = {file: described_entry(entry) for file, entry in own.items()}
            found = _Parts(files, described, dump_entries(own))
            if len(data) <= REMEMBERED_DOCUMENT:
                if len(self._parts) >= REMEMBERED_DOCUMENTS:
                    self._parts.clear()
                self._parts[data] = found
        return found


class _File(NamedTuple):
    """A file of the item ``name``, and what its original is called in the pack.

    ``place`` is the path from the directory to a part, empty for the item itself.
    """

    name: str
    place: str
    path: str
    packed: str


class Directory:
    """A new directory; its ``entries`` are those of the items, by their names sent."""

    def __init__(self, where: Where, entries: Entries, shared: Shared) -> None:
        self.where = where
        self._shared = shared
        #: The items still to come, by their names in the archive.
        self._missing = local_names(entries)
        self._entries = own_entries(entries, self._missing)
        self._control = join(where.mirror or where.staged, paths.CONTROL)
        self._pack = SpooledPack()
        self._specials: set[str] = set()
        #: The entries of the parts of an object, and the parts still to come.
        self._parts: dict[tuple[str, str], _Parts] = {}
        self._missing_parts: set[tuple[str, str, str]] = set()
        self._signatures: dict[str, Signature | None] = {}
        self._part_signatures: dict[str, list[tuple[str, Signature | None]]] = {}
        #: What is to be packed, and files to be written, with their contents.
        self._packed: list[tuple[str, bytes]] = []
        self._files: list[tuple[_File, bytes]] = []
        self.ended = 0
        if where.mirror and not os.path.lexists(where.mirror):
            new_directory(where.mirror)
        new_directory(self._control)

    def take(self, items: list[Item], stream: IO[bytes]) -> None:
        """Write what was received; only the last one may still be in the stream."""
        for item in items:
            if not item.what:
                self._take_file(item, stream)
            elif item.part:
                self._take_part(item, stream)
            else:
                self._take_parts(item.what, item.name, item.content or b"")
        self._write()

    def add_directory(self, name: str) -> Where:
        """Make the directory of an item; return where it is."""
        file = self._arrived(name)
        self._signatures[file] = None
        where = self.where.inside(name, file)
        new_directory(where.staged)
        return where

    def entry(self, file: str) -> Entry:
        """Return the entry of an item, by the name of its file."""
        return self._entries[file]

    def _take_file(self, item: Item, stream: IO[bytes]) -> None:
        name = self._arrived(item.name)
        path = join(self.where.staged, name)
        file = _File(name, "", path, f"{paths.ORIGINAL}/{name}")
        self._store(item, file, stream)
        self._shared.made.append((join(self.where.shown, name), "U"))
        self.report_specials(name)

    def _arrived(self, name: str) -> str:
        """Note that an item is here; return the name of its file."""
        file = self._file(name)
        del self._missing[name]
        return file

    def _file(self, name: str) -> str:
        if name not in self._missing:
            raise NotStreamable(name)
        return self._missing[name]

    def _take_parts(self, what: str, name: str, data: bytes) -> None:
        """Take the entries of the extras or the annotations of an item."""
        name = self._file(name)
        if (what, name) in self._parts:
            raise NotStreamable(name)
        parts = self._parts[what, name] = self._shared.parts(name, data)
        self._missing_parts.update((what, name, part) for part in parts.files)
        self._make_special(what, name)
        packed = f"{what}/{name}/{paths.CONTROL}/{paths.ENTRIES}"
        self._packed.append((packed, parts.text))

    def _make_special(self, what: str, name: str) -> None:
        """Make a directory for extras or annotations."""
        if what not in self._specials:
            self._specials.add(what)
            new_directory(join(self._control, what))
        new_directory(join(self._control, what, name))

    def _take_part(self, item: Item, stream: IO[bytes]) -> None:
        name, what = self._file(item.name), item.what
        if (what, name, item.part) not in self._missing_parts:
            raise NotStreamable(item.part)
        self._missing_parts.discard((what, name, item.part))
        part = self._parts[what, name].files[item.part]
        packed = f"{what}/{name}/{paths.CONTROL}/{paths.ORIGINAL}/{part}"
        self._put_part(item, name, part, packed, stream)

    def _put_part(
        self, item: Item, name: str, part: str, packed: str, stream: IO[bytes]
    ) -> None:
        path = join(self._control, item.what, name, part)
        place = os.path.relpath(path, self.where.staged)
        self._store(item, _File(name, place, path, packed), stream)

    def _store(self, item: Item, file: _File, stream: IO[bytes]) -> None:
        """Let a file be written with its original."""
        if item.content is None:
            self._write_large(item.size, file, stream)
            return
        self._packed.append((file.packed, item.content))
        self._files.append((file, item.content))

    def _write_large(self, size: int, file: _File, stream: IO[bytes]) -> None:
        look = write_new(file.path, exact_chunks(stream, size, ends_early()))
        self._note(file.name, file.place, look)
        original = join(self._control, *file.packed.split("/"))
        make_directories(os.path.dirname(original))
        with open_regular(file.path) as copied:
            copy = write_new(original, chunks(copied))
        self._note(file.name, self._place_of_original(file.packed), copy)

    def _place_of_original(self, packed: str) -> str:
        """Return the path from the directory to a large original."""
        path = join(self._control, *packed.split("/"))
        return os.path.relpath(path, self.where.staged)

    def _note(self, name: str, place: str, look: Signature) -> None:
        """Note the signature of an item, or of a part of it."""
        if place:
            self._part_signatures.setdefault(name, []).append((place, look))
        else:
            self._signatures[name] = look
        self.ended = max(self.ended, *look[-2:])

    def _write(self) -> None:
        """Write what waits."""
        looks = write_all_new((file.path, content) for file, content in self._files)
        for (file, _), look in zip(self._files, looks, strict=True):
            self._note(file.name, file.place, look)
        self._files.clear()
        self._pack.add_all(self._packed)
        self._packed.clear()

    def report_specials(self, name: str) -> None:
        """Report the extras and annotations of an item, after the item."""
        for what in SPECIALS:
            parts = self._parts.get((what, name))
            if parts is not None:
                place = join(self.where.shown, paths.CONTROL, what, name)
                self._shared.made.append((join(place, ""), "N"))
                self._shared.made.extend(
                    (join(place, part), "U") for part in sorted(parts.files.values())
                )

    def finish(self) -> Block:
        """Write the control data of the directory, which is complete."""
        if self._missing or self._missing_parts:
            missing = min([*self._missing, *(part[-1] for part in self._missing_parts)])
            raise ArchiveDamaged(
                f"entry without a file in archive: '{escape(missing)}'",
                path=f"{self.where.path}/{missing}",
            )
        self.describe([*self._entries])
        efile = join(self._control, paths.ENTRIES)
        write_new(efile, [dump_entries(self._entries)])
        if self._entries:
            received = dump_received(self._entries)
            self._pack.add_all([(paths.RECEIVED, received)])
        self._pack.write(join(self._control, BASE))
        if not self._pack.is_sorted:
            # Some servers send the items in an order of their own.
            Base(Tree(), self._control).rewrite()
        return self._block()

    def describe(self, names: list[str]) -> None:
        """Write what describes items of which all parts are there, once."""

    def _block(self) -> Block:
        """Return the block of the index that `Unchanged` would write."""
        control = control_signatures(self._control, False)
        packed = held(self._pack.digests())
        records = {
            name: Record(
                look, self._part_signatures.get(name, []), True, packed.get(name, "")
            )
            for name, look in self._signatures.items()
        }
        status = os.lstat(self.where.staged)
        for look in (signature(status), *control):
            self.ended = max(self.ended, *(look or [0])[-2:])
        directories = sorted(
            name for name, look in self._signatures.items() if not look
        )
        whole = [place_of(status), control, directories]
        outline = outline_of(control, records, list_of(status))
        return Block.of([control, records, True], whole, outline)


class _Waiting(NamedTuple):
    """A part of which it is not known yet whether a description can hold it."""

    what: str
    name: str
    part: str
    content: bytes


class DescribedDirectory(Directory):
    """A new directory whose items have descriptions; ``own`` is its own entry."""

    def __init__(
        self, where: Where, entries: Entries, shared: Shared, own: Entry
    ) -> None:
        super().__init__(where, entries, shared)
        self._type = own.get("type", "")
        #: The parts of each item, by their keys in its description.
        self._described: dict[str, dict[str, Part]] = {}
        self._waiting: list[_Waiting] = []
        #: The items whose descriptions are written, and those with anything aside.
        self._written: set[str] = set()
        self._aside: set[str] = set()
        #: From here, the directory, to its control data.
        control = join(data_of(shared.root), TREE, where.place, paths.CONTROL)
        self._way = os.path.relpath(control, join(shared.root, where.place))

    def _make_special(self, what: str, name: str) -> None:
        if name in self._written:
            raise NotStreamable(name)

    def _put_part(
        self, item: Item, name: str, part: str, packed: str, stream: IO[bytes]
    ) -> None:
        if name in self._written:
            raise NotStreamable(part)
        if item.content is not None:
            self._packed.append((packed, item.content))
            self._waiting.append(_Waiting(item.what, name, part, item.content))
            return
        file = self._aside_for(item.what, name, part, packed)
        self._write_large(item.size, file, stream)

    def _aside_for(self, what: str, name: str, part: str, packed: str = "") -> _File:
        """Return the file for what no description holds."""
        # If it is one of a directory, that is still to come.
        place = join(aside_name(name), what, part)
        path = join(self.where.staged, place)
        make_directories(os.path.dirname(path))
        self._aside.add(name)
        self._describe_part(what, name, part, ASIDE)
        return _File(name, place, path, packed)

    def _describe_part(
        self, what: str, name: str, part: str, data: bytes | Aside
    ) -> None:
        entry = self._parts[what, name].described[part]
        parts = self._described.setdefault(name, {})
        parts[f"{what}/{part}"] = Part(entry, data)

    def _place_of_original(self, packed: str) -> str:
        return join(self._way, *packed.split("/"))

    def _write(self) -> None:
        describable = are_describable(part.content for part in self._waiting)
        for (what, name, part, content), is_told in zip(
            self._waiting, describable, strict=True
        ):
            if is_told:
                self._describe_part(what, name, part, content)
            else:
                self._files.append((self._aside_for(what, name, part), content))
        self._waiting.clear()
        super()._write()

    def _move_aside(self, name: str) -> None:
        """Put what no description of a directory holds into the directory."""
        before, after = aside_name(name), join(name, aside_name(""))
        replace(join(self.where.staged, before), join(self.where.staged, after))
        self._part_signatures[name] = [
            (after + place[len(before) :], look)
            if place.startswith(f"{before}{os.sep}")
            else (place, look)
            for place, look in self._part_signatures[name]
        ]

    def describe(self, names: list[str]) -> None:
        names = [name for name in names if name not in self._written]
        self._written.update(names)
        items = [
            DescribedItem(
                name,
                self._signatures[name] is None,
                self._entries[name],
                self._described.pop(name, {}),
            )
            for name in names
        ]
        places = [
            join(item.name, description_name(""))
            if item.is_directory
            else description_name(item.name)
            for item in items
        ]
        texts = kept_texts(self._type, items)
        looks = dict(
            zip(
                [place for place, text in zip(places, texts, strict=True) if text],
                write_all_new(
                    (join(self.where.staged, place), text)
                    for place, text in zip(places, texts, strict=True)
                    if text
                ),
                strict=True,
            )
        )
        for item, place in zip(items, places, strict=True):
            if item.is_directory and item.name in self._aside:
                self._move_aside(item.name)
            look = looks.get(place)
            parts = self._part_signatures.setdefault(item.name, [])
            parts.insert(0, (place, look))
            if look is not None:
                self.ended = max(self.ended, *look[-2:])


def local_names(entries: Entries) -> dict[str, str]:
    """Return the local names of files, by their names in the archive."""
    files = {
        name: local_name(name, entry.get("key", name))
        for name, entry in entries.items()
    }
    if len(set(files.values())) < len(files):
        raise NotStreamable("names that are equal here")
    return files


def own_entries(entries: Entries, files: dict[str, str]) -> Entries:
    """Return the entries of files by their local names."""
    return {
        files[name]: entry_of(files[name], name, entry)
        for name, entry in entries.items()
    }
