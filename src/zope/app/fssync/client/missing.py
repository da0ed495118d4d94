"""Distinguish removed objects from hidden ones if a response lacks them.

An object that a permission hides is never taken for removed; and no update deletes a
great part of a working copy unless the user agrees.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from collections.abc import Iterable
from os.path import join
from typing import TYPE_CHECKING

from zope.app.fssync.client.connection import Network
from zope.app.fssync.protocol.views import HIDDEN
from zope.fssync.errors import Error
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import Limits
from zope.fssync.terminal import escape

if TYPE_CHECKING:
    from zope.fssync.fileinterfaces import IFileTree
    from zope.fssync.fileinterfaces import IMetadata
    from zope.fssync.fsmerger import FSMerger

__all__ = ["MissingObjects", "check_deletions"]


class MissingObjects:
    """The objects that the archive of the object at ``path`` lacks.

    ``withheld`` is the number of hidden objects as the server wrote it.
    ``hidden`` collects the paths in the archive that are known to be hidden: the server
    only names paths that it was asked about.
    """

    def __init__(self, network: Network, path: str, withheld: str) -> None:
        self.hidden: set[str] = set()
        self._network = network
        self._path = path
        self._any = withheld != "0"
        self._asked: set[str] = set()

    def ask(self, gone: Iterable[str]) -> bool:
        """Ask which of these paths are hidden; return True if any is."""
        new = sorted(set(gone) - self._asked) if self._any else []
        if not new:
            return False
        self._asked.update(new)
        question = io.BytesIO("".join(f"{path}\n" for path in new).encode("utf-8"))
        kind = "text/plain"
        stream, _ = self._network.httpreq(
            self._path, HIDDEN, question, f"{kind};charset=utf-8", kind
        )
        with stream:
            answer = stream.read(DEFAULT.entries_size).decode("utf-8", "replace")
        found = self._asked.intersection(answer.splitlines())
        self.hidden |= found
        return bool(found)


def check_deletions(
    merger: FSMerger,
    target: str,
    accept: Callable[[str], bool],
    limits: Limits = DEFAULT,
) -> None:
    """Refuse to delete a great part of ``target``.

    ``accept`` is called with a question and returns True to allow it.
    """
    count = merger.deleted
    if count <= limits.few_deletions:
        return
    total = count + _registered(merger.metadata, merger.files, target) - merger.created
    if count <= limits.deletions and 2 * count <= total:
        return
    what = f"the update deletes {count} of {total} files in {escape(target)}"
    if not accept(what):
        raise Error(
            f"{what}, which nobody has confirmed",
            path=target,
            advice="Nothing was changed here. If the server has removed them on "
            "purpose, say 'zsync update --accept-deletions'.",
        )


def _registered(metadata: IMetadata, files: IFileTree, target: str) -> int:
    """Return the number of files that are registered at and below ``target``."""
    count, stack = 0, [target]
    while stack:
        path = stack.pop()
        if files.isdir(path):
            stack.extend(join(path, name) for name in metadata.getnames(path))
        else:
            count += bool(metadata.getentry(path))
    return count
