"""The entries of the files in a directory: `@@Zope/Entries.xml`.

An entry is a dict of str to str and belongs to one name.  An empty entry is
no entry: it is not written.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from functools import lru_cache
from typing import TYPE_CHECKING
from typing import TypeAlias
from xml.parsers import expat

from zope.fssync import paths
from zope.fssync.contracts import keeps
from zope.fssync.errors import ArchiveDamaged
from zope.fssync.errors import Error
from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import MetadataDamaged
from zope.fssync.errors import PathRefused
from zope.fssync.errors import UnsafeData
from zope.fssync.files import Tree
from zope.fssync.files import blake2b
from zope.fssync.limits import ATTRIBUTE_MEMORY
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import ENTRY_MEMORY
from zope.fssync.limits import MEMORY_FREE
from zope.fssync.limits import REMEMBERED_DOCUMENT
from zope.fssync.limits import REMEMBERED_DOCUMENTS
from zope.fssync.limits import REMEMBERED_LARGE_DOCUMENT
from zope.fssync.limits import REMEMBERED_LARGE_DOCUMENTS
from zope.fssync.limits import Limits
from zope.fssync.messages import _
from zope.fssync.patterns import late
from zope.fssync.streams import check_memory
from zope.fssync.terminal import escape

if TYPE_CHECKING:
    from zope.fssync.fileinterfaces import IFileTree

__all__ = [
    "BASE",
    "KIND",
    "MARKS",
    "MOVED",
    "MOVED_TO",
    "DirectoryManager",
    "Entries",
    "Entry",
    "Metadata",
    "can_hold",
    "dump_entries",
    "dump_received",
    "entry_of",
    "load_entries",
    "load_sent_entries",
    "name_of",
    "without_marks",
]

Entry: TypeAlias = dict[str, str]
Entries: TypeAlias = dict[str, Entry]

#: Attributes in the order of writing; others follow, sorted.
_order = ("keytype", "key", "type", "factory", "id", "binary", "provides")
_rank = {name: rank for rank, name in enumerate(_order)}

_flags = frozenset(["added", "removed"])
#: Attribute of an entry of an archive: the digest of a base that was not sent.
BASE = "base"
#: Value of ``conflict`` where a file stands in the place of a directory, or the
#: reverse.
KIND = "kind"
#: Attributes of the two entries of an object that is to be moved, which is added at one
#: place and removed at the other: where it was, and where it is now.  In a working copy
#: these are paths below its root, in an archive paths of the archive.
MOVED = "moved"
MOVED_TO = "moved-to"

#: Attributes of an entry that are the client's own.
MARKS = frozenset(["flag", "conflict", "withheld", MOVED, MOVED_TO])
_special = late('[&<>"\n\r\t]')
# Characters that XML cannot hold.
_impossible = late("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def has_entries(files: IFileTree, directory: str) -> bool:
    """Return whether there is a file that says what is registered in a directory.

    Without it the directory was deleted and made anew.
    """
    found: bool = files.exists(os.path.join(directory, paths.CONTROL, paths.ENTRIES))
    return found


def dump_entries(entries: Mapping[str, Mapping[str, str | None]]) -> bytes:
    """Return the content of an Entries.xml, the same for equal entries."""
    lines = ["<?xml version='1.0' encoding='utf-8'?>\n<entries>\n"]
    for name in sorted(entries):
        lines.append(f"  <entry name={_quoted(name)}")
        for key, value in sorted(entries[name].items(), key=_position):
            if value is not None:
                lines.append(f"\n         {key}={_quoted(value)}")
        lines.append("\n         />\n")
    lines.append("</entries>\n")
    text = "".join(lines)
    if match := _impossible.search(text):
        around = text[max(0, match.start() - 40) : match.end() + 40]
        raise PathRefused(
            _(
                "metadata cannot hold this character: '${text}' in '${around}'",
                mapping={"text": escape(match.group()), "around": escape(around)},
            ),
            advice=_("Rename the file or the object."),
        )
    return text.encode("utf-8")


def can_hold(text: str) -> bool:
    """Return True if metadata can hold a text."""
    return _impossible.search(text) is None


def _position(item: tuple[str, object]) -> tuple[int, str]:
    return _rank.get(item[0], len(_order)), item[0]


def _quoted(value: str) -> str:
    if not _special.search(value):
        return f'"{value}"'
    value = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    value = value.replace("\n", "&#10;").replace("\r", "&#13;").replace("\t", "&#9;")
    if '"' not in value:
        return f'"{value}"'
    if "'" not in value:
        return f"'{value}'"
    return '"{}"'.format(value.replace('"', "&quot;"))


def load_entries(
    text: bytes, limits: Limits = DEFAULT, source: str = paths.ENTRIES
) -> Entries:
    """The entries in the bytes of an Entries.xml.

    ``source`` names the file in errors.  Raises `MetadataDamaged` where it is
    not well-formed or not of this form, `PathRefused` for an unsafe name.
    """
    if len(text) > limits.entries_size:
        raise LimitExceeded(
            f"{escape(source)} of more than {limits.entries_size} bytes",
            path=source,
        )
    # Each of these may be in a value as well, but not often.
    needed = ENTRY_MEMORY * text.count(b"<") + ATTRIBUTE_MEMORY * text.count(b"=")
    if needed > MEMORY_FREE:
        check_memory(needed, len(text), escape(source))
    try:
        if len(text) > REMEMBERED_LARGE_DOCUMENT:
            return _parse(text, limits)
        parse = _parse_small if len(text) <= REMEMBERED_DOCUMENT else _parse_large
        return _copied(parse(text, limits))
    except UnsafeData as error:
        error.msg = f"{error.msg}, in {escape(source)}"
        raise
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise _damaged(source, str(error)) from error


def load_sent_entries(text: bytes, limits: Limits, path: str) -> Entries:
    """Return the entries in the member ``path`` of an archive.

    Raises what `load_entries` does, but a damage is that of the archive, and what
    has no place in an Entries.xml, a document type or a pickle, is `UnsafeData`.
    """
    try:
        return load_entries(text, limits, path)
    except MetadataDamaged as error:
        reason = error.__cause__
        unsafe = isinstance(reason, _UnsafeDocument)
        what = f"metadata in {escape(path)} of the archive: {reason}"
        if unsafe:
            raise UnsafeData(f"unsafe {what}", path=path) from error
        raise ArchiveDamaged(f"damaged {what}", path=path) from error


def _damaged(source: str, reason: str) -> MetadataDamaged:
    return MetadataDamaged(
        f"damaged metadata in {escape(source)}: {reason}",
        path=source,
        advice="Restore the file, or check out anew beside it and merge.",
    )


def _parse(text: bytes, limits: Limits) -> Entries:
    parser = expat.ParserCreate()
    reader = _EntriesReader()
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.characters
    parser.StartDoctypeDeclHandler = reader.doctype
    parser.buffer_text = True
    try:
        parser.Parse(text, True)
    except _Malformed as error:
        kind = _UnsafeDocument if error.unsafe else ValueError
        raise kind(f"{error}: line {parser.CurrentLineNumber}") from None
    for name in reader.entries:
        paths.check_name(name, limits)
    return reader.entries


# Objects of one type have the same entries for their extras and annotations,
# so most small documents have been seen before.
_parse_small = lru_cache(maxsize=REMEMBERED_DOCUMENTS)(_parse)
# A command looks at the entries of a directory several times.
_parse_large = lru_cache(maxsize=REMEMBERED_LARGE_DOCUMENTS)(_parse)


class _UnsafeDocument(ValueError):
    """A document that holds what no writer of an Entries.xml has a use for."""


class _Malformed(Exception):
    """A document that is XML, but no Entries.xml."""

    def __init__(self, message: str, unsafe: bool = False) -> None:
        super().__init__(message)
        self.unsafe = unsafe


class _EntriesReader:
    """Handles the events of the parser.

    3.6.0 leaves the pickle of an empty dictionary in a directory that stays
    empty; that form is read too.  Other pickles in this place are refused.
    """

    def __init__(self) -> None:
        #: Their names are not checked yet.
        self.entries: Entries = {}
        self.stack: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        allowed = _allowed_below.get(tuple(self.stack), ())
        if tag not in allowed:
            where = f"in <{self.stack[-1]}>" if self.stack else "at the top"
            is_pickle = "pickle" in (tag, *self.stack)
            raise _Malformed(f"unexpected element <{tag}> {where}", is_pickle)
        self.stack.append(tag)
        if tag == "entry":
            self.entry(attributes)

    def end(self, tag: str) -> None:
        self.stack.pop()

    def entry(self, attributes: dict[str, str]) -> None:
        try:
            name = attributes.pop("name")
        except KeyError:
            raise _Malformed("entry without a name") from None
        if name in self.entries:
            raise _Malformed(f"two entries for '{escape(name)}'")
        if attributes.get("flag", "added") not in _flags:
            raise _Malformed(f"unknown flag of entry '{escape(name)}'")
        self.entries[name] = attributes

    def characters(self, data: str) -> None:
        if not data.isspace():
            raise _Malformed(f"text between elements: '{escape(data.strip()[:40])}'")

    def doctype(self, *declaration: object) -> None:
        raise _Malformed("a document type is not allowed", unsafe=True)


_allowed_below = {
    (): ("entries", "pickle"),
    ("entries",): ("entry",),
    ("pickle",): ("dictionary",),
}


@keeps("zope.fssync.fileinterfaces.IWorkingMetadata")
class Metadata:
    """The entries of all directories below the working directory or anywhere.

    Directories are read when they are first asked for.
    """

    def __init__(
        self, files: IFileTree | None = None, limits: Limits = DEFAULT
    ) -> None:
        self.files = Tree() if files is None else files
        self.limits = limits
        self.cache: dict[str, DirectoryManager] = {}
        self._real: dict[str, str] = {}

    def getnames(self, dir: str) -> list[str]:
        entries = self.getmanager(dir).entries
        return sorted(name for name, entry in entries.items() if entry)

    def getentry(self, file: str) -> Entry:
        dir, base = os.path.split(file)
        if base in ("", os.curdir, os.pardir):
            dir, base = os.path.split(os.path.realpath(file))
        return self.getmanager(dir).getentry(base)

    def gettypeinfo(self, path: str) -> tuple[str | None, str | None]:
        entry = self.getentry(path)
        return entry.get("type"), entry.get("factory")

    def getmanager(self, dir: str) -> DirectoryManager:
        key = self._key(dir)
        if key not in self.cache:
            self.cache[key] = DirectoryManager(key, self.files, self.limits)
        return self.cache[key]

    def _key(self, dir: str) -> str:
        if dir not in self._real:
            self._real[dir] = os.path.normcase(self.files.realdir(dir or os.curdir))
        return self._real[dir]

    def flush(self) -> None:
        """Write every directory that changed.

        All are tried; then the first error is raised.
        """
        errors = []
        for manager in self.cache.values():
            try:
                manager.flush()
            except (OSError, Error) as error:
                errors.append(error)
        if errors:
            raise errors[0]

    def release(self, dir: str) -> None:
        """Write and forget one directory, to keep memory flat in a large tree."""
        key = self._key(dir)
        self._real.pop(dir, None)
        manager = self.cache.pop(key, None)
        if manager is not None:
            manager.flush()

    def received(self, file: str) -> None:
        dir, name = os.path.split(file)
        self.getmanager(dir).receive(name)

    def is_received(self, file: str) -> bool:
        dir, name = os.path.split(file)
        return self.getmanager(dir).is_received(name)

    def forget(self, dir: str) -> None:
        self.cache.pop(self._key(dir), None)

    def restart(self) -> None:
        """Forget all directories, with what was changed in them."""
        self.cache.clear()
        self._real.clear()

    def added(self) -> None:
        for manager in self.cache.values():
            for entry in filter(None, manager.entries.values()):
                if entry.get("flag") != "removed":
                    entry["flag"] = "added"


class DirectoryManager:
    """The entries of one directory."""

    def __init__(
        self, dir: str, files: IFileTree | None = None, limits: Limits = DEFAULT
    ) -> None:
        self.files = Tree() if files is None else files
        self.limits = limits
        self.zdir = os.path.join(dir, paths.CONTROL)
        self.efile = os.path.join(self.zdir, paths.ENTRIES)
        #: True if the file has to exist even without entries.
        self.required = False
        self.entries = self._load()
        self.originals = _copied(self._live())
        #: Digests of entries as the server sent them, read when asked for.
        self._digests: dict[str, str] | None = None
        self._arrived: set[str] = set()

    def _load(self) -> Entries:
        if not self.files.exists(self.efile):
            return {}
        with self.files.open(self.efile) as stream:
            text = stream.read(self.limits.entries_size + 1)
        return load_entries(text, self.limits, self.efile)

    def getentry(self, name: str) -> Entry:
        """The live entry of ``name``, empty and new if there is none."""
        return self.entries.setdefault(name, {})

    def name_of(self, key: str) -> str | None:
        """Return the name of the file of an object, in either normal form.

        None where none is registered.
        """
        form = paths.nfc(key)
        for name in (key, form, paths.nfd(key), self._others.get(form, key)):
            entry = self.entries.get(name)
            if entry and paths.nfc(entry.get("key", name)) == form:
                return name
        return None

    @cached_property
    def _others(self) -> dict[str, str]:
        """The names that are not those of their objects, by what those are."""
        return {
            paths.nfc(entry["key"]): name
            for name, entry in self.entries.items()
            if "key" in entry
        }

    def ensure(self) -> None:
        """Write the entries, even if there are none."""
        self._write(self._live())

    def flush(self) -> None:
        """Write the entries if they changed."""
        live = self._live()
        gone = self.originals.keys() - live.keys()
        if live != self.originals or (
            self.required and not self.files.exists(self.efile)
        ):
            self._write(live)
        if self._arrived or gone:
            self._keep_digests(live)

    def receive(self, name: str) -> None:
        """Note that an entry is as the server sent it; may still be changed."""
        self._arrived.add(name)

    def is_received(self, name: str) -> bool:
        """Return True if an entry is known to be as the server sent it."""
        entry = self.entries.get(name)
        if name in self._arrived:
            return bool(entry)
        if self._digests is None:
            self._digests = self._load_digests()
        return name in self._digests and self._digests[name] == _digest(entry or {})

    def _load_digests(self) -> dict[str, str]:
        path = os.path.join(self.zdir, paths.RECEIVED)
        if not self.files.exists(path):
            return {}
        with self.files.open(path) as stream:
            lines = stream.read(self.limits.entries_size).decode("utf-8", "replace")
        pairs = (line.partition(" ") for line in lines.splitlines())
        return {name: digest for digest, _, name in pairs}

    def _keep_digests(self, live: Entries) -> None:
        digests = self._load_digests()
        digests.update((name, _digest(live.get(name, {}))) for name in self._arrived)
        text = _received({n: digests[n] for n in digests if n in live})
        self.files.keep(os.path.join(self.zdir, paths.RECEIVED), text)
        self._digests = None
        self._arrived.clear()

    def _live(self) -> Entries:
        return {name: entry for name, entry in self.entries.items() if entry}

    def _write(self, live: Entries) -> None:
        self.files.mkdir(self.zdir)
        self.files.write(self.efile, [dump_entries(live)])
        self.originals = _copied(live)


def dump_received(entries: Mapping[str, Entry]) -> bytes:
    """Return the file that notes entries as those the server has sent."""
    return _received({name: _digest(entry) for name, entry in entries.items()})


def _received(digests: Mapping[str, str]) -> bytes:
    return "".join(f"{digests[name]} {name}\n" for name in sorted(digests)).encode()


def without_marks(entry: Entry) -> Entry:
    """Return an entry without flags and marks, which are the client's own."""
    return {k: v for k, v in entry.items() if k not in MARKS}


def name_of(entries: Mapping[str, Entry], key: str) -> str | None:
    """Return the name of the object with a key, in either normal form.

    Without one it is the file that has the key as its name, or None.
    """
    keys = {entry.get("key", name): name for name, entry in entries.items()}
    if key in keys:
        return keys[key]
    forms = {paths.nfc(each): name for each, name in keys.items()}
    return forms.get(paths.nfc(key), key if key in entries else None)


def entry_of(file: str, name: str, said: Entry) -> Entry:
    """Return the entry of a file for what the server ``said`` of ``name``."""
    entry = without_marks(said)
    key = entry.pop("key", name)
    if key != file:
        entry["key"] = key
    return entry


def _digest(entry: Entry) -> str:
    """Return the digest of an entry without the flags and marks of the client."""
    items = sorted(item for item in entry.items() if item[0] not in MARKS)
    text = "\n".join(f"{key}={value!a}" for key, value in items)
    made = blake2b(digest_size=8)
    made.update(text.encode())
    return made.hexdigest()


def _copied(entries: Entries) -> Entries:
    return {name: dict(entry) for name, entry in entries.items()}
