"""Write the archive of an object that a commit or a checkin sends.

It holds the registered files of the object with their entries and originals, and
neither unregistered files nor siblings.  A new file in the place of one that is
scheduled for removal is not registered.  An original that equals its file is left
out, and the server takes the file for it.

A server that knows archives of changes gets only changed objects, see
`zope.fssync.changeset`, and the digests of their originals.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from os.path import join
from typing import IO
from typing import TYPE_CHECKING
from typing import cast

from zope.app.fssync.client.url import quoted
from zope.app.fssync.client.workingcopy.naming import check_apart
from zope.app.fssync.protocol.views import RECORD
from zope.fssync import fsutil
from zope.fssync import paths
from zope.fssync.changeset import NODE
from zope.fssync.changeset import TREE
from zope.fssync.changeset import Scope
from zope.fssync.errors import Error
from zope.fssync.errors import PathRefused
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import KEPT_CONTENT
from zope.fssync.metadata import BASE
from zope.fssync.metadata import MOVED
from zope.fssync.metadata import MOVED_TO
from zope.fssync.metadata import Entry
from zope.fssync.metadata import Metadata
from zope.fssync.metadata import dump_entries
from zope.fssync.snarf import Snarfer
from zope.fssync.streams import HashingWriter
from zope.fssync.streams import digest_of
from zope.fssync.streams import same_content
from zope.fssync.terminal import escape

if TYPE_CHECKING:
    from zope.fssync.fileinterfaces import IFileTree

__all__ = ["ChangesSubmission", "Submission", "quoted_note"]


class Submission:
    """Write the archive of ``target`` to the stream it is called with.

    Returns the digest of the archive.
    """

    def __init__(
        self,
        metadata: Metadata,
        files: IFileTree,
        target: str,
        root: str | None = None,
    ) -> None:
        self.metadata = metadata
        self.files = files
        self.target = target
        #: The root of the working copy; without it nothing is sent as moved.
        self.root = root

    def __call__(self, stream: IO[bytes]) -> str:
        hashed = HashingWriter(stream)
        self._write(Snarfer(cast(IO[bytes], hashed)))
        return hashed.hexdigest()

    def _write(self, snarfer: Snarfer) -> None:
        head, name = os.path.split(self.target)
        control = f"{paths.CONTROL}/"
        self._add_object(snarfer, self.target, name)
        snarfer.adddir(control)
        self._add_entries(snarfer, head, [name], control)
        self._add_specials(snarfer, head, name, control)

    def _add_object(self, snarfer: Snarfer, fspath: str, path: str) -> None:
        if self.metadata.getentry(fspath).get("flag") == "removed":
            self._add_original(snarfer, fspath, path)
        else:
            self._add(snarfer, fspath, path)

    def _add(self, snarfer: Snarfer, fspath: str, path: str) -> None:
        kind = self.files.kind(fspath)
        if kind == "dir":
            self._add_directory(snarfer, fspath, path + "/")
        elif kind == "file":
            self._add_file(snarfer, fspath, path)
        elif kind == "other":
            raise PathRefused(
                f"not a regular file: {escape(fspath)}",
                path=fspath,
                advice="Links and special files are not sent; revert the entry or "
                "replace it by a file.",
            )
        else:
            self._add_original(snarfer, fspath, path)

    def _add_directory(self, snarfer: Snarfer, fspath: str, prefix: str) -> None:
        snarfer.adddir(prefix)
        names = self.metadata.getnames(fspath)
        control = f"{prefix}{paths.CONTROL}/"
        if names:
            self._add_entries(snarfer, fspath, names, control)
        for name in names:
            self._add_object(snarfer, join(fspath, name), prefix + name)
            self._add_specials(snarfer, fspath, name, control)
        self.metadata.release(fspath)

    def _add_file(self, snarfer: Snarfer, fspath: str, path: str) -> None:
        """Add a file, and its original if the file was changed."""
        size = self.files.size(fspath)
        with self.files.open(fspath) as stream:
            if size > KEPT_CONTENT:
                snarfer.addstream(stream, size, path)
                stream.seek(0)
                changed = not self._is_original(stream, fspath)
            else:
                content = stream.read()
                snarfer.addbytes(content, path)
                changed = content != self._original(fspath)
        if changed:
            self._add_original(snarfer, fspath, path)

    def _is_original(self, stream: IO[bytes], fspath: str) -> bool:
        original = fsutil.getoriginal(fspath)
        if not self.files.isfile(original):
            return False
        with self.files.open(original) as base:
            return same_content(stream, base)

    def _original(self, fspath: str) -> bytes | None:
        """Return the original of a file, unless it exceeds the limit."""
        original = fsutil.getoriginal(fspath)
        if not self.files.isfile(original):
            return None
        with self.files.open(original) as stream:
            found: bytes | None = stream.read(KEPT_CONTENT + 1)
            return found

    def _add_original(self, snarfer: Snarfer, fspath: str, path: str) -> None:
        """Add the original of a changed, removed or missing file."""
        original = fsutil.getoriginal(fspath)
        if self.files.isfile(original):
            head, slash, name = path.rpartition("/")
            place = f"{head}{slash}{paths.CONTROL}/{paths.ORIGINAL}/{name}"
            with self.files.open(original) as stream:
                snarfer.addstream(stream, self.files.size(original), place)

    def _add_entries(
        self, snarfer: Snarfer, fspath: str, names: list[str], control: str
    ) -> None:
        check_apart(self.metadata, fspath, names)
        entries = {name: self._entry(join(fspath, name)) for name in names}
        snarfer.addbytes(dump_entries(entries), control + paths.ENTRIES)

    def _entry(self, fspath: str) -> Entry:
        """Return an entry; that of a moved object has its old path."""
        entry: Entry = self.metadata.getentry(fspath)
        if not {MOVED, MOVED_TO} & entry.keys():
            return entry
        sent = {k: v for k, v in entry.items() if k not in (MOVED, MOVED_TO)}
        origin = None if MOVED not in entry else self._archived(entry[MOVED])
        return sent if origin is None else {**sent, MOVED: origin}

    def _archived(self, inside: str) -> str | None:
        """Return the path in the archive for a path below the root, if it has one."""
        if self.root is None:
            return None
        top = os.path.relpath(os.path.dirname(self.target), self.root)
        path = os.path.relpath(inside, top).replace(os.sep, "/")
        return None if path.startswith("../") else path

    def _add_specials(
        self, snarfer: Snarfer, fspath: str, name: str, control: str
    ) -> None:
        local = join(fspath, name)
        for what in (paths.EXTRA, paths.ANNOTATIONS):
            special = fsutil.getspecial(local, what)
            if self.files.kind(special):
                self._add(snarfer, special, f"{control}{what}/{name}")


class ChangesSubmission(Submission):
    """Write the archive of the objects at ``changed``, below ``target``."""

    def __init__(
        self,
        metadata: Metadata,
        files: IFileTree,
        target: str,
        changed: Iterable[str],
        root: str | None = None,
    ) -> None:
        super().__init__(metadata, files, target, root)
        self.scope = Scope()
        #: The record that the server keeps with the transaction.
        self.record: bytes | None = None
        self._changed = set(changed)
        #: By directory, the names of sent objects and of the directories above them.
        self._names: dict[str, set[str]] = {}
        self._bases: dict[str, str] = {}
        for path in self._changed:
            self._find_way(path)

    def _find_way(self, path: str) -> None:
        top = os.path.dirname(self.target)
        while path != top:
            path, name = os.path.split(path)
            names = self._names.setdefault(path, set())
            if name in names:
                return
            names.add(name)

    def _write(self, snarfer: Snarfer) -> None:
        self._add_some(snarfer, os.path.dirname(self.target), "")
        snarfer.addbytes(self.scope.dumps(), Scope.member)
        if self.record is not None:
            snarfer.addbytes(self.record, RECORD)

    def _add_some(self, snarfer: Snarfer, fspath: str, prefix: str) -> None:
        """Add the changed objects in a directory."""
        control = f"{prefix}{paths.CONTROL}/"
        names = sorted(self._names.get(fspath, ()))
        for name in names:
            local, path = join(fspath, name), prefix + name
            if local not in self._changed:
                snarfer.adddir(f"{path}/")
                self._add_some(snarfer, local, f"{path}/")
                continue
            self._add_changed(snarfer, local, path)
            self._add_changed_specials(snarfer, fspath, name, control)
        if names:
            self._add_entries(snarfer, fspath, names, control)
        self.metadata.release(fspath)

    def _add_changed(self, snarfer: Snarfer, fspath: str, path: str) -> None:
        entry = self.metadata.getentry(fspath)
        kind = self.files.kind(fspath)
        flag = None if MOVED in entry else entry.get("flag")
        if kind == "dir" and not flag:
            self.scope.add(NODE, path)
            snarfer.adddir(f"{path}/")
            self._add_some(snarfer, fspath, f"{path}/")
            return
        self.scope.add(TREE, path)
        if MOVED_TO in entry:
            # The object is added at its new place.
            return
        original = fsutil.getoriginal(fspath)
        if (
            kind == "file"
            and not flag
            # Equal pickles need not have equal bytes.
            and "factory" in entry
            and not self._is_redefined(fspath)
            and self.files.isfile(original)
        ):
            self._add_by_digest(snarfer, fspath, path, original)
        else:
            self._add_object(snarfer, fspath, path)

    def _is_redefined(self, fspath: str) -> bool:
        """Return True if the type or another attribute was edited in the entry."""
        described = self.files.described(fspath)
        return described is not None and bool(described.edits)

    def _add_by_digest(
        self, snarfer: Snarfer, fspath: str, path: str, original: str
    ) -> None:
        """Add a file if it changed, and the digest of its original."""
        with self.files.open(original) as stream:
            base = self._bases[fspath] = digest_of(stream)
        with self.files.open(fspath) as stream:
            if digest_of(stream) != base:
                stream.seek(0)
                snarfer.addstream(stream, self.files.size(fspath), path)

    def _add_changed_specials(
        self, snarfer: Snarfer, fspath: str, name: str, control: str
    ) -> None:
        """Add extras and annotations, or their digests where they are unchanged."""
        local = join(fspath, name)
        entry = self.metadata.getentry(local)
        if MOVED_TO in entry:
            return
        if "flag" in entry and MOVED not in entry:
            self._add_specials(snarfer, fspath, name, control)
            return
        is_received = self.files.has_received_parts(local)
        for what in (paths.EXTRA, paths.ANNOTATIONS):
            special = fsutil.getspecial(local, what)
            if not is_received and self._differs(special):
                self._add(snarfer, special, f"{control}{what}/{name}")
            elif self.files.isdir(special):
                self._add_digests(snarfer, special, f"{control}{what}/{name}/")

    def _add_digests(self, snarfer: Snarfer, special: str, prefix: str) -> None:
        names = self.metadata.getnames(special)
        for name in names:
            path = join(special, name)
            with self.files.open(path) as stream:
                self._bases[path] = digest_of(stream)
        snarfer.adddir(prefix)
        self._add_entries(snarfer, special, names, f"{prefix}{paths.CONTROL}/")
        self.metadata.release(special)

    def _differs(self, special: str) -> bool:
        if not self.files.isdir(special):
            return bool(self.files.kind(special))
        if fsutil.has_parts_of_parts(self.files, special):
            return True
        for name in self.metadata.getnames(special):
            path = join(special, name)
            if "flag" in self.metadata.getentry(path) or not self.files.isfile(path):
                return True
            with self.files.open(path) as stream:
                if not self._is_original(stream, path):
                    return True
        return False

    def _add_entries(
        self, snarfer: Snarfer, fspath: str, names: list[str], control: str
    ) -> None:
        check_apart(self.metadata, fspath, names)
        entries = {}
        for name in names:
            local = join(fspath, name)
            entries[name] = {
                key: value for key, value in self._entry(local).items() if key != BASE
            }
            if local in self._bases:
                entries[name][BASE] = self._bases[local]
        snarfer.addbytes(dump_entries(entries), control + paths.ENTRIES)


def quoted_note(note: str) -> str:
    """Return the message of a commit quoted for a query."""
    try:
        size = len(note.encode())
    except UnicodeEncodeError:
        raise Error(
            "the message is no text in the encoding of the locale, "
            f"{sys.getfilesystemencoding()}",
            advice="Nothing was sent. Write it into a file in UTF-8, and use -F FILE.",
        ) from None
    if size > DEFAULT.note_size:
        raise Error(
            f"the message has {size} bytes, which is more than {DEFAULT.note_size}",
            advice="Nothing was sent. Shorten it.",
        )
    return quoted(note)
