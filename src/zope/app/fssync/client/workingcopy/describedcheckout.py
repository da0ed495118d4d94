"""Write a checkout into a working copy whose objects have readable descriptions."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from os.path import join
from typing import IO

from zope.app.fssync.client.workingcopy.place import TREE
from zope.app.fssync.client.workingcopy.place import data_of
from zope.app.fssync.client.workingcopy.streamcheckout import Directory
from zope.app.fssync.client.workingcopy.streamcheckout import NotStreamable
from zope.app.fssync.client.workingcopy.streamcheckout import exactly
from zope.fssync import paths
from zope.fssync.description import ASIDE
from zope.fssync.description import Part
from zope.fssync.description.described import as_part
from zope.fssync.description.described import described_entry
from zope.fssync.description.described import kept_text
from zope.fssync.description.described import text_of
from zope.fssync.descriptionnames import aside_name
from zope.fssync.descriptionnames import description_name
from zope.fssync.files import Signature
from zope.fssync.files import make_directories
from zope.fssync.files import replace
from zope.fssync.files import write_new
from zope.fssync.limits import DESCRIBED_SIZE
from zope.fssync.metadata import Entries
from zope.fssync.metadata import Entry

__all__ = ["DescribedDirectory"]


class DescribedDirectory(Directory):
    """A directory with descriptions, that is being written."""

    def __init__(
        self,
        path: str,
        place: str,
        staged: str,
        mirror: str,
        shown: str,
        own: Entry,
        entries: Entries,
        report: Callable[[str], object],
        root: str,
    ) -> None:
        super().__init__(path, place, staged, mirror, shown, own, entries, report, root)
        self._type = own.get("type", "")
        #: The parts of each item, by their keys in its description.
        self._described: dict[str, dict[str, Part]] = {}
        self._part_entries: dict[tuple[str, str], Entries] = {}
        #: The items whose descriptions are written.
        self._written: set[str] = set()
        #: What no description holds, and its signature.
        self._aside: dict[str, list[tuple[str, Signature]]] = {}
        #: From here, the directory, to its control data.
        control = join(data_of(root), TREE, place, paths.CONTROL)
        self._way = os.path.relpath(control, join(root, place))

    def _make_special(self, what: str, name: str, entries: Entries) -> None:
        if name in self._written:
            raise NotStreamable(name)
        self._part_entries[what, name] = entries

    def _write_part(
        self, what: str, name: str, part: str, size: int, stream: IO[bytes]
    ) -> None:
        if name in self._written:
            raise NotStreamable(part)
        entry = self._part_entries[what, name][part]
        packed = f"{what}/{name}/{paths.CONTROL}/{paths.ORIGINAL}/{part}"
        parts = self._described.setdefault(name, {})
        key = f"{what}/{part}"
        if size <= DESCRIBED_SIZE:
            content = exactly(stream, size)
            parts[key] = as_part(entry, content)
            if parts[key].data is not ASIDE:
                self._pack.add(packed, content)
                return
            size, stream = len(content), io.BytesIO(content)
        parts[key] = Part(described_entry(entry), ASIDE)
        # If it is one of a directory, that is still to come.
        path = join(aside_name(name), what, part)
        make_directories(os.path.dirname(join(self.staged, path)))
        look = self._write(name, join(self.staged, path), packed, size, stream)
        self._aside.setdefault(name, []).append((join(what, part), look))

    def _note_original(self, name: str, packed: str, look: Signature) -> None:
        place = join(self._way, *packed.split("/"))
        self._part_signatures.setdefault(name, []).append((place, look))

    def _take_aside(self, name: str, is_directory: bool) -> None:
        """Put what no description holds where it belongs."""
        found = self._aside.pop(name, [])
        place = aside_name(name)
        if found and is_directory:
            inside = join(name, aside_name(""))
            replace(join(self.staged, place), join(self.staged, inside))
            place = inside
        looks = self._part_signatures.setdefault(name, [])
        looks.extend((join(place, way), look) for way, look in found)

    def describe(self, name: str) -> None:
        if name in self._written:
            return
        self._written.add(name)
        entry = self._entries[name]
        is_directory = self._signatures[name] is None
        parts = self._described.pop(name, {})
        text = text_of(entry, parts)
        text = kept_text(text, self._type, name, is_directory)
        path = description_name("" if is_directory else name)
        if is_directory:
            path = join(name, path)
        look = write_new(join(self.staged, path), [text]) if text else None
        self._part_signatures.setdefault(name, []).insert(0, (path, look))
        self._take_aside(name, is_directory)
        if look is not None:
            self.ended = max(self.ended, *look[-2:])
