"""Diff: show how files differ from their originals."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from os.path import join
from typing import TYPE_CHECKING

from zope.app.fssync.client.session import Session
from zope.app.fssync.client.workingcopy.statcache import Unchanged
from zope.fssync import fsutil
from zope.fssync import paths
from zope.fssync.descriptionnames import description_name
from zope.fssync.errors import Error
from zope.fssync.merge.diffformat import DiffOptions
from zope.fssync.merge.diffformat import differences

if TYPE_CHECKING:
    from zope.app.fssync.client.workingcopy.described import DescribedObject

__all__ = ["Compare", "Differ", "named"]

#: Called with the path of a file, its old and its new content.
Compare = Callable[[str, bytes, bytes], object]


class Differ:
    """Show the differences of registered files; ``write`` is called with bytes.

    ``options`` are those of GNU diff.  Unless ``need_original`` added and
    removed files are shown as well.  With ``begin``, which is called with the path
    before what is written of a file, the files are named as `patch -p1` and
    `git apply` take them; else as 3.6.0 named them.  ``compare`` is called with the
    path and both contents instead, if it is given.
    """

    def __init__(
        self,
        session: Session,
        options: str,
        need_original: bool,
        write: Callable[[bytes], object],
        begin: Callable[[str], object] | None = None,
        compare: Compare | None = None,
    ) -> None:
        self.session = session
        self.metadata = session.metadata
        self.files = session.files
        self.options = DiffOptions.parse(options)
        self.need_original = need_original
        self.write = write
        self.begin = begin
        self.compare = compare
        self._unchanged: Unchanged | None = None

    def show(self, target: str) -> None:
        """Show a target that the user named; raise `Error` if that is not possible."""
        if self.session.root is None:
            self._show_named(target)
            return
        with Unchanged(self.files, self.metadata, self.session.root) as unchanged:
            self._unchanged = unchanged
            record = unchanged.known(*fsutil.split(target))
            if record is None:
                self._show_named(target)
            elif record.signature is None:
                self._show_children(target)

    def _show_named(self, target: str) -> None:
        owner = self.files.owner_of(target)
        described = None if owner is None else self.files.described(owner)
        if owner is not None and described is not None:
            flag = self.metadata.getentry(owner).get("flag")
            self._show_description(owner, described, flag)
            return
        entry = self.metadata.getentry(target)
        if not entry:
            raise Error(f"diff target '{target}' doesn't exist", path=target)
        if "flag" in entry and self.need_original:
            raise Error(f"diff target '{target}' is added or deleted", path=target)
        if not self.files.exists(target) and entry.get("flag") != "removed":
            raise Error(
                f"diff target '{target}' is neither file nor directory", path=target
            )
        self._show(target)

    def _show(self, target: str) -> None:
        flag = self.metadata.getentry(target).get("flag")
        if flag and self.need_original:
            return
        kind = self.files.kind(target)
        if kind == "dir":
            self._show_children(target)
        elif kind == "file":
            self._show_file(target, flag)
        elif flag == "removed":
            self._show_removed(target)
        described = self.files.described(target)
        if described is not None:
            self._show_description(target, described, flag)
            return
        for getwhat in (fsutil.getannotations, fsutil.getextra):
            special = getwhat(target)
            if self.files.isdir(special):
                self._show_parts(special)

    def _show_description(
        self, target: str, described: DescribedObject, flag: str | None
    ) -> None:
        """Show the differences of the description, and of the parts beside it."""
        path = described_by(target, described.is_directory)
        before, after = described.versions()
        if flag == "added":
            self._write(b"", after, None, path, path)
        elif flag == "removed":
            self._write(before, b"", path, None, path)
        elif before != after:
            self._write(before, after, path, path, path)
        for key in described.files_aside():
            what, _, name = key.partition("/")
            self._show(
                join(
                    os.path.dirname(target),
                    paths.CONTROL,
                    what,
                    os.path.basename(target),
                    name,
                )
            )

    def _show_children(self, target: str) -> None:
        """Show the items of a directory, without reading those known as unchanged."""
        assert self._unchanged is not None
        settled = self._unchanged.settled(target)
        if settled is not None:
            for name in sorted(settled.directories):
                self._show_children(join(target, name))
            return
        known, _ = self._unchanged.names(target)
        for name in self.metadata.getnames(target):
            record = known.get(name)
            if record is None:
                self._show(join(target, name))
            elif record.signature is None:
                self._show_children(join(target, name))

    def _show_parts(self, special: str) -> None:
        for name in self.metadata.getnames(special):
            self._show(join(special, name))

    def _show_file(self, target: str, flag: str | None) -> None:
        original = fsutil.getoriginal(target)
        if self.files.isfile(original):
            self._compare(original, target, target)
        elif flag == "added":
            self._compare(None, target, target)
        else:
            raise Error(
                f"can't find original for diff target '{target}'",
                path=target,
                advice="Run 'zsync update', which brings it back.",
            )

    def _show_removed(self, target: str) -> None:
        original = fsutil.getoriginal(target)
        if self.files.isfile(original):
            self._compare(original, None, target)

    def _compare(self, old: str | None, new: str | None, target: str) -> None:
        if old and new and self.session.same_content(old, new):
            return
        self._write(self._content(old), self._content(new), old, new, target)

    def _write(
        self,
        before: bytes,
        after: bytes,
        old: str | None,
        new: str | None,
        target: str,
    ) -> None:
        """Write the differences of two contents; None is a file that does not exist."""
        if self.compare is not None:
            self.compare(target, before, after)
            return
        labels = self._label(old), self._label(new)
        if self.begin is None:
            self.write(b"Index: %s\n" % os.fsencode(target))
        else:
            self.begin(target)
            labels = named("a", old, target), named("b", new, target)
        for line in differences(before, after, *labels, self.options):
            self.write(line)

    def _content(self, path: str | None) -> bytes:
        if path is None:
            return b""
        with self.files.open(path) as stream:
            return stream.read()

    def _label(self, path: str | None) -> str:
        """Return the name and the modification time of a file as GNU diff does."""
        # That of an object that is removed is no longer there.
        if path is None or not self.files.exists(path):
            nanoseconds = 0
        else:
            nanoseconds = self.files.modified(path)
        seconds, fraction = divmod(nanoseconds, 10**9)
        moment = time.localtime(seconds)
        stamp = time.strftime("%Y-%m-%d %H:%M:%S", moment)
        zone = time.strftime("%z", moment)
        return f"{path or os.devnull}\t{stamp}.{fraction:09d} {zone}"


def described_by(target: str, is_directory: bool) -> str:
    """Return the path of the description of an object, in layout 3."""
    if is_directory:
        return join(target, description_name(""))
    return join(os.path.dirname(target), description_name(os.path.basename(target)))


def named(side: str, path: str | None, target: str) -> str:
    """Return the name of one side of a file in a patch."""
    if path is None:
        return os.devnull
    name = os.path.relpath(target).replace(os.sep, "/")
    # Programs end a name with a blank in it at the tab.
    return f"{side}/{name}" + ("\t" if " " in name else "")
