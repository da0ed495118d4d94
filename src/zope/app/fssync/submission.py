"""What a commit or a checkin sends: the archive of one object.

It holds the registered files below the object and what `@@Zope` says of them,
never unregistered files, and of its siblings nothing.  An original that equals
its file is left out: the server then takes the file for the original.
"""

from __future__ import annotations

import os
from os.path import join
from typing import IO

from zope.fssync import fsutil
from zope.fssync import paths
from zope.fssync.errors import PathRefused
from zope.fssync.files import same_content
from zope.fssync.interfaces import IFileTree
from zope.fssync.metadata import Metadata
from zope.fssync.metadata import dump_entries
from zope.fssync.snarf import Snarfer

__all__ = ["Submission"]


class Submission:
    """Writes the archive of ``target`` to the stream it is called with."""

    def __init__(self, metadata: Metadata, files: IFileTree, target: str) -> None:
        self.metadata = metadata
        self.files = files
        self.target = target

    def __call__(self, stream: IO[bytes]) -> None:
        snarfer = Snarfer(stream)
        head, name = os.path.split(self.target)
        control = f"{paths.CONTROL}/"
        self._add(snarfer, self.target, name)
        snarfer.adddir(control)
        self._add_entries(snarfer, head, [name], control)
        self._add_specials(snarfer, head, name, control)

    def _add(self, snarfer: Snarfer, fspath: str, path: str) -> None:
        kind = self.files.kind(fspath)
        if kind == "dir":
            self._add_directory(snarfer, fspath, path + "/")
        elif kind == "file":
            self._add_file(snarfer, fspath, path)
        elif kind == "other":
            raise PathRefused(
                f"not a regular file: {paths.printable(fspath)}",
                path=fspath,
                advice="Links and special files are not sent; revert the entry or "
                "replace it by a file.",
            )

    def _add_file(self, snarfer: Snarfer, fspath: str, path: str) -> None:
        """Add a file, and its original if the file was changed."""
        head, slash, name = path.rpartition("/")
        original = fsutil.getoriginal(fspath)
        pristine = f"{head}{slash}{paths.CONTROL}/{paths.ORIGINAL}/{name}"
        with self.files.open(fspath) as stream:
            snarfer.addstream(stream, self.files.size(fspath), path)
            if self.files.isfile(original):
                with self.files.open(original) as base:
                    stream.seek(0)
                    if not same_content(stream, base):
                        snarfer.addfile(original, pristine)

    def _add_directory(self, snarfer: Snarfer, fspath: str, prefix: str) -> None:
        snarfer.adddir(prefix)
        names = self.metadata.getnames(fspath)
        control = f"{prefix}{paths.CONTROL}/"
        if names:
            self._add_entries(snarfer, fspath, names, control)
        for name in names:
            self._add(snarfer, join(fspath, name), prefix + name)
            self._add_specials(snarfer, fspath, name, control)
        self.metadata.release(fspath)

    def _add_entries(
        self, snarfer: Snarfer, fspath: str, names: list[str], control: str
    ) -> None:
        entries = {name: self.metadata.getentry(join(fspath, name)) for name in names}
        self._add_bytes(snarfer, dump_entries(entries), control + paths.ENTRIES)

    def _add_bytes(self, snarfer: Snarfer, data: bytes, path: str) -> None:
        snarfer.ostr.write(b"%d %s\n" % (len(data), path.encode()))
        snarfer.ostr.write(data)

    def _add_specials(
        self, snarfer: Snarfer, fspath: str, name: str, control: str
    ) -> None:
        local = join(fspath, name)
        self._add_lost_original(snarfer, local, f"{control}{paths.ORIGINAL}/{name}")
        for what in (paths.EXTRA, paths.ANNOTATIONS):
            special = fsutil.getspecial(local, what)
            if self.files.kind(special):
                self._add(snarfer, special, f"{control}{what}/{name}")

    def _add_lost_original(self, snarfer: Snarfer, local: str, path: str) -> None:
        """Add the original of what is removed or missing."""
        original = fsutil.getoriginal(local)
        if not self.files.isfile(local) and self.files.isfile(original):
            snarfer.addfile(original, path)
