"""Load the references by path in pickles that the caller may follow."""

from __future__ import annotations

from typing import Any

from zope.component import adapter
from zope.component import getUtility
from zope.interface import implementer
from zope.location.traversing import LocationPhysicallyLocatable

from zope.app.fssync.server.interfaces import IHost
from zope.fssync.errors import PickleRefused
from zope.fssync.errors import Withheld
from zope.fssync.interfaces import IPersistentIdLoader
from zope.fssync.interfaces import IUnpickler
from zope.fssync.messages import _
from zope.fssync.pickle import PathPersistentLoader
from zope.fssync.terminal import escape

__all__ = ["GuardedPathLoader"]


@adapter(IUnpickler)
@implementer(IPersistentIdLoader)
class GuardedPathLoader(PathPersistentLoader):
    """Find objects by path, if the caller may read them.

    The error for a path below an object that the caller may not read is the same
    whether or not an object exists there.
    """

    def load(self, id: str) -> Any:
        """See `IPersistentIdLoader`."""
        try:
            obj = self._found(id)
        except PickleRefused:
            if id.startswith("/") and self._is_hidden(id):
                raise _withheld(id) from None
            raise
        if obj is not self.parent and not self._may_read(obj):
            raise _withheld(id)
        return obj

    def _found(self, id: str) -> Any:
        obj = getUtility(IHost).bare(super().load(id))
        if id.startswith("/") and LocationPhysicallyLocatable(obj).getPath() != id:
            # Traversal finds views and attributes, too.
            raise PickleRefused(
                _("${id} is not the path of an object", mapping={"id": escape(id)})
            )
        return obj

    def _may_read(self, obj: Any) -> bool:
        return getUtility(IHost).access()(obj) is not None

    def _is_hidden(self, path: str) -> bool:
        """Return True if the caller may not read the nearest existing container."""
        while path:
            path = path.rpartition("/")[0]
            try:
                return not self._may_read(self._found(path or "/"))
            except PickleRefused:
                continue
        return False


def _withheld(id: str) -> Withheld:
    return Withheld(
        _("you may not refer to ${id}", mapping={"id": escape(id)}), path=id
    )
