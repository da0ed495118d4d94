"""Find the changes to send back to a client that has sent an archive of changes."""

from __future__ import annotations

from typing import Any

from zope.fssync.changeset import NODE
from zope.fssync.changeset import TREE
from zope.fssync.changeset import Scope
from zope.fssync.repository import SnarfRepository
from zope.fssync.task.delta import Changed
from zope.fssync.task.walk import original_key

__all__ = ["submitted"]


def submitted(
    repository: SnarfRepository, scope: Scope, name: str, fspath: str
) -> tuple[Changed, list[str]]:
    """Return the changes that were sent, and the paths of the removed objects.

    ``name`` is the name of the object, ``fspath`` its path in the archive.  The
    directory of an added or removed item is included: its date may change.
    """
    walk = _Walk(repository, scope)
    walk.visit(walk.changed, fspath, name)
    return walk.changed.at([name]), walk.gone


class _Walk:
    def __init__(self, repository: SnarfRepository, scope: Scope) -> None:
        self.scope = scope
        self.metadata = repository.getMetadata()
        self.changed = Changed()
        self.gone: list[str] = []

    def visit(self, above: Changed, path: str, key: Any) -> None:
        entry = self.metadata.getentry(path)
        flag = entry.get("flag")
        if flag:
            above.marks.add(NODE)
        if flag == "removed":
            self.gone.append(path)
            return
        if self.scope.has(TREE, path):
            above.at([key]).marks.add(TREE)
            return
        if self.scope.has(NODE, path):
            above.at([key]).marks.add(NODE)
        for name in self.metadata.getnames(path):
            below = f"{path}/{name}"
            if self.scope.touches(below):
                child = original_key(self.metadata.getentry(below), name)
                self.visit(above.at([key]), below, child)
