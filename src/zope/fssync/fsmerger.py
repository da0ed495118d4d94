"""The three-way merge of a tree of files, with all that belongs to them.

`MergeReport` reports one line for each file or directory.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from collections.abc import Container
from collections.abc import Iterator
from contextlib import contextmanager
from os.path import join
from typing import TYPE_CHECKING

from zope.fssync import fsutil
from zope.fssync import paths
from zope.fssync import report
from zope.fssync.errors import ArchiveDamaged
from zope.fssync.files import Tree
from zope.fssync.fsutil import free_name
from zope.fssync.fsutil import ignored
from zope.fssync.merger import Blame
from zope.fssync.merger import Merger
from zope.fssync.mergereport import MergeReport
from zope.fssync.mergesource import SentFiles
from zope.fssync.metadata import KIND
from zope.fssync.metadata import MOVED
from zope.fssync.metadata import MOVED_TO
from zope.fssync.metadata import Entry
from zope.fssync.metadata import has_entries
from zope.fssync.namepairs import NamePairs
from zope.fssync.removal import Removal
from zope.fssync.streams import chunks
from zope.fssync.terminal import escape

if TYPE_CHECKING:
    from zope.fssync.fileinterfaces import IFileTree
    from zope.fssync.fileinterfaces import IMergeSource
    from zope.fssync.fileinterfaces import IWorkingMetadata

__all__ = ["FSMerger", "ignored"]


class FSMerger:
    """Merges a remote tree into a local one.

    ``remote`` is where changes come from, by default files beside the local
    ones; ``hidden`` are the remote paths of what is there, but not shown.

    ``conflicts`` collects the local paths that were reported as C, ``gone`` the
    remote paths of what was registered here and is not there.  ``marked`` are
    the conflicts that need not be sent again: entries keep them.  ``returned``
    are those that were sent and that the server has as it had them before.
    ``deleted`` and ``created`` count files.

    With ``distrust`` the other side may have lost what it had, and nothing that is
    here and not there is overwritten or removed, see `Merger`.

    ``root`` is the directory that the paths of what was moved are relative to.
    ``ignore(path, is_directory)`` says of what nobody has registered whether it is
    not worth mentioning, ``leaves_out(directory, key, is_directory)`` whether it is
    not to come here.  ``blame(path)`` returns the last change that the other side made
    of a local path, None if that is not known; conflicts are marked with it.
    """

    def __init__(
        self,
        metadata: IWorkingMetadata,
        reporter: Callable[[str], object],
        overwrite_local: bool = False,
        files: IFileTree | None = None,
        remote: IMergeSource | None = None,
        sent: SentFiles | None = None,
        hidden: Container[str] = (),
        distrust: bool = False,
        ignore: Callable[[str, bool], bool] | None = None,
        leaves_out: Callable[[str, str, bool], bool] | None = None,
        root: str = "",
        blame: Blame | None = None,
    ) -> None:
        self.metadata = metadata
        self.hidden = hidden
        self.gone: list[str] = []
        self.deleted = self.created = 0
        self.overwrite_local = overwrite_local
        self.files = Tree() if files is None else files
        self.distrust = distrust
        self.root = root
        #: The places of what was to be moved, and is no longer where it was.
        self.forsaken: list[str] = []
        #: Returns True if anything is at a remote path, even if it was not sent.
        self.is_there: Callable[[str], bool] = self._is_sent
        self.merger = Merger(metadata, self.files, remote, sent, distrust, blame)
        self.remote = self.merger.remote
        self.marked: list[str] = []
        self.returned: list[str] = []
        self.join_remote = join if remote is None else paths.join_archive_path
        self.report = MergeReport(metadata, reporter, ignore, blame)
        self.removal = Removal(self.files, metadata, self.merger.cmpfile)
        self.names = NamePairs(
            metadata,
            self.files,
            self.remote,
            join_remote=self.join_remote,
            leaves_out=leaves_out,
            stays=self._stays,
        )

    @property
    def conflicts(self) -> list[str]:
        """The local paths that were reported as C."""
        return self.report.conflicts

    def ignore(self, path: str, is_directory: bool = False) -> bool:
        """Return True if an unregistered file or directory is not reported."""
        return self.report.ignores(path, is_directory)

    def reportdir(self, letter: str, localdir: str) -> None:
        """Report what became of a directory."""
        self.report.directory(letter, localdir)

    def reportaction(self, action: str, state: str, local: str) -> None:
        """Report what became of a file."""
        self.report.file(action, state, local)

    # One object

    def merge(self, local: str, remote: str) -> None:
        """Merge the remote file or directory into the local one."""
        lkind, rkind = self.files.kind(local), self.remote.kind(remote)
        if rkind is None and remote in self.hidden:
            self._keep_hidden(local)
            return
        self._check_remote(remote, rkind)
        entry = self.metadata.getentry(local)
        if self._merge_moved(local, remote, rkind, entry):
            return
        removed = entry.get("flag") == "removed"
        if removed and rkind:
            self._merge_removed(local, remote, rkind)
            self.merge_specials(local, remote)
            return
        if lkind == "other" and not removed:
            self.obstruct(local, remote)
            return
        if lkind and rkind and lkind != rkind:
            if self.distrust or not self._replaceable(local):
                self.obstruct(local, remote)
                return
            self.remove(local)
            lkind = None
        if report.is_of_other_kind(entry):
            del entry["conflict"]
        if lkind == "dir" and not rkind and not entry:
            # What is registered in it belongs to where it was moved from by hand.
            self.report.directory("?", local)
            return
        if "dir" in (lkind, rkind):
            self._forget_file(local)
            self.merge_dirs(local, remote)
        else:
            self.merge_files(local, remote)
        self.merge_specials(local, remote)

    # What is to be moved

    def _is_sent(self, remote: str) -> bool:
        # Servers decompose names.
        return any(map(self.remote.kind, {remote, paths.nfd(remote)}))

    def _merge_moved(
        self, local: str, remote: str, rkind: str | None, entry: Entry
    ) -> bool:
        """Merge what is to be moved, from or to a path; False if nothing is.

        What it is on the other side is there at its old place.
        """
        if MOVED in entry:
            if rkind is None:
                return True
            origin = self._place(entry[MOVED])
            if not self.is_there(self._remote_of(local, remote, origin)):
                # It was moved there by the commit, of which the answer was lost.
                return False
            entry["conflict"] = "yes"
            self.report.conflict(local)
            return True
        if MOVED_TO not in entry:
            return False
        new = self._place(entry[MOVED_TO])
        if rkind is None:
            if not self._is_sent(self._remote_of(local, remote, new)):
                self.forsaken.append(new)
            del entry[MOVED_TO]
            return False
        with self.in_old_place(local, new):
            self.merge(new, remote)
        return True

    def new_place(self, local: str) -> str | None:
        """Return where what is registered at a path is to be moved to, if it is."""
        found = self.metadata.getentry(local).get(MOVED_TO)
        return None if found is None else self._place(found)

    def _place(self, path: str) -> str:
        return join(self.root, *paths.split_archive_path(path))

    def _remote_of(self, local: str, remote: str, other: str) -> str:
        """Return the remote path of another local path.

        Both are below the same object; names are taken to be alike on both sides.
        """
        way = os.path.relpath(other, os.path.dirname(fsutil.located(local)))
        parts = remote.split("/")[:-1]
        for part in way.split(os.sep):
            if part == os.pardir:
                del parts[-1:]
            else:
                parts.append(part)
        return "/".join(parts)

    @contextmanager
    def in_old_place(self, old: str, new: str) -> Iterator[None]:
        """Have what is to be moved to ``new`` look as if it were not."""
        entry = self.metadata.getentry(new)
        marks = {mark: entry.pop(mark) for mark in ("flag", MOVED) if mark in entry}
        yield
        entry = self.metadata.getentry(new)
        if entry:
            entry.pop("key", None)
            entry.update(marks)
            self._renew_base(old, new)

    def _renew_base(self, old: str, new: str) -> None:
        """Let the removal of a file be based on what was merged at its new place."""
        bases = [fsutil.getoriginal(path) for path in (old, new)]
        if self.files.isfile(bases[1]) and not self.merger.cmpfile(*bases):
            with self.files.open(bases[1]) as stream:
                self.files.write(bases[0], chunks(stream))

    def _merge_removed(self, local: str, remote: str, rkind: str) -> None:
        """Merge an object scheduled for removal; leave a new file in its place."""
        if rkind == "file":
            self.merge_files(local, remote)
        elif self.files.isfile(fsutil.getoriginal(local)):
            self.contradict(local)
        elif "conflict" in self.metadata.getentry(local):
            self.report.conflict(local)
            self.marked.append(local)
        else:
            self.report.directory("R", local)

    def contradict(self, local: str) -> None:
        """Mark a conflict: the directory is scheduled for removal, but was changed
        on the server."""
        self._forget_file(local)
        self.metadata.getentry(local)["conflict"] = "yes"
        self.report.conflict(local)
        self.marked.append(local)

    def obstruct(self, local: str, remote: str) -> None:
        """What is here is of another kind than what the server has, and stays."""
        if self.remote.getentry(remote):
            self.merger.adopt_entry(local, remote)
        entry = self.metadata.getentry(local)
        if entry:
            entry["conflict"] = KIND
        self.report.conflict(local)

    def _forget_file(self, local: str) -> None:
        """Forget that a directory was a file when it was last sent, if it was."""
        if self.files.isfile(fsutil.getoriginal(local)):
            self.removal.remove_special(local, paths.ORIGINAL)

    def _check_remote(self, remote: str, rkind: str | None) -> None:
        if rkind is None and self.remote.getentry(remote):
            raise ArchiveDamaged(
                f"entry without a file in archive: '{escape(remote)}'", path=remote
            )

    def _keep_hidden(self, local: str) -> None:
        """Keep what is hidden now; what is lost here comes back, or is forgotten."""
        entry = self.metadata.getentry(local)
        if not entry:
            return
        kind = self.files.kind(local)
        was_file = self.files.isfile(fsutil.getoriginal(local))
        is_left = kind is not None or was_file
        if kind == "dir" and not was_file:
            is_left = has_entries(self.files, local)
        if "flag" not in entry and not is_left:
            self._forget(local)
            return
        if "flag" not in entry and kind is None:
            self.merger.restore_original(local)
        elif kind and was_file != (kind == "file") and "flag" not in entry:
            entry["conflict"] = KIND
            self.report.conflict(local)
        elif kind == "dir":
            self._bring_back_below(local)
        entry["withheld"] = "yes"
        self.report.withheld(local)

    def _bring_back_below(self, local: str) -> None:
        """Bring back what is lost in a directory that is hidden now, or forget it."""
        for name in self.metadata.getnames(local):
            path = join(local, name)
            kind = self.files.kind(path)
            if kind == "dir":
                self._bring_back_below(path)
            elif kind is None and "flag" not in self.metadata.getentry(path):
                if self.files.isfile(fsutil.getoriginal(path)):
                    self.merger.restore_original(path)
                    self.report.file("Copy", "Uptodate", path)
                else:
                    self._forget(path)

    def _forget(self, local: str) -> None:
        """Forget an object of which nothing is left here."""
        for what in (paths.EXTRA, paths.ANNOTATIONS):
            self.removal.remove_special(local, what)
        self.metadata.getentry(local).clear()
        if self.files.isdir(local):
            self.report.directory("?", local)
        else:
            self.report.deleted(local)

    def merge_specials(self, local: str, remote: str) -> None:
        """Merge the extras and annotations of an object."""
        flag = self.metadata.getentry(local).get("flag")
        for what in (paths.EXTRA, paths.ANNOTATIONS):
            special = fsutil.getspecial(local, what)
            source = self._special(remote, what)
            is_sent = self.remote.kind(source) == "dir"
            if is_sent and self.merger.same_directory(special, source):
                continue
            if source in self.hidden and self.metadata.getnames(special):
                self.report.directory("W", special)
                continue
            if not is_sent and not self.files.isdir(special):
                continue
            if flag == "removed" or not self._copy_special(special, source):
                self.merge_dirs(special, source, flag, special=True)
        if not self.files.exists(local) and not self.metadata.getentry(local):
            for what in (paths.EXTRA, paths.ANNOTATIONS, paths.ORIGINAL):
                self.removal.remove_special(local, what)
            self.merger.forget_sides(local)

    def _copy_special(self, localdir: str, remotedir: str) -> bool:
        """Take over a new directory of plain files; False if it is not one.

        So are all extras and annotations in a checkout.
        """
        if self.files.kind(localdir) or self.remote.kind(remotedir) != "dir":
            return False
        names = self.remote.getnames(remotedir)
        if names != self.remote.listdir(remotedir):
            return False
        if self.merger.has_parts_of_parts(localdir, remotedir):
            return False
        self.metadata.forget(localdir)
        copied = self.merger.copy_directory(localdir, remotedir, names)
        self.remote.release(remotedir)
        self.report.directory("N", localdir)
        for name in copied:
            self.report.file("Copy", "Uptodate", join(localdir, name), known=False)
        return True

    def _special(self, remote: str, what: str) -> str:
        if self.join_remote is join:
            return fsutil.getspecial(remote, what)
        head, _, tail = remote.rpartition("/")
        return paths.join_archive_path(head, paths.CONTROL, what, tail)

    # Replacing a file by a directory and the other way round

    def _replaceable(self, local: str) -> bool:
        """Return True if all of it may be removed, since nothing exists only here."""
        entry = self.metadata.getentry(local)
        # What has been found to be in the way stays until somebody decides.
        return (
            bool(entry)
            and not report.is_of_other_kind(entry)
            and not self.removal.is_modified(local)
        )

    def remove(self, local: str) -> None:
        """Remove an unmodified file or directory, but not its entry."""
        if self.files.isdir(local):
            self.deleted += self.removal.remove_tree(local)
            self.report.directory("D", local)
        else:
            self.files.remove(local)
            self.removal.remove_special(local, paths.ORIGINAL)
            self.report.deleted(local)

    # Files

    def merge_files(self, local: str, remote: str) -> None:
        """Merge a remote file into a local file; either may not exist."""
        entry = self.metadata.getentry(local)
        if (
            "conflict" in entry
            and entry.get("flag") != "removed"
            and not self.files.exists(local)
        ):
            # Removing the file is a way to resolve a conflict in it.
            del entry["conflict"]
            self.merger.forget_sides(local)
        original = fsutil.getoriginal(local)
        self.merger.restore(local, original, remote)
        action, state = self.merger.classify_files(local, original, remote)
        if action == "Merge" and self.overwrite_local:
            action, state = "Copy", "Uptodate"
        if (
            action == "Delete"
            and self.files.exists(local)
            and self.removal.are_specials_modified(local)
        ):
            # An edited title is somebody's work as well.
            action, state = "Orphan", "Conflict"
        self._take_note(action, local, remote, bool(entry))
        known = self.files.exists(local) if action == "Delete" else bool(entry)
        if action == "Return":
            self._set_aside(local)
        state = self.merger.merge_files(local, original, remote, action, state)
        if (
            self.distrust
            and state == "Conflict"
            and self.merger.has_remote(original, remote)
        ):
            self.marked.append(local)
        if (action, state) == ("Nothing", "Uptodate"):
            # The class may have changed where the content did not.
            self.merger.adopt_entry(local, remote)
        self.report.file(action, state, local, known)

    def _set_aside(self, local: str) -> None:
        """Keep a file that the server has not taken, by another name.

        A part of an object has no place beside it.
        """
        self.returned.append(local)
        if fsutil.ispart(local):
            return
        head, name = fsutil.split(local)
        taken = {*self.files.listdir(head), *self.metadata.getnames(head)}
        free = join(head, free_name(f"{name}.mine", taken.__contains__))
        with self.files.open(local) as stream:
            self.files.write(free, chunks(stream))
        self.report.unregistered(free)

    def _take_note(self, action: str, local: str, remote: str, known: bool) -> None:
        if action in ("Delete", "Orphan", "Forget"):
            self.gone.append(remote)
        if paths.CONTROL in local.split(os.sep):
            return
        if action == "Delete" and self.files.exists(local):
            self.deleted += 1
        elif action == "Copy" and not known:
            self.created += 1

    # Directories

    def merge_dirs(
        self,
        localdir: str,
        remotedir: str,
        flag: str | None = None,
        special: bool = False,
    ) -> None:
        """Merge a remote directory into a local one; either may not exist.

        ``special`` directories hold extras or annotations and have no entry;
        ``flag`` is then that of their object.
        """
        lexists = self.files.isdir(localdir)
        rexists = self.remote.kind(remotedir) == "dir"
        if special and not lexists and not rexists:
            return
        lnames = self.metadata.getnames(localdir)
        rnames = self.remote.getnames(remotedir)
        if not special:
            flag = self.metadata.getentry(localdir).get("flag")
        if not (lnames or rnames or special) and self._merge_empty(
            localdir, remotedir, flag
        ):
            return
        if not lexists:
            if flag == "removed":
                # Of an object; a directory is not merged then.
                self.report.directory("R", localdir)
                return
            if rexists:
                self._new_dir(localdir, remotedir)
        elif not rexists and flag != "added":
            self._merge_removed_dir(localdir, remotedir, lnames)
            return
        elif not special:
            self._report_known_dir(localdir, remotedir, flag)
        self._merge_children(localdir, remotedir)
        if special:
            self.metadata.release(localdir)
        self.remote.release(remotedir)

    def _merge_empty(self, localdir: str, remotedir: str, flag: str | None) -> bool:
        """Merge a directory without registered children; False if more is to do."""
        lentry = self.metadata.getentry(localdir)
        rentry = self.remote.getentry(remotedir)
        lexists = self.files.isdir(localdir)
        if not lentry and not rentry:
            if lexists:
                self.report.directory("?", localdir)
        elif rentry and not lexists and (not lentry or flag == "added"):
            # A directory that was scheduled to be added may have been deleted.
            self._new_dir(localdir, remotedir)
        elif not lentry:
            self.make_dir(localdir)
            self.merger.adopt_entry(localdir, remotedir)
            self.report.directory("*", localdir)
        elif flag == "added":
            self._report_known_dir(localdir, remotedir, flag)
        elif not rentry:
            self._merge_removed_dir(localdir, remotedir, [])
        else:
            if lexists and self.remote.kind(remotedir) == "dir":
                # It may have been a file until now.
                self.metadata.getmanager(localdir).required = True
            return False
        return True

    def _new_dir(self, localdir: str, remotedir: str) -> None:
        self.make_dir(localdir)
        if self.remote.getentry(remotedir):
            self.merger.adopt_entry(localdir, remotedir)
        self.report.directory("N", localdir)

    def _report_known_dir(
        self, localdir: str, remotedir: str, flag: str | None
    ) -> None:
        known = bool(self.remote.getentry(remotedir))
        if known:
            self.merger.adopt_entry(localdir, remotedir)
        if flag == "added":
            self.report.directory("U" if known else "A", localdir)
        else:
            self.report.directory("/", localdir)

    def _merge_removed_dir(
        self, localdir: str, remotedir: str, lnames: list[str]
    ) -> None:
        """The server removed the directory: what was edited here stays."""
        self.gone.append(remotedir)
        before = len(self.conflicts)
        for name in lnames:
            self.merge(join(localdir, name), self.join_remote(remotedir, name))
        if (
            len(self.conflicts) > before
            or self.metadata.getnames(localdir)
            or self.removal.are_specials_modified(localdir)
            or self.distrust
        ):
            self._keep_dir(localdir)
        else:
            self.clear_dir(localdir)

    def _keep_dir(self, localdir: str) -> None:
        """Schedule a directory to be added again, for what is left in it."""
        entry = self.metadata.getentry(localdir)
        if entry:
            entry["flag"] = "added"
            self.report.directory("A", localdir)

    def _merge_children(self, localdir: str, remotedir: str) -> None:
        for lname, rname in self.names.pairs(localdir, remotedir):
            self.merge(join(localdir, lname), self.join_remote(remotedir, rname))

    def _stays(self, local: str) -> bool:
        """Return True if it is kept here although it is not on the server."""
        return self.files.exists(local) and self.removal.is_modified(local)

    def make_dir(self, localdir: str) -> None:
        """Make a local directory that is known to have no children yet."""
        self.files.mkdir(localdir)
        self.metadata.getmanager(localdir).required = True

    def clear_dir(self, localdir: str) -> None:
        """Unregister a directory; it stays where something is left in it."""
        self.metadata.getentry(localdir).clear()
        self.removal.remove_control(localdir)
        if not self.files.isdir(localdir):
            return
        self.report.directory("D" if self.files.rmdir(localdir) else "?", localdir)
