"""The three-way merge of one file: what to do, and doing it.

Three files take part: *local*, in the working copy; *original*, what the
server last sent; *remote*, what it sends now.  Their entries say which should exist;
the files themselves may differ from that.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from zope.fssync import fsutil
from zope.fssync import paths
from zope.fssync.files import Tree
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import KEPT_CONTENT
from zope.fssync.mergesource import SentFiles
from zope.fssync.mergesource import TreeSource
from zope.fssync.metadata import MOVED
from zope.fssync.metadata import Entry
from zope.fssync.metadata import dump_entries
from zope.fssync.metadata import entry_of
from zope.fssync.report import LastChange
from zope.fssync.streams import chunks
from zope.fssync.streams import same_content
from zope.fssync.textmerge import TextMerge
from zope.fssync.textmerge import is_merge_of

if TYPE_CHECKING:
    from zope.fssync.fileinterfaces import IFileTree
    from zope.fssync.fileinterfaces import IMergeSource
    from zope.fssync.fileinterfaces import IWorkingMetadata

__all__ = ["Blame", "Merger"]

#: Says of a local path which transaction changed it last on the other side.
Blame = Callable[[str], LastChange | None]


_said_by_server = ("key", "keytype", "type", "factory", "binary", "provides")


class Merger:
    """Merges single files.

    `classify_files` reads files and entries and changes nothing.  It returns an
    action and the state of the local file after it:

    ========= ==============================================================
    action    effect
    ========= ==============================================================
    Nothing   none
    Fix       the original becomes the remote copy
    Copy      the local file and the original become the remote copy
    Merge     remote changes go into the local text; the original as above
    Delete    the local file, the original and the entry are removed
    Conflict  the local file, which is binary, large or was not registered, is
              kept as it is, the original becomes the remote copy, and the entry
              is marked
    Orphan    the local file is kept and scheduled to be added again, since
              the remote copy is gone; the entry is marked
    Remerge   as Merge, of a file in conflict: where it is as a merge left it, the
              newer remote copy is merged into what it was before that
    Return    as Copy, after a commit that left the remote copy as it was: nothing
              of the local file is on the server, which the caller may want to keep
    Forget    the original and the entry are removed; the local file, made
              anew after both sides removed the object, is kept
    ========= ==============================================================

    The states are Conflict, Uptodate, Modified, Added, Removed, Spurious (a
    local file nobody registered) and Nonexistent.  Merge may turn Modified
    into Conflict, and Remerge into Modified.  The last four actions are new in 4.0.0:
    3.6.0 lost edits in these cases, or had no way to resolve the conflict.

    After a commit the remote files answer to what was *sent*, which is then
    the common ancestor: a local file that was edited since keeps its edits.

    With ``distrust`` an original that is not on the remote side is no ancestor: it may
    be newer.  What is local is then taken for edited.

    Conflict markers name the last change of ``blame``.
    """

    def __init__(
        self,
        metadata: IWorkingMetadata,
        files: IFileTree | None = None,
        remote: IMergeSource | None = None,
        sent: SentFiles | None = None,
        distrust: bool = False,
        blame: Blame | None = None,
    ) -> None:
        self.metadata = metadata
        self.files = Tree() if files is None else files
        self.remote = remote or TreeSource(metadata, self.files)
        self.sent = sent
        self.distrust = distrust
        self._blame = blame
        self._contents: dict[tuple[object, str], bytes | None] = {}

    def getentry(self, file: str) -> Entry:
        found: Entry = self.metadata.getentry(file)
        return found

    # Looking

    def classify_files(self, local: str, original: str, remote: str) -> tuple[str, str]:
        self._contents.clear()
        lentry = self.getentry(local)
        rentry = self.remote.getentry(remote)
        exists = self.files.exists(local)
        if "conflict" in lentry and lentry.get("flag") != "removed":
            return self._classify_marked(local, original, remote)
        if not lentry and not rentry:
            return "Nothing", "Spurious" if exists else "Nonexistent"
        if not lentry:
            return self._classify_new(local, remote, exists)
        classify = {
            "added": self._classify_added,
            "removed": self._classify_removed,
        }.get(lentry.get("flag", ""), self._classify_known)
        return classify(local, original, remote)

    def restore(self, local: str, original: str, remote: str) -> None:
        """Bring back a lost file whose original may be the only one left."""
        if (
            self.distrust
            and self.getentry(local)
            and not self.getentry(local).get("flag")
            and not self.files.exists(local)
            and self.files.isfile(original)
            and not self._same_as_remote(original, remote)
        ):
            self.restore_original(local)

    def restore_original(self, local: str) -> None:
        """Make a file again what it was when it was last received."""
        with self.files.open(fsutil.getoriginal(local)) as stream:
            self.files.write(local, chunks(stream))

    def has_remote(self, original: str, remote: str) -> bool:
        """Return True if the other side has the original, or nothing."""
        self._contents.clear()
        return not self.remote.getentry(remote) or self._same_as_remote(
            original, remote
        )

    def _classify_new(self, local: str, remote: str, exists: bool) -> tuple[str, str]:
        if not exists:
            return "Copy", "Uptodate"
        # An unregistered file stands in the way: it is somebody's work, which
        # they keep by 'resolve', or give up by 'revert'.
        if self._same_as_remote(local, remote):
            return "Fix", "Uptodate"
        return "Conflict", "Conflict"

    def _classify_added(
        self, local: str, original: str, remote: str
    ) -> tuple[str, str]:
        if not self.remote.getentry(remote):
            return "Nothing", "Added"
        if self._same_as_remote(local, remote):
            return "Fix", "Uptodate"
        if not self.files.isfile(local):
            return "Copy", "Uptodate"
        return self._merge_or_conflict(local, original, remote)

    def _classify_marked(
        self, local: str, original: str, remote: str
    ) -> tuple[str, str]:
        """It is in conflict: a person decides about the newest remote copy."""
        kept = [fsutil.getmine(local), fsutil.getbefore(local)]
        is_merged, has_base = map(self.files.isfile, kept)
        if self.distrust or self._was_sent(local) or not (is_merged or has_base):
            return "Nothing", "Conflict"
        if not self.remote.getentry(remote):
            gone = "Orphan" if self.files.isfile(original) else "Nothing"
            return gone, "Conflict"
        if self._same_as_remote(original, remote):
            return "Nothing", "Conflict"
        if is_merged and self.texts(local, original, remote) is not None:
            return "Remerge", "Conflict"
        return "Conflict", "Conflict"

    def _classify_removed(
        self, local: str, original: str, remote: str
    ) -> tuple[str, str]:
        if not self.remote.getentry(remote):
            if self.files.exists(local):
                return "Forget", "Spurious"
            return "Delete", "Nonexistent"
        if not self._same_as_remote(original, remote):
            if self._was_sent_without(local):
                return "Copy", "Uptodate"
            # Nothing is merged, so the newest is what a person decides about.
            return "Conflict", "Conflict"
        marked = "conflict" in self.getentry(local)
        return "Nothing", "Conflict" if marked else "Removed"

    def _classify_known(
        self, local: str, original: str, remote: str
    ) -> tuple[str, str]:
        exists = self.files.exists(local)
        if not self.remote.getentry(remote):
            if self._was_sent(local) and self._is_blank(local):
                # Back to its default: such a part of an object has no file.
                return "Delete", "Nonexistent"
            if exists and (self.distrust or not self._is_original(local, original)):
                return "Orphan", "Conflict"
            return "Delete", "Nonexistent"
        if not exists:
            return "Copy", "Uptodate"
        if self._was_sent(local) and not self._same(
            self.files, local, self.sent, local
        ):
            return self._classify_edited(local, original, remote)
        if self._same_as_remote(original, remote):
            if self._is_original(local, original):
                return "Nothing", "Uptodate"
            return self._classify_untaken(local, remote)
        if self._same_as_remote(local, remote):
            return "Fix", "Uptodate"
        if self.distrust:
            return "Conflict", "Conflict"
        if self._is_original(local, original):
            return "Copy", "Uptodate"
        return self._merge_or_conflict(local, original, remote)

    def _classify_untaken(self, local: str, remote: str) -> tuple[str, str]:
        """The file is edited, and the server has what it had before."""
        if not self._was_sent(local):
            return "Nothing", "Modified"
        if self._is_laid_out(local, remote):
            return "Copy", "Uptodate"
        if self.sent is not None and self.sent.tells:
            return "Return", "Uptodate"
        return "Nothing", "Modified"

    def _classify_edited(
        self, local: str, original: str, remote: str
    ) -> tuple[str, str]:
        """The file was edited since it was sent, perhaps back to what it was."""
        if self._same_as_remote(local, remote):
            return "Fix", "Uptodate"
        if self._same_as_remote(original, remote):
            return "Nothing", "Modified"
        return self._merge_or_conflict(local, original, remote)

    def _merge_or_conflict(
        self, local: str, original: str, remote: str
    ) -> tuple[str, str]:
        if self._was_sent(local):
            if self._same(self.files, local, self.sent, local):
                return "Copy", "Uptodate"
            if self._same(self.remote, remote, self.sent, local):
                return "Fix", "Modified"
        if self.texts(local, original, remote) is None:
            return "Conflict", "Conflict"
        return "Merge", "Modified"

    def _is_laid_out(self, local: str, remote: str) -> bool:
        """Return True if both have the same words, in any order and layout."""
        sides = ((self.files, local), (self.remote, remote))
        if any(side.size(path) > DEFAULT.merge_size for side, path in sides):
            return False
        here, there = (self._content(side, path).split() for side, path in sides)
        return b"".join(here) == b"".join(there) or sorted(here) == sorted(there)

    def _is_blank(self, local: str) -> bool:
        return (
            self.files.isfile(local)
            and self.files.size(local) <= DEFAULT.merge_size
            and not self._content(self.files, local).strip()
        )

    def _was_sent(self, local: str) -> bool:
        return self.sent is not None and self.sent.kind(local) == "file"

    def _was_sent_without(self, local: str) -> bool:
        """Return whether the server made a part anew whose removal it was sent.

        Nobody else can have changed it in the meantime.
        """
        return (
            self.sent is not None
            and fsutil.ispart(local)
            and self.sent.kind(local) is None
        )

    # Comparing

    def cmpfile(self, file1: str, file2: str) -> bool:
        """Return True if both local files exist and have the same content."""
        self._contents.clear()
        return self._same(self.files, file1, self.files, file2)

    def _is_original(self, local: str, original: str) -> bool:
        return self._same(self.files, local, self.files, original)

    def _same_as_remote(self, local: str, remote: str) -> bool:
        return self._same(self.files, local, self.remote, remote)

    def _same(
        self, side1: IMergeSource, file1: str, side2: IMergeSource, file2: str
    ) -> bool:
        if side1.kind(file1) != "file" or side2.kind(file2) != "file":
            return False
        size = side1.size(file1)
        if size != side2.size(file2):
            return False
        if size <= KEPT_CONTENT:
            return self._content(side1, file1) == self._content(side2, file2)
        with side1.open(file1) as stream1, side2.open(file2) as stream2:
            return same_content(stream1, stream2)

    def _content(self, side: IMergeSource, path: str) -> bytes:
        content = self._contents.get((side, path))
        if content is None:
            with side.open(path) as stream:
                content = self._contents[side, path] = stream.read()
        return content

    def same_directory(self, localdir: str, remotedir: str) -> bool:
        """Return whether there is nothing to merge in a directory of plain files.

        So it is where all sides have the same names, metadata and contents,
        which costs less to find out than to merge file by file.  After a commit
        what was sent speaks for the working copy.
        """
        self._contents.clear()
        if self.remote.kind(remotedir) != "dir":
            return False
        if self.has_parts_of_parts(localdir, remotedir):
            return False
        if self.sent is not None and self.sent.kind(localdir) == "dir":
            originals = os.path.join(localdir, paths.CONTROL, paths.ORIGINAL)
            return self.sent.kind(originals) is None and self._same_files(
                self.sent, localdir, remotedir
            )
        return (
            self.files.kind(localdir) == "dir"
            and self._same_files(self.files, localdir, remotedir)
            and all(
                self._same_as_remote(
                    fsutil.getoriginal(os.path.join(localdir, name)),
                    f"{remotedir}/{name}",
                )
                for name in self.remote.listdir(remotedir)
            )
        )

    def has_parts_of_parts(self, localdir: str, remotedir: str) -> bool:
        """Return whether extras or annotations have some of their own."""
        return fsutil.has_parts_of_parts(self.files, localdir) or any(
            self.remote.kind(f"{remotedir}/{paths.CONTROL}/{what}") == "dir"
            for what in (paths.EXTRA, paths.ANNOTATIONS)
        )

    def _same_files(self, side: IMergeSource, directory: str, remotedir: str) -> bool:
        names = self.remote.listdir(remotedir)
        if names != [name for name in side.listdir(directory) if name != paths.CONTROL]:
            return False
        entries = os.path.join(directory, paths.CONTROL, paths.ENTRIES)
        pairs = [(entries, f"{remotedir}/{paths.CONTROL}/{paths.ENTRIES}")]
        pairs += [
            (os.path.join(directory, name), f"{remotedir}/{name}") for name in names
        ]
        return all(
            self._same(side, path, self.remote, remote) for path, remote in pairs
        )

    # Acting

    def merge_files(
        self, local: str, original: str, remote: str, action: str, state: str
    ) -> str:
        """Carry out an action; returns the state that results."""
        method = getattr(self, "merge_files_" + action.lower())
        return method(local, original, remote) or state

    def merge_files_nothing(self, local: str, original: str, remote: str) -> None:
        """Nothing is to be done."""

    def merge_files_delete(self, local: str, original: str, remote: str) -> None:
        for path in (local, original):
            if self.files.isfile(path):
                self.files.remove(path)
        self.getentry(local).clear()

    def merge_files_fix(self, local: str, original: str, remote: str) -> None:
        self._store(original, remote)
        self.adopt_entry(local, remote)

    def merge_files_copy(self, local: str, original: str, remote: str) -> None:
        self._store(local, remote)
        self.merge_files_fix(local, original, remote)

    def merge_files_return(self, local: str, original: str, remote: str) -> None:
        self.merge_files_copy(local, original, remote)

    def merge_files_merge(self, local: str, original: str, remote: str) -> str:
        texts = self.texts(local, original, remote)
        if texts is None:
            self.merge_files_conflict(local, original, remote)
            return "Conflict"
        merged, conflicts = texts.merge(*self._labels(local, remote))
        if conflicts:
            self._keep_sides(local, self._base(local, original))
        self.files.write(local, [merged])
        self.merge_files_fix(local, original, remote)
        if conflicts:
            self.getentry(local)["conflict"] = "yes"
            return "Conflict"
        return "Modified"

    def merge_files_remerge(self, local: str, original: str, remote: str) -> str:
        mine, before = fsutil.getmine(local), fsutil.getbefore(local)
        as_merged = is_merge_of(
            *map(self._content_here, (local, mine, before, original))
        )
        # What somebody has edited since has the older remote copy for its base.
        base = (mine, before) if as_merged else (local, original)
        sides = [*map(self._content_here, base), self._content(self.remote, remote)]
        texts = TextMerge.of(*sides)
        if texts is None:
            self.merge_files_conflict(local, original, remote)
            return "Conflict"
        merged, conflicts = texts.merge(*self._labels(local, remote))
        self.files.write(local, [merged])
        self.merge_files_fix(local, original, remote)
        if as_merged and not conflicts:
            del self.getentry(local)["conflict"]
            self.forget_sides(local)
            return "Modified"
        self.getentry(local)["conflict"] = "yes"
        return "Conflict"

    def _content_here(self, path: str) -> bytes:
        """Return the content of a local file, nothing where there is none."""
        return self._content(self.files, path) if self.files.isfile(path) else b""

    def _labels(self, local: str, remote: str) -> tuple[str, str]:
        """Return what conflict markers call both sides."""
        # A whole path would tell where somebody's files are.
        name = os.path.basename(remote) if os.path.isabs(remote) else remote
        return f"{name} (mine)", f"{name} ({self._server_label(local)})"

    def _server_label(self, local: str) -> str:
        """Return whose change it is that the server has of a file."""
        last = None if self._blame is None else self._blame(local)
        return "server" if last is None else f"server, {last}"

    def texts(self, local: str, original: str, remote: str) -> TextMerge | None:
        """Return what can be merged line by line, None for binary or large files.

        The files decide, and not what the server says of their type.
        """
        sides = [
            (self.files, local),
            self._base(local, original),
            (self.remote, remote),
        ]
        if any(side and side[0].size(side[1]) > DEFAULT.merge_size for side in sides):
            return None
        return TextMerge.of(*(self._content(*side) if side else b"" for side in sides))

    def _base(self, local: str, original: str) -> tuple[IMergeSource, str] | None:
        """Return the source and the path of the common ancestor, None without one."""
        if self._was_sent(local):
            return self.sent, local
        return (self.files, original) if self.files.isfile(original) else None

    def merge_files_conflict(self, local: str, original: str, remote: str) -> None:
        entry = self.getentry(local)
        flag = entry.get("flag")
        if "conflict" not in entry:
            self.forget_sides(local)
            if self.files.isfile(original):
                self._keep(fsutil.getbefore(local), self.files, original)
        self.merge_files_fix(local, original, remote)
        entry["conflict"] = "yes"
        if flag == "removed":
            entry["flag"] = flag

    def _keep_sides(self, local: str, base: tuple[IMergeSource, str] | None) -> None:
        """Keep what a merge that ends in conflict replaces, until it is resolved."""
        self._keep(fsutil.getmine(local), self.files, local)
        if base is not None:
            self._keep(fsutil.getbefore(local), *base)

    def _keep(self, path: str, side: IMergeSource, source: str) -> None:
        with side.open(source) as stream:
            self.files.write(path, chunks(stream))

    def forget_sides(self, local: str) -> None:
        """Remove what was kept of a file for as long as it was in conflict."""
        for path in (fsutil.getmine(local), fsutil.getbefore(local)):
            if self.files.isfile(path):
                self.files.remove(path)
                self.files.rmdir(os.path.dirname(path))

    def remove_original(self, local: str) -> None:
        """Forget what was sent of a file, if anything was."""
        original = fsutil.getoriginal(local)
        if self.files.isfile(original):
            self.files.remove(original)

    def merge_files_orphan(self, local: str, original: str, remote: str) -> None:
        entry = self.getentry(local)
        if not self.files.isfile(original):
            # It was no file: it is added as one that is new.
            for name in _said_by_server:
                entry.pop(name, None)
        else:
            self._keep(fsutil.getbefore(local), self.files, original)
        self.remove_original(local)
        entry.update(flag="added", conflict="yes")

    def merge_files_forget(self, local: str, original: str, remote: str) -> None:
        self.remove_original(local)
        self.getentry(local).clear()

    def copy_directory(
        self, localdir: str, remotedir: str, names: list[str]
    ) -> list[str]:
        """Copy the files ``names`` of a directory, with originals and entries.

        Returns their names here.
        """
        self._contents.clear()
        entries = {}
        for name in names:
            remote = f"{remotedir}/{name}"
            said = self.remote.getentry(remote)
            file = self.files.file_name(name, said.get("key", name))
            local = os.path.join(localdir, file)
            self._store(local, remote)
            self._store(fsutil.getoriginal(local), remote)
            entries[file] = entry_of(file, name, said)
        efile = os.path.join(localdir, paths.CONTROL, paths.ENTRIES)
        self.files.write(efile, [dump_entries(entries)])
        return list(entries)

    def _store(self, path: str, remote: str) -> None:
        if self.remote.size(remote) <= KEPT_CONTENT:
            self.files.write(path, [self._content(self.remote, remote)])
            return
        with self.remote.open(remote) as stream:
            self.files.write(path, chunks(stream))

    def adopt_entry(self, local: str, remote: str) -> None:
        """Take over the entry that the server has sent.

        Attributes that only the server sets are removed if it no longer sends them.
        """
        entry = self.getentry(local)
        said = self.remote.getentry(remote)
        for name in ("flag", "withheld", MOVED, *_said_by_server):
            entry.pop(name, None)
        entry.update(entry_of(os.path.basename(local), os.path.basename(remote), said))
        self.metadata.received(local)
