"""Extras and annotations as the description of their object holds them.

`zope.fssync.description` makes the text; here it is read from and written to the file
beside the object.  Original contents and entries are in the pack of the directory.
What a description cannot hold lies in a directory of its own beside it.  An object
whose description is implied by its name and its folder has no such file.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from functools import lru_cache
from itertools import chain
from os.path import join
from typing import TYPE_CHECKING
from typing import BinaryIO
from typing import NamedTuple

from zope.app.fssync.client.workingcopy.place import Place
from zope.fssync import fsutil
from zope.fssync import paths
from zope.fssync.description import ASIDE
from zope.fssync.description import Description
from zope.fssync.description import Part
from zope.fssync.description import implied
from zope.fssync.description import load
from zope.fssync.description.described import described_entry
from zope.fssync.description.described import is_describable
from zope.fssync.description.described import text_of
from zope.fssync.description.model import Aside
from zope.fssync.descriptionnames import aside_name
from zope.fssync.descriptionnames import description_name
from zope.fssync.files import signature_at
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import DESCRIBED_SIZE
from zope.fssync.limits import REMEMBERED_PART
from zope.fssync.limits import REMEMBERED_PARTS
from zope.fssync.metadata import Entries
from zope.fssync.metadata import Entry
from zope.fssync.metadata import dump_entries
from zope.fssync.streams import beginning
from zope.fssync.streams import chunks

if TYPE_CHECKING:
    from zope.app.fssync.client.workingcopy.compact import CompactTree
    from zope.fssync.fileinterfaces import IFileTree

__all__ = [
    "SPECIALS",
    "DescribedObject",
]

SPECIALS = (paths.EXTRA, paths.ANNOTATIONS)

#: What a part is: bytes, None for a directory of parts, or in a file of its own.
Data = bytes | Aside | None


class _Seen(NamedTuple):
    """An object as it was seen: its entry, and what is at its path.

    ``is_directory`` says what it is, whatever is in its place.
    """

    entry: Entry
    path: str
    kind: str | None
    is_directory: bool

    @property
    def is_removed(self) -> bool:
        """Whether the object is registered for removal."""
        return self.entry.get("flag") == "removed"

    @property
    def is_lost(self) -> bool:
        """Whether the object itself is missing."""
        return self.kind is None or (self.is_directory and self.kind != "dir")

    def beside(self, name_of: Callable[[str], str]) -> str:
        """Return the path of what is named after the object."""
        if self.is_directory:
            return join(self.path, name_of(""))
        return join(os.path.dirname(self.path), name_of(os.path.basename(self.path)))


class DescribedObject:
    """The extras and annotations of the object ``name`` in the directory ``place``.

    ``key`` is the path of one of them in the control directory without the name of the
    object: `Extra/contentType`.  What is written waits in memory until `flush`.
    """

    def __init__(self, files: CompactTree, place: Place, name: str) -> None:
        self.files = files
        self.place = place
        self.name = name
        self.changed = False
        #: Directories that were made, and may be empty.
        self.made: set[str] = set()
        self._parts: dict[str, Data] = {}
        #: Entries that the text has and the control data has not.
        self._new: dict[str, Entry] = {}
        #: What has no lines any more.
        self._removed: set[str] = set()
        #: What was edited in the entry of the object.
        self._edits: Entry = {}
        #: What lies aside where the object is, which is lost: as it was sent.
        self._lost_aside: set[str] = set()
        self._loaded_from = ""
        #: What is in the file, and what the object has without one.
        self._text: bytes | None = None
        self._implied: bytes | None = None
        #: Whether the text said of the parts what was received, and nothing else.
        self._is_untouched = False
        self._load()

    @property
    def weight(self) -> int:
        """About how many bytes of memory it takes."""
        known = (d for d in self._parts.values() if isinstance(d, bytes))
        return 1000 + sum(map(len, known))

    @property
    def has_received_parts(self) -> bool:
        """Whether all parts are as they were received; False if that is not known."""
        return self._is_untouched and not self.changed

    @property
    def path(self) -> str:
        """The file with the description."""
        return self._seen().beside(description_name)

    @property
    def asides(self) -> str:
        """The directory with what the description cannot hold."""
        return self._seen().beside(aside_name)

    def aside(self, key: str) -> str:
        """Return the file with what the description cannot hold."""
        return join(self.asides, *key.split("/"))

    @property
    def is_directory(self) -> bool:
        """Whether the object is a directory, whatever stands in its place."""
        return self._seen().is_directory

    def _seen(self) -> _Seen:
        """Look at the object."""
        place, tree, name = self.place, self.files.tree, self.name
        path = self.files.moved_from(join(place.directory, name))
        entry, index = self._entry, self.files.base_at(place).index
        kind = tree.kind(path)
        if f"{paths.ORIGINAL}/{name}" in index or tree.kind(
            join(place.control, paths.ORIGINAL, name)
        ):
            return _Seen(entry, path, kind, False)
        is_directory = (
            kind == "dir"
            or tree.kind(place.mirror_of(name)) == "dir"
            # Nothing is left of a directory that is to be removed.
            or entry.get("flag") == "removed"
        )
        return _Seen(entry, path, kind, is_directory)

    # Control data

    @property
    def _entry(self) -> Entry:
        """The entry of the object."""
        return self.files.stored_entries(self.place).get(self.name, {})

    def _holder(self, key: str) -> str:
        """Return the name in the control directory."""
        what, _, rest = key.partition("/")
        return "/".join(filter(None, [what, self.name, rest]))

    def _registered(self) -> dict[str, Entry]:
        """The entries of all parts."""
        return dict(chain.from_iterable(map(self._entries_below, SPECIALS)))

    def _entries_below(self, key: str) -> Iterator[tuple[str, Entry]]:
        for name, entry in self.stored(key).items():
            yield f"{key}/{name}", entry
            for what in SPECIALS:
                yield from self._entries_below(f"{key}/{paths.CONTROL}/{what}/{name}")
            yield from self._entries_below(f"{key}/{name}")

    def stored(self, key: str) -> Entries:
        """The entries of what is in a directory of parts, as they are stored."""
        return self.files.packed_entries(self.place, self._holder(key))

    def _original(self, key: str) -> Data:
        above, _, name = self._holder(key).rpartition("/")
        base = self.files.base_at(self.place)
        original = f"{above}/{paths.CONTROL}/{paths.ORIGINAL}/{name}"
        if original in base.index:
            if base.index[original].size > DESCRIBED_SIZE:
                return ASIDE
            content = b"".join(base.pieces(original))
            return content if is_describable(content) else ASIDE
        is_large = self.files.tree.kind(join(self.place.control, *original.split("/")))
        return ASIDE if is_large else None

    # Reading

    def _find(self, seen: _Seen) -> str:
        """Return where the description is; an object may have become another kind."""
        path = seen.beside(description_name)
        if seen.is_directory and self.files.tree.kind(path) is None:
            before = join(self.place.directory, description_name(self.name))
            if self.files.tree.kind(before) == "file":
                return before
        return path

    def _load(self) -> None:
        seen = self._seen()
        self._loaded_from = self._find(seen)
        #: The signature of the file, taken before it was read.
        self.look = signature_at(self._loaded_from)
        registered = self._registered()
        base = self._base(registered)
        entry = described_entry(seen.entry)
        if self.files.tree.kind(self._loaded_from) is not None:
            self._text = said_text = self._read()
        elif (
            not seen.is_removed
            and not seen.is_lost
            and _may_be_implied(default := self._default(seen), entry)
        ):
            self._implied = said_text = default
        else:
            if seen.is_removed or seen.is_lost:
                # Nobody has edited them.
                self._parts = {key: part.data for key, part in base.items()}
                self._lost_aside = {
                    key
                    for key, data in self._parts.items()
                    if data is ASIDE and self.files.tree.kind(self.aside(key)) is None
                }
            return
        said = load(
            said_text,
            base=Description(entry, base),
            path=self._loaded_from,
            conflicts=_conflicts(registered),
        )
        self._parts = {key: part.data for key, part in said.parts.items()}
        self._new = {
            key: dict(part.entry)
            for key, part in said.parts.items()
            if key not in registered
        }
        self._removed = {
            key
            for key, known in registered.items()
            if known.get("flag") in (None, "added") and key not in said.parts
        }
        self._edits = {
            key: value for key, value in said.entry.items() if entry.get(key) != value
        }
        self._is_untouched = (
            self._parts == {key: part.data for key, part in base.items()}
            and all(isinstance(data, bytes) for data in self._parts.values())
            # Parts of parts, and directories of them, are rare.
            and all(key.count("/") == 1 for key in registered)
            and not any(
                {"flag", "conflict"} & known.keys() for known in registered.values()
            )
        )

    def _default(self, seen: _Seen) -> bytes:
        """Return the description of an object that has none."""
        folder_type = self.files.type_at(self.place)
        return implied(folder_type, self.name, seen.is_directory)

    def _base(self, registered: Mapping[str, Entry]) -> dict[str, Part]:
        """Return the parts as they were received."""
        return {
            key: Part(described_entry(entry), self._original(key))
            for key, entry in registered.items()
            if entry.get("flag") != "added"
        }

    def versions(self) -> tuple[bytes, bytes]:
        """Return the text of what was received, and that of now.

        They are equal where nothing was edited, whatever the text looks like.
        """
        received = text_of(self._entry, self._base(self._registered()))
        text = self._implied if self._text is None else self._text
        if text is None or self._dumped() == received:
            return received, received
        return received, text

    def files_aside(self) -> Iterator[str]:
        """Yield the keys of what the description cannot hold."""
        for key, data in sorted(self._parts.items()):
            if data is ASIDE:
                yield key

    def _read(self) -> bytes:
        with self.files.tree.open(self._loaded_from) as stream:
            text: bytes = stream.read(DEFAULT.description_size + 1)
        return text

    @property
    def edits(self) -> Entry:
        """Attributes of the entry that were edited in the description."""
        return dict(self._edits)

    def entries(self, key: str) -> bytes | None:
        """The entries of a directory of parts, with what was edited in the text.

        None where these are as they are stored.
        """
        inside = f"{key}/"
        added = {
            k[len(inside) :]: entry
            for k, entry in self._new.items()
            if k in self._parts and k.startswith(inside) and "/" not in k[len(inside) :]
        }
        removed = {
            k[len(inside) :] for k in self._removed if k.startswith(inside)
        } - self._parts.keys()
        if not added and not removed:
            return None
        entries = {name: dict(entry) for name, entry in self.stored(key).items()}
        for name, entry in added.items():
            if not entries.get(name):
                entries[name] = {**entry, "flag": "added"}
        for name in removed & entries.keys():
            if entries[name].get("flag") == "added":
                del entries[name]
            else:
                entries[name].setdefault("flag", "removed")
        return dump_entries(entries)

    def kind(self, key: str) -> str | None:
        if key in self._parts:
            data = self._parts[key]
            if data is ASIDE:
                found: str | None = self._tree_of(key).kind(self.file_of(key))
                return found
            return "dir" if data is None else "file"
        if key in self.made or any(k.startswith(f"{key}/") for k in self._parts):
            return "dir"
        return None

    def listdir(self, key: str) -> set[str]:
        start = f"{key}/"
        return {
            part[len(start) :].partition("/")[0]
            for part in (*self._parts, *self.made)
            if part.startswith(start)
        }

    def open(self, key: str) -> BinaryIO:
        data = self._parts.get(key)
        if isinstance(data, bytes):
            return io.BytesIO(data)
        if data is ASIDE:
            found: BinaryIO = self._tree_of(key).open(self.file_of(key))
            return found
        raise FileNotFoundError(2, os.strerror(2), self.aside(key))

    def size(self, key: str) -> int:
        data = self._parts.get(key)
        if isinstance(data, bytes):
            return len(data)
        found: int = self._tree_of(key).size(self.file_of(key))
        return found

    def _tree_of(self, key: str) -> IFileTree:
        """The tree with the `file_of` a part: an original may be packed."""
        return self.files if key in self._lost_aside else self.files.tree

    def files_of(self) -> Iterator[tuple[str, bool]]:
        """The keys of all parts, and whether they are directories of parts."""
        for key, data in sorted(self._parts.items()):
            yield key, data is None

    def file_of(self, key: str) -> str:
        """Return the file that has a part."""
        if key in self._lost_aside:
            what, *way = self._holder(key).split("/")
            part = join(self.place.directory, paths.CONTROL, what, *way)
            return fsutil.getoriginal(part)
        return self.aside(key) if self._parts.get(key) is ASIDE else self.path

    def shown(self, key: str) -> str:
        """Return the file where a person finds a part."""
        is_aside = self._parts.get(key) is ASIDE and key not in self._lost_aside
        return self.aside(key) if is_aside else self.path

    # Changing

    def write(self, key: str, chunks: Iterable[bytes]) -> int:
        """Write a part; returns how many bytes wait in memory for it."""
        rest = iter(chunks)
        content = beginning(rest, DESCRIBED_SIZE)
        self._drop(key)
        self.changed = True
        if is_describable(content):
            self._parts[key] = content
            return len(content)
        self._parts[key] = ASIDE
        self.files.tree.write(self.aside(key), chain([content], rest))
        return 0

    def _drop(self, key: str) -> None:
        data = self._parts.pop(key, None)
        self._lost_aside.discard(key)
        if data is ASIDE and self.files.tree.kind(self.aside(key)) is not None:
            self.files.tree.remove(self.aside(key))
            self._remove_aside(os.path.dirname(self.aside(key)))

    def _remove_aside(self, directory: str) -> None:
        top = self.asides
        tree = self.files.tree
        while f"{directory}{os.sep}".startswith(f"{top}{os.sep}"):
            if tree.kind(directory) != "dir" or not tree.rmdir(directory):
                return
            directory = os.path.dirname(directory)

    def remove(self, key: str) -> None:
        if key not in self._parts:
            raise FileNotFoundError(2, os.strerror(2), self.aside(key))
        self._drop(key)
        self.changed = True

    def make(self, key: str) -> None:
        self.made.add(key)

    def remove_below(self, key: str) -> None:
        """Remove a directory of parts with all that is in it."""
        start = f"{key}/"
        for part in [k for k in self._parts if k == key or k.startswith(start)]:
            self.remove(part)
        self.made = {k for k in self.made if k != key and not k.startswith(start)}

    def drop_edits(self) -> None:
        """Let the object be described as its entry says."""
        self._edits = {}
        self.changed = True

    def touch(self) -> None:
        """Note that the entry of the object, or of a part, has changed."""
        self.changed = True

    def flush(self) -> None:
        """Write the description."""
        if not self.changed:
            return
        self.changed = False
        path = join(self.place.directory, self.name)
        if self.files.is_moved(path):
            return
        seen = self._seen()
        if seen.is_directory and seen.is_lost:
            return
        text = None
        if not seen.is_removed:
            self._bring_aside()
            text = self._dumped()
            text = b"" if text == self._default(seen) else text
        tree, wanted = self.files.tree, seen.beside(description_name)
        if wanted != self._loaded_from and self._text is not None:
            if tree.kind(self._loaded_from) == "file":
                tree.remove(self._loaded_from)
            self._text = None
        if text and text != self._text:
            tree.write(wanted, [text])
        elif not text and tree.kind(wanted) == "file" and self._text is not None:
            tree.remove(wanted)
        self._loaded_from, self._text = wanted, text or None

    def _bring_aside(self) -> None:
        """Write what was aside of an object that was lost and is here again."""
        for key in sorted(self._lost_aside):
            with self.files.open(self.file_of(key)) as stream:
                content = chunks(stream)
                self.files.tree.write(self.aside(key), content)
        self._lost_aside.clear()

    def _dumped(self) -> bytes:
        registered = self._registered()
        # Directories of parts that are parts themselves.
        made = dict.fromkeys(self.made & registered.keys())
        parts = {
            key: Part(
                described_entry(registered.get(key) or self._new.get(key) or {}), data
            )
            for key, data in {**made, **self._parts}.items()
        }
        entry = {**self._entry, **self._edits}
        return text_of(entry, parts, _conflicts(registered))


def _may_be_implied(text: bytes, entry: Entry) -> bool:
    """Return whether an object has the class that it has without a description.

    An object of another class has lost its description.
    """
    return bool(text) and _type_in(text) == entry.get("type")


def _type_in(text: bytes) -> str | None:
    """Return the type in a description."""
    is_short = len(text) <= REMEMBERED_PART
    return (_remembered_type if is_short else _read_type)(text)


def _read_type(text: bytes) -> str | None:
    return load(text).entry.get("type")


_remembered_type = lru_cache(maxsize=REMEMBERED_PARTS)(_read_type)


def _conflicts(registered: Mapping[str, Entry]) -> set[str]:
    """Return the parts that are in conflict."""
    return {key for key, entry in registered.items() if "conflict" in entry}
