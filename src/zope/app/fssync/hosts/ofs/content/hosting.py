"""Synchronize Virtual Host Monsters as files with their map of hosts."""

from __future__ import annotations

from collections.abc import Callable

from Acquisition import aq_base
from zope.interface import implementer

from zope.app.fssync.content.source import SourceSynchronizer
from zope.app.fssync.hosts.ofs.content.synchronizer import FileBody
from zope.fssync.interfaces import IFileSynchronizer

__all__ = ["VirtualHostMonsterSynchronizer"]


@implementer(IFileSynchronizer)
class VirtualHostMonsterSynchronizer(
    FileBody,
    SourceSynchronizer,
    write="Add Site Roots",
    add="Add Virtual Host Monsters",
):
    """Synchronize a Virtual Host Monster."""

    body = frozenset(("fixed_map", "have_map", "lines", "sub_map", "title"))

    def source(self) -> str:
        """See `SourceSynchronizer`."""
        # Zope appends comments to lines.
        lines = (line.split("#!")[0].strip() for line in aq_base(self.context).lines)
        return "".join(f"{line}\n" for line in lines)

    def replace(self, source: str) -> Callable[[], None]:
        """See `SourceSynchronizer`: paths are resolved when all objects exist."""

        def set_map() -> None:
            self.context.set_map(source)

        return set_map
