"""References in pickles, by path, as far as the caller may follow them."""

from __future__ import annotations

from typing import Any

from zope.component import adapter
from zope.component import getUtility
from zope.interface import implementer

from zope.app.fssync.host.interfaces import IHost
from zope.fssync import paths
from zope.fssync.errors import Withheld
from zope.fssync.interfaces import IPersistentIdLoader
from zope.fssync.interfaces import IUnpickler
from zope.fssync.pickle import PathPersistentLoader

__all__ = ["GuardedPathLoader"]


@adapter(IUnpickler)
@implementer(IPersistentIdLoader)
class GuardedPathLoader(PathPersistentLoader):
    """Finds objects by path; what the caller may not read he may not refer to."""

    def load(self, id: str) -> Any:
        """See `IPersistentIdLoader`."""
        host = getUtility(IHost)
        obj = host.bare(super().load(id))
        if obj is not self.parent and host.access()(obj) is None:
            raise Withheld("you may not refer to %s", paths.printable(id), path=id)
        return obj
