"""The merge of an archive of changes: only what it speaks of is looked at."""

from __future__ import annotations

from os.path import join

from zope.fssync import paths
from zope.fssync.changeset import GONE
from zope.fssync.changeset import LIST
from zope.fssync.changeset import NODE
from zope.fssync.changeset import TREE
from zope.fssync.changeset import Incomplete
from zope.fssync.changeset import Scope
from zope.fssync.fsmerger import FSMerger

__all__ = ["ScopeMerger"]


class ScopeMerger:
    """Merges what is in the scope of an archive, by a merger of its files."""

    def __init__(self, merger: FSMerger, scope: Scope, directory: str) -> None:
        self.merger = merger
        self.scope = scope
        # Of what is gone the server knows only how it was called by the commit.
        gone = scope.marked(GONE)
        self._gone = {join(directory, *path.split("/")) for path in gone}
        self._gone_remotely = set(map(paths.nfc, gone))
        merger.is_there = self._is_there

    def merge(self, local: str, remote: str) -> None:
        """Merge the remote object, and all below it, into the local one."""
        if not self._touches(local, remote):
            return
        new = self.merger.new_place(local)
        if new is not None and self.merger.remote.kind(remote) is not None:
            with self.merger.in_old_place(local, new):
                self.merge(new, remote)
            return
        removed = self.merger.metadata.getentry(local).get("flag") == "removed"
        if removed and self.merger.remote.kind(remote) == "dir":
            self._contradict(local, remote)
        elif self.scope.has(TREE, remote) or local in self._gone:
            self.merger.merge(local, remote)
        else:
            self._merge_directory(local, remote)

    def _is_there(self, remote: str) -> bool:
        """Return True unless the scope says that nothing is at a remote path."""
        if any(map(self.merger.remote.kind, (remote, paths.nfd(remote)))):
            return True
        if paths.nfc(remote) in self._gone_remotely:
            return False
        above = remote.rpartition("/")[0]
        # Where not all items are listed, nothing says that it has gone.
        return not (self.scope.has(LIST, above) or self.scope.covers(above))

    def _touches(self, local: str, remote: str) -> bool:
        return local in self._gone or self.scope.touches(remote)

    def _contradict(self, local: str, remote: str) -> None:
        self.merger.contradict(local)
        if self.scope.has(NODE, remote) or self.scope.has(TREE, remote):
            self.merger.merge_specials(local, remote)

    def _merge_directory(self, local: str, remote: str) -> None:
        merger = self.merger
        entry = merger.metadata.getentry(local)
        if not entry or merger.remote.kind(remote) != "dir":
            raise Incomplete(local)
        if merger.files.kind(local) != "dir":
            raise Incomplete(local)
        if self.scope.has(NODE, remote):
            merger.merger.adopt_entry(local, remote)
            merger.merge_specials(local, remote)
        self._merge_children(local, remote)

    def _merge_children(self, local: str, remote: str) -> None:
        merger = self.merger
        names = set(merger.remote.getnames(remote))
        registered = set(merger.metadata.getnames(local))
        complete = self.scope.has(LIST, remote)
        for lname, rname in merger.names.pairs(local, remote):
            here, there = join(local, lname), merger.join_remote(remote, rname)
            known = lname in registered
            if self._touches(here, there):
                self.merge(here, there)
            elif rname in names:
                if not known:
                    raise Incomplete(here)
            elif complete and known:
                merger.merge(here, there)
        merger.remote.release(remote)
