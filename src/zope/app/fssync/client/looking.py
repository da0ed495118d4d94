"""Looking at a working copy: what needs neither a server nor a change.

Commands that only look start with this and load nothing else.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from collections.abc import Iterable
from contextlib import AbstractContextManager
from contextlib import nullcontext
from os.path import join

from zope.app.fssync.client.status import Status
from zope.app.fssync.client.workingcopy import CompactTree
from zope.app.fssync.client.workingcopy import WorkingCopy
from zope.app.fssync.client.workingcopy.statcache import Unchanged
from zope.fssync import fsutil
from zope.fssync.errors import Error
from zope.fssync.errors import UnsafeData
from zope.fssync.fileinterfaces import IFileTree
from zope.fssync.files import Tree
from zope.fssync.files import chunks
from zope.fssync.metadata import Metadata

__all__ = ["Looking", "looking"]


class Looking:
    """What is known of files, and whom to tell; see `FSSync`."""

    def __init__(
        self,
        metadata: Metadata | None = None,
        reporter: Callable[[str], object] | None = None,
    ) -> None:
        self._report = reporter or (lambda line: None)
        self._changing = False
        self._use(metadata or looking())

    def _use(self, metadata: Metadata) -> None:
        self.metadata = metadata
        self.files: IFileTree = metadata.files

    def multiple(
        self, args: Iterable[str], method: Callable[..., object], *more: object
    ) -> None:
        """Call ``method`` for every target.

        No targets mean the current directory; a directory that is not
        registered itself means what is registered in it.
        """
        for target in list(args) or [os.curdir]:
            self._recover(target)
            names = []
            if not self.metadata.getentry(target):
                names = self.metadata.getnames(target)
            for path in [join(target, name) for name in names] or [target]:
                method(path, *more)

    def status(
        self, target: str, descend_only: bool = False, verbose: bool = True
    ) -> None:
        """Report what is not as the server last sent it."""
        self._recover(target)
        with self._unchanged(target) as unchanged:
            Status(self.metadata, self._report, verbose, unchanged).show(
                target, descend_only
            )

    def cat(self, target: str, write: Callable[[bytes], object]) -> None:
        """Write the file ``target`` as the server last sent it.

        ``write`` is called with bytes.
        """
        self._recover(target)
        original = fsutil.getoriginal(target)
        if not self.files.isfile(original):
            raise Error("the server has sent no file '%s'", target, path=target)
        with self.files.open(original) as stream:
            for chunk in chunks(stream):
                write(chunk)

    def _unchanged(self, target: str) -> AbstractContextManager[Unchanged | None]:
        try:
            root = WorkingCopy.find(target).root
        except Error:
            return nullcontext()
        if not isinstance(self.files, CompactTree):
            return nullcontext()
        return Unchanged(self.files, self.metadata, root)

    def _recover(self, target: str) -> None:
        if not self._changing:
            try:
                copy = WorkingCopy.find(target)
            except UnsafeData:
                raise
            except Error:
                return
            copy.layout()
            if copy.recover():
                self._use(looking())


def looking() -> Metadata:
    """What is known, for verbs that only look."""
    return Metadata(CompactTree(Tree()))
