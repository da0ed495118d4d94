"""Show the differences that a transaction of the log made."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from os.path import basename
from os.path import join

from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.log import Logged
from zope.app.fssync.client.response import find
from zope.app.fssync.client.revisiondiff import Comparison
from zope.app.fssync.client.revisiondiff import has_parts
from zope.app.fssync.client.revisiondiff import side_of
from zope.app.fssync.client.revisions import before
from zope.fssync.errors import AccessDenied
from zope.fssync.errors import Error
from zope.fssync.errors import ServerRefused
from zope.fssync.merge.diffformat import DiffOptions
from zope.fssync.reversemerge import topmost
from zope.fssync.sides import ABSENT
from zope.fssync.sides import Side

__all__ = ["LogDiff"]


class LogDiff:
    """Show the differences that transactions made to ``target``, a path or a URL.

    Only changed objects are fetched.  ``begin`` is called with the path of a file
    before its differences are written.
    """

    def __init__(
        self,
        network: Network,
        target: str,
        write: Callable[[bytes], object],
        begin: Callable[[str], object],
    ) -> None:
        self._network = network
        self._top = find(network, target)
        self._shown = target if "://" not in target else basename(self._top)
        self._comparison = Comparison(
            DiffOptions.parse("-u"), write, begin, parts=has_parts(target)
        )

    def show(self, logged: Logged) -> list[Error]:
        """Show the changes of a transaction; return the reason if some are left out."""
        whole = {
            letter: topmost(
                path for found, path, *_ in logged.changes if found == letter
            )
            for letter in "AD"
        }
        refused: list[Error] = []
        for letter, path, *origin in logged.changes:
            if path not in whole.get(letter, (path,)):
                # It came, or went, with what it was in.
                continue
            older = None if letter == "A" else origin[0] if origin else path
            newer = None if letter == "D" else path
            try:
                self._compare(logged.id, older, newer, path)
            except (AccessDenied, ServerRefused) as error:
                # It was packed away, or is not for the caller: the log goes on.
                refused.append(error)
        return refused

    def _compare(
        self, tid: str, older: str | None, newer: str | None, path: str
    ) -> None:
        is_whole = older is None or newer is None
        with ExitStack() as stack:
            old = self._side(stack, older, before(tid), is_whole)
            new = self._side(stack, newer, tid, is_whole)
            self._comparison.show(old, new, _below(self._shown, path))

    def _side(
        self, stack: ExitStack, path: str | None, at: str, is_whole: bool
    ) -> Side:
        if path is None:
            return ABSENT
        return side_of(stack, self._network, (self._top, path), at, not is_whole)


def _below(shown: str, path: str) -> str:
    """Return the displayed path for a path in the log, which is empty for the top."""
    return join(shown, *path.split("/")) if path else shown
