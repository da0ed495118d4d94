"""Read and write the rules of a sparse working copy: the file `@@Zope/Sparse`.

Each line holds the rules for one top of the working copy: its name, and the words of
`zope.fssync.sparse.Sparse.lines`, all quoted.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from os.path import join
from typing import TYPE_CHECKING

from zope.app.fssync.client.workingcopy.place import control_of
from zope.fssync import fsutil
from zope.fssync import paths
from zope.fssync.errors import UnsafeData
from zope.fssync.files import Tree
from zope.fssync.limits import STATE_SIZE
from zope.fssync.sparse import INFINITY
from zope.fssync.sparse import Keys
from zope.fssync.sparse import Sparse
from zope.fssync.terminal import escape

if TYPE_CHECKING:
    from zope.app.fssync.client.session import ChangingSession
    from zope.app.fssync.client.session import Session
    from zope.fssync.fileinterfaces import IFileTree

__all__ = ["LeftOut", "described", "sparse_path", "told"]


class LeftOut:
    """The rules of a working copy, by the names of the objects at its root."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.tops = dict(_load(session.files, session.root))
        #: The keys of directories, by their paths below the root.
        self._keys: dict[str, Keys] = {}

    def sparse(self, path: str) -> Sparse | None:
        """Return the rules for a path and all below it, None without any."""
        if not self.tops:
            return None
        keys = self.keys(path)
        rules = self.tops.get(keys[0]) if keys else None
        if not rules:
            return None
        found = Sparse.of_words(rules.lines())
        found.place = tuple(map(paths.nfc, keys[1:]))
        return found

    def leaves_out(self, path: str, is_directory: bool | None = None) -> bool:
        """Return True if an object is left out; None stands for either kind."""
        return self.leaves_out_item(*fsutil.split(path), is_directory)

    def leaves_out_item(
        self, directory: str, key: str, is_directory: bool | None
    ) -> bool:
        """Return True if the item ``key`` of a directory is left out."""
        if not self.tops:
            return False
        keys = self.keys(directory)
        rules = self.tops.get(keys[0]) if keys else None
        if rules is None:
            return False
        kinds = (True, False) if is_directory is None else (is_directory,)
        return any(rules.leaves_out((*keys[1:], key), kind) for kind in kinds)

    def may_lack(self, path: str) -> bool:
        """Return True if something at or below a path may be left out."""
        sparse = self.sparse(path)
        return sparse is not None and sparse.may_lack()

    def keys(self, path: str) -> Keys:
        """Return the name of the top, and the keys that lead from there to a path.

        Empty for the root itself, and for parts of objects.
        """
        inside = self._session.inside(path or os.curdir)
        if not inside or inside == os.curdir:
            return ()
        if inside not in self._keys:
            top, *names = inside.split("/")
            local, keys = join(self._session.root or "", top), [top]
            for name in names:
                local = join(local, name)
                keys.append(self._session.metadata.getentry(local).get("key", name))
            self._keys[inside] = tuple(keys)
        return self._keys[inside]

    # Changing the rules

    def set(self, top: str, sparse: Sparse | None) -> None:
        """Set the rules of the object ``top`` at the root."""
        if sparse:
            sparse.place = ()
            self.tops[top] = sparse
        else:
            self.tops.pop(top, None)

    def want(self, session: ChangingSession, path: str) -> None:
        """Include an object that was left out, unless it is registered."""
        if not self.tops or not self.leaves_out(path):
            return
        top, *keys = self.keys(path)
        self.tops[top].set(keys, INFINITY)
        self.save(session)

    def save(self, session: ChangingSession) -> None:
        """Write the changed rules."""
        from urllib.parse import quote

        lines = [
            " ".join([quote(top, safe="", errors="surrogatepass"), *sparse.lines()])
            for top, sparse in sorted(self.tops.items())
        ]
        path = sparse_path(session.root)
        if lines:
            text = "".join(f"{line}\n" for line in lines)
            session.files.write(path, [text.encode("ascii")])
        elif session.files.isfile(path):
            session.files.remove(path)


def sparse_path(root: str) -> str:
    """Return the path of the rules of a working copy."""
    return join(control_of(root), paths.SPARSE)


def _load(files: IFileTree, root: str | None) -> Iterator[tuple[str, Sparse]]:
    path = None if root is None else sparse_path(root)
    if path is None or not files.isfile(path):
        return
    from urllib.parse import unquote

    with files.open(path) as stream:
        text = stream.read(STATE_SIZE).decode("ascii", "replace")
    for line in text.splitlines():
        top, *words = line.split(" ")
        try:
            yield unquote(top, errors="surrogatepass"), Sparse.of_words(words)
        except ValueError as error:
            raise UnsafeData(
                f"the rules of what is left out are damaged: {error}",
                path=path,
                advice=f"Delete '{escape(path)}'; the next 'zsync update' brings "
                "everything.",
            ) from None


def described(sparse: Sparse) -> str:
    """Return in words what an object leaves out besides its depth."""
    words = []
    place = len(sparse.place)
    for path, own in sorted(sparse.depths.items()):
        if len(path) > place and path[:place] == sparse.place and own != INFINITY:
            shown = escape("/".join(path[place:]))
            words.append(f"without {shown}" if own == "exclude" else f"{shown} {own}")
    words.extend(f"without {escape(each)}" for each in sparse.patterns)
    return ", ".join(words)


def told(root: str) -> Iterator[str]:
    """Yield the messages about what a working copy leaves out."""
    for top, sparse in sorted(_load(Tree(), root)):
        if sparse:
            depth = sparse.depth()
            words = [f"depth {depth}"] if depth != INFINITY else []
            words += filter(None, [described(sparse)])
            yield f"hint: left out here of {escape(top)}: {', '.join(words)}"
