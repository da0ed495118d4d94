"""A session of the client with a working copy.

A verb looks at files and metadata through its session, and so changes all of
them or nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from os.path import join

from zope.app.fssync.client.addresses import address
from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.looking import Looking
from zope.app.fssync.client.looking import looking
from zope.app.fssync.client.workingcopy import CompactChanges
from zope.app.fssync.client.workingcopy import WorkingCopy
from zope.app.fssync.client.workingcopy.naming import twin_advice
from zope.fssync.errors import Error
from zope.fssync.fsmerger import FSMerger
from zope.fssync.metadata import Metadata

__all__ = ["Session"]


class Session(Looking):
    """What the verbs share: metadata, files, and whom to tell.

    See `zope.app.fssync.fssync.FSSync`.
    """

    def __init__(
        self,
        metadata: Metadata | None = None,
        network: Network | None = None,
        rooturl: str | None = None,
        overwrite_local: bool = False,
        reporter: Callable[[str], object] | None = None,
    ) -> None:
        self.network = network or Network()
        self.network.setrooturl(rooturl)
        # 3.6.0 replaced edits by what the server sent if this was set.  It is
        # still passed by callers of that release; no edit is replaced here.
        self.overwrite_local = overwrite_local
        self.conflicts: list[str] = []
        # Asked before an update deletes a great part of the files.
        self.accept_deletions: Callable[[str], bool] = lambda question: False
        super().__init__(metadata, reporter)

    def reporter(self, msg: str) -> None:
        """Pass a line on, unless it says that nothing happened."""
        if msg[0] not in "/*":
            self._report(msg)

    # Sessions

    @contextmanager
    def _session(
        self, target: str, verb: str, named: str | None = None
    ) -> Iterator[None]:
        """Make the changes of a verb all or nothing; verbs may call verbs.

        ``named`` is what the person called it, where that is not ``target``.
        """
        if self._changing:
            yield
            return
        with self._changes(WorkingCopy.find(target, named), verb):
            yield

    @contextmanager
    def _changes(self, copy: WorkingCopy, verb: str) -> Iterator[CompactChanges]:
        self._changing = True
        try:
            with copy.changing(verb) as changes:
                self._use(Metadata(changes))
                yield changes
                self.metadata.flush()
            for path in changes.journal.kept:
                self.fsmerger.reportconflict(path)
                self.conflicts.append(path)
        finally:
            self._changing = False
            self._use(looking())

    def _use(self, metadata: Metadata) -> None:
        super()._use(metadata)
        self.fsmerger = FSMerger(metadata, self.reporter, files=self.files)

    def _entry(self, target: str) -> dict[str, str]:
        entry = self.metadata.getentry(target)
        if not entry:
            advice = twin_advice(self.metadata, target)
            raise Error("nothing known about", target, path=target, advice=advice)
        return entry

    def _single(self, target: str) -> str:
        """A directory that holds one registered object stands for it."""
        if not self.metadata.getentry(target):
            names = self.metadata.getnames(target)
            if len(names) == 1:
                return join(target, names[0])
        return target

    def _address(self, target: str) -> str:
        """Turn to the server, and return the path of ``target`` on it.

        Requests for this path say which object is meant.
        """
        entry = self._entry(target)
        root = WorkingCopy.find(target).root
        self.network.loadrooturl(root)
        assert self.network.location is not None
        path = address(self.metadata, self.files, root, self.network.location, target)
        known = None if entry.get("flag") == "added" else entry.get("id")
        self.network.mean(path, known)
        return path

    def _id(self, target: str) -> str:
        path = self._entry(target).get("id")
        if not path:
            raise Error("its path on the server is unknown:", target, path=target)
        return path
