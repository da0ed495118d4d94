"""Find the objects in a directory that are as the server last sent them.

A file is read only if its signature has changed since it was last found unchanged,
or its original has.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from os.path import join
from types import TracebackType
from typing import TYPE_CHECKING
from typing import Any
from typing import NamedTuple

from zope.app.fssync.client.workingcopy.compact import CompactTree
from zope.app.fssync.client.workingcopy.index import Index
from zope.app.fssync.client.workingcopy.index import place_of
from zope.app.fssync.client.workingcopy.layout import PLAIN
from zope.app.fssync.client.workingcopy.layout import read_layout
from zope.app.fssync.client.workingcopy.statscan import NO_NAMES
from zope.app.fssync.client.workingcopy.statscan import ScanResult
from zope.app.fssync.client.workingcopy.statscan import below_control
from zope.app.fssync.client.workingcopy.statscan import control_signatures
from zope.app.fssync.client.workingcopy.statscan import is_as_before
from zope.app.fssync.client.workingcopy.statscan import list_of
from zope.app.fssync.client.workingcopy.statscan import outline_of
from zope.app.fssync.client.workingcopy.statscan import sweep
from zope.fssync import fsutil
from zope.fssync import paths
from zope.fssync.files import DISK
from zope.fssync.files import Signature
from zope.fssync.files import signature_at
from zope.fssync.metadata import MOVED
from zope.fssync.metadata import Entry
from zope.fssync.metadata import Metadata
from zope.fssync.metadata import has_entries
from zope.fssync.streams import chunks
from zope.fssync.streams import same_content

if TYPE_CHECKING:
    from zope.app.fssync.client.workingcopy.described import DescribedObject

__all__ = ["Record", "Unchanged"]


class Record(NamedTuple):
    """An object without changes.

    ``signature`` is that of a file and None for a directory; ``parts`` has the paths
    from the directory to extras, annotations or a description, and to large originals,
    with their signatures; ``received`` says that the entry is as it was sent;
    ``packed`` is the digest of what the pack of the directory had of the object.
    """

    signature: Signature | None
    parts: list[tuple[str, Signature | None]]
    received: bool
    packed: str = ""


def held(digests: Iterable[tuple[str, str]]) -> dict[str, str]:
    """One digest of all that a pack has of each object, by the object's name.

    ``digests`` are names in the pack, with the digests of the contents.
    """
    from zope.app.fssync.client.workingcopy.packer import digest_of

    parts: dict[str, list[str]] = {}
    for name, digest in digests:
        words = name.split("/", 2)
        if len(words) > 1:
            parts.setdefault(words[1], []).append(f"{name} {digest}\n")
    return {
        name: digest_of(["".join(sorted(found)).encode()])
        for name, found in parts.items()
    }


class Unchanged:
    """Finds unchanged objects; a context manager that remembers them.

    ``layout`` is that of the working copy, if it was read already.
    Nothing may be waiting in ``files`` to be written.
    """

    def __init__(
        self,
        files: CompactTree,
        metadata: Metadata,
        root: str,
        layout: int | None = None,
    ) -> None:
        self.files = files
        self.metadata = metadata
        self.root = root
        self._index: Index | None = None
        # In the layout of 3.6.0 nothing is written that 3.6.0 does not know.
        if (read_layout(DISK, root) if layout is None else layout) != PLAIN:
            self._index = Index(root)
        self._real: dict[str, str] = {}
        self._inside = join(root, "")
        self._looked: dict[str, ScanResult] | None = None
        self._held: dict[str, dict[str, str]] = {}
        #: The places of objects of which at most the file has changed.
        self._known_parts: set[tuple[str, str]] = set()

    def __enter__(self) -> Unchanged:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._index is not None:
            self._index.close()

    @property
    def compact(self) -> bool:
        """Return whether every directory has entries, even those without children."""
        return self._index is not None

    def is_received(self, directory: str, name: str) -> bool:
        """Return True if an object and its entry are as the server sent them."""
        record = self.known(directory, name) or self._examine(directory, name)
        return record is not None and record.received

    def names(self, directory: str) -> tuple[dict[str, Record], bool]:
        """Return the unchanged objects in a directory.

        The second value says whether these are all registered objects.
        """
        place = self._place(directory)
        control = self._control(directory, place)
        known, records, complete = self._recorded(place)
        looked = self._look(place)
        if known != control:
            looked = None
        if looked is None:
            found = self._still_known(directory, records)
        else:
            unlike = set(looked.unlike)
            found = {n: record for n, record in records.items() if n not in unlike}
            if complete and not unlike:
                return found, True
        began = 0 if self._index is None else self._index.began()
        if control != self._control(directory, place):
            found = {}
            control = self._control(directory, place)
        names = self.metadata.getnames(directory)
        more = {}
        for name in names:
            if name not in found:
                before = None if looked is None else records.get(name)
                record = self._examine_anew(directory, name, before)
                if record is not None:
                    more[name] = record
        if (more or looked is None) and self._index is not None and began:
            packed = self._packed(directory)
            for name, record in more.items():
                more[name] = record._replace(packed=packed.get(name, ""))
            records = {**found, **more}
            self._remember(directory, place, control, records, len(names), began)
        found.update(more)
        return found, len(found) == len(names)

    def remember(self, directory: str) -> None:
        """Find the unchanged objects in a directory, and look at no other."""
        self._looked = {}
        self.names(directory)

    def known(self, directory: str, name: str) -> Record | None:
        """Return the record of one object, if that is there and holds still.

        Nothing but that object is looked at, unless it is one that was checked out.
        """
        place = self._place(directory)
        control, records, _ = self._recorded(place)
        record = records.get(name)
        if record is not None and control == self._control(directory, place):
            return record if self._holds(directory, name, record) else None
        if place != os.curdir or not self.files.is_described(directory):
            return None
        # There are few of these, and what is found is remembered.
        return self.names(directory)[0].get(name)

    def _holds(self, directory: str, name: str, record: Record) -> bool:
        prefix, below = self._prefixes(directory)
        return is_as_before(prefix, name, record.signature, record.parts, below)

    def _prefixes(self, directory: str) -> tuple[str, str]:
        """Return what is before the names in a directory, and see `below_control`."""
        place = self.files.place(directory)
        below = below_control(place.control, join(place.directory, ""))
        return join(directory, ""), below

    def settled(self, directory: str) -> ScanResult | None:
        """Return what is in a directory where nothing has changed, if that is known.

        Changes in the directories in it do not count.
        """
        looked = self._look(self._place(directory))
        return looked if looked is not None and looked.settled else None

    def _look(self, place: str) -> ScanResult | None:
        """Return the scan of a directory.

        The first call scans all directories below it as well.
        """
        if self._looked is None:
            self._looked = {}
            if self._index is not None:
                self._looked = sweep(self._index, self.root, place)
        return self._looked.get(place)

    # Whole

    def is_whole(self, directory: str) -> bool:
        """Return True if nothing that is registered at or below a directory is lost.

        Flagged objects need not exist.  No file is read.
        """
        place = self._place(directory)
        names = self._known_whole(directory, place)
        if names is None:
            names = self._find_whole(directory, place)
        return names is not None and all(
            self.is_whole(f"{directory}{os.sep}{name}") for name in names
        )

    def _known_whole(self, directory: str, place: str) -> list[str] | None:
        """The directories in a directory of which nothing is missing, if known."""
        whole = None if self._index is None else self._index.whole(place)
        try:
            where, control, names = whole or (None, None, ())
            if where != place_of(os.lstat(directory)):
                return None
            if any(os.sep in name or name in NO_NAMES for name in names):
                return None
        except (OSError, ValueError, TypeError):
            return None
        return list(names) if control == self._control(directory, place) else None

    def _find_whole(self, directory: str, place: str) -> list[str] | None:
        """The directories in a directory, unless something is missing there."""
        began = 0 if self._index is None else self._index.began()
        control = self._control(directory, place)
        status = os.lstat(directory)
        if "flag" not in self.metadata.getentry(directory) and not self._is_kept(
            directory, "dir"
        ):
            return None
        directories = []
        entries = self.metadata.getmanager(directory).entries
        originals = self._packed_originals(directory)
        for name in self.metadata.getnames(directory):
            path = join(directory, name)
            kind = self.files.kind(path)
            if kind == "dir":
                directories.append(name)
            if "flag" in entries[name] or (kind == "file" and name in originals):
                continue
            if not self._is_kept(path, kind):
                return None
        self.metadata.release(directory)
        if all(_is_old(look, began) for look in control) and status.st_mtime_ns < began:
            assert self._index is not None
            whole = [place_of(status), control, directories]
            block, outline = self._index.get(place), self._index.outline(place)
            self._index.put(place, block, whole, outline)
        return directories

    def _packed_originals(self, directory: str) -> set[str]:
        """Return the files of which the pack of a directory has the originals.

        Those in older layouts count only with a directory on the disk.
        """
        if not self.files.is_described(directory):
            return set()
        begin = f"{paths.ORIGINAL}/"
        names = (name for name, _ in self.files.digests(directory))
        return {name[len(begin) :] for name in names if name.startswith(begin)}

    def _is_kept(self, path: str, kind: str | None) -> bool:
        """Return whether an object is here, and of the kind that the server sent."""
        if kind == "dir":
            return not self.files.exists(fsutil.getoriginal(path)) and has_entries(
                self.files, path
            )
        return kind == "file" and self.files.exists(fsutil.getoriginal(path))

    def _place(self, directory: str) -> str:
        """The path of a directory below the root."""
        parent, _, name = directory.rpartition(os.sep)
        if name not in ("", os.curdir, os.pardir) and parent in self._real:
            real = f"{self._real[parent]}{os.sep}{name}"
        else:
            real = os.path.realpath(directory)
        self._real[directory] = real
        # Asked for each directory, and `relpath` takes its time.
        if real.startswith(self._inside):
            return real[len(self._inside) :]
        return os.path.relpath(real, self.root)

    def _control(self, directory: str, place: str) -> list[Signature | None]:
        control = self.files.place(directory).control
        return control_signatures(control, place == os.curdir)

    # Remembered

    def _still_known(
        self, directory: str, records: dict[str, Record]
    ) -> dict[str, Record]:
        """Return the records that still hold although the control data has changed.

        Files and originals of these objects are unchanged.
        """
        if not records:
            return {}
        packed = self._packed(directory)
        manager = self.metadata.getmanager(directory)
        prefix, below = self._prefixes(directory)
        found = {}
        for name, record in records.items():
            entry = manager.entries.get(name)
            if not entry or "flag" in entry or "conflict" in entry:
                continue
            looks = record.signature, record.parts
            if record.packed == packed.get(name, "") and is_as_before(
                prefix, name, *looks, below
            ):
                received = manager.is_received(name)
                found[name] = record._replace(received=received)
        return found

    def _packed(self, directory: str) -> dict[str, str]:
        """See `held`; the one asked for last is kept."""
        if directory not in self._held:
            self._held = {directory: held(self.files.digests(directory))}
        return self._held[directory]

    def _recorded(self, place: str) -> tuple[Any, dict[str, Record], bool]:
        """Return signatures of control data, records, and if these are all."""
        block = None if self._index is None else self._index.get(place)
        try:
            known, records, complete = block or (None, {}, False)
            if any(os.sep in name or name in NO_NAMES for name in records):
                return None, {}, False
            found = {name: Record(*values) for name, values in records.items()}
            return known, found, complete
        except (ValueError, TypeError, AttributeError):
            # Ignore a damaged or foreign index.
            return None, {}, False

    def _remember(
        self,
        directory: str,
        place: str,
        control: list[Signature | None],
        records: dict[str, Record],
        number: int,
        began: int,
    ) -> None:
        def is_old(look: Signature | None) -> bool:
            return _is_old(look, began)

        if not all(map(is_old, control)):
            return
        old = {
            name: record
            for name, record in records.items()
            if is_old(record.signature)
            and all(is_old(look) for _, look in record.parts)
        }
        assert self._index is not None
        status = os.lstat(directory)
        whole = None
        if len(records) == number and status.st_mtime_ns < began:
            directories = [
                n for n, record in records.items() if record.signature is None
            ]
            whole = [place_of(status), control, sorted(directories)]
        complete = len(old) == number
        outline = None
        if complete:
            listed = self._listed(directory, status, number, began)
            outline = outline_of(control, old, listed)
        self._index.put(place, [control, old, complete], whole, outline)

    def _listed(
        self, directory: str, status: os.stat_result, number: int, began: int
    ) -> list[int] | None:
        """See `outline_of`; ``number`` objects are registered in the directory."""
        listed = list_of(status)
        if max(listed[1:]) >= began:
            return None
        others = {*self.files.listdir(directory)} - {paths.CONTROL}
        return listed if len(others) == number else None

    # Found out

    def has_known_parts(self, directory: str, name: str) -> bool:
        """Return whether at most the file of an object has changed, not its parts."""
        return (self._place(directory), name) in self._known_parts

    def _examine_anew(
        self, directory: str, name: str, before: Record | None
    ) -> Record | None:
        """Return the record of an object that has changed since ``before``.

        Control data has not; where the parts have not either, they are not read.
        """
        place = self.files.place(directory)
        prefix = join(place.directory, "")
        if (
            before is None
            or before.signature is None
            or self.files.kind(join(directory, name)) != "file"
            or any(signature_at(prefix + part) != seen for part, seen in before.parts)
        ):
            return self._examine(directory, name)
        self._known_parts.add((self._place(directory), name))
        look = self._examine_file(directory, name, [])
        return None if look is None else before._replace(signature=look)

    def _examine(self, directory: str, name: str) -> Record | None:
        """Return the record of an object, if it is unchanged."""
        path = join(directory, name)
        entry = self.metadata.getentry(path)
        if "flag" in entry or "conflict" in entry:
            if entry.get("flag") == "added" and MOVED not in entry:
                self._take_edits(path, entry, self.files.described(path))
            return None
        kind = self.files.kind(path)
        parts: list[tuple[str, Signature | None]] = []
        look = None
        described = self.files.described(path)
        if described is not None:
            if described.edits:
                self._take_edits(path, entry, described)
                return None
            parts.append((self._way(directory, described.path), described.look))
        if kind == "file":
            look = self._examine_file(directory, name, parts)
            if look is None:
                return None
        elif kind != "dir" or not self._is_kept(path, kind):
            return None
        if described is None or not described.has_received_parts:
            for what in (paths.EXTRA, paths.ANNOTATIONS):
                special = join(paths.CONTROL, what, name)
                if not self._examine_special(directory, special, parts, described):
                    return None
        return Record(look, parts, self.metadata.is_received(path))

    def _way(self, directory: str, path: str) -> str:
        """Return the way from a directory to a file on the disk."""
        # Many directories are named otherwise than by their real paths.
        return os.path.relpath(path, self.files.place(directory).directory)

    def _examine_special(
        self,
        directory: str,
        special: str,
        parts: list[tuple[str, Signature | None]],
        described: DescribedObject | None,
    ) -> bool:
        path = join(directory, special)
        kind = self.files.kind(path)
        if kind != "dir":
            return kind is None and not self.files.had(path)
        if fsutil.has_parts_of_parts(self.files, path):
            # They are rare: their objects are looked at each time.
            return False
        for name in self.metadata.getnames(path):
            part = join(special, name)
            if "flag" in self.metadata.getentry(join(path, name)):
                return False
            # Taken before the file is read, as below.
            where = self.files.on_disk(join(path, name))
            look = signature_at(where)
            if not self._is_original(directory, part, parts):
                return False
            if described is None:
                parts.append((part, look))
            elif where != described.path:
                parts.append((self._way(directory, where), look))
        self.metadata.release(path)
        return True

    def _take_edits(
        self, path: str, entry: Entry, described: DescribedObject | None
    ) -> None:
        """Let an entry, which may have been read before, say what was edited."""
        if described is not None and described.edits:
            entry.update(described.edits)
            directory, name = os.path.split(path)
            self.metadata.getmanager(directory).originals[name] = dict(entry)

    def _examine_file(
        self, directory: str, name: str, parts: list[tuple[str, Signature | None]]
    ) -> Signature | None:
        """Return the signature of a file if it equals its original."""
        # Taken before the file is read: an edit meanwhile changes the signature.
        look = signature_at(self.files.on_disk(join(directory, name)))
        return look if self._is_original(directory, name, parts) else None

    def _is_original(
        self, directory: str, name: str, parts: list[tuple[str, Signature | None]]
    ) -> bool:
        """Return whether a file equals its original."""
        path = join(directory, name)
        if self.files.kind(path) != "file":
            return False
        original = fsutil.getoriginal(path)
        packed = self.files.digest(original)
        if packed is None and self.files.kind(original) != "file":
            return False
        if self.files.size(path) != self.files.size(original):
            return False
        with self.files.open(path) as stream:
            if packed is not None:
                from zope.app.fssync.client.workingcopy.packer import digest_of

                return digest_of(chunks(stream)) == packed
            where = self.files.on_disk(original)
            parts.append((self._way(directory, where), signature_at(where)))
            with self.files.open(original) as base:
                return same_content(stream, base)


def _is_old(look: Signature | None, began: int) -> bool:
    """Return True if a later change would change the signature."""
    return look is None or max(look[2:]) < began
