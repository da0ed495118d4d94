"""Objects of Zope that outlive the request which found them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from AccessControl import getSecurityManager
from AccessControl.SecurityManagement import newSecurityManager
from AccessControl.SecurityManagement import setSecurityManager
from Acquisition import aq_inner
from Acquisition import aq_parent
from OFS.interfaces import IObjectManager
from zope.interface import implementer

from zope.app.fssync.host.interfaces import IDetached
from zope.app.fssync.host.ownconnection import OwnConnection
from zope.app.fssync.host.ownconnection import own_connection

__all__ = ["Detached", "detached"]


@implementer(IDetached)
class Detached(OwnConnection):
    """See `IDetached`: object and user have a connection of their own."""

    def __init__(self, connection: Any, obj: Any, user: Any) -> None:
        super().__init__(connection, obj)
        self._user = user

    @contextmanager
    def active(self) -> Iterator[None]:
        """See `IDetached`."""
        manager = getSecurityManager()
        newSecurityManager(None, self._user)
        try:
            yield
        finally:
            setSecurityManager(manager)


def detached(obj: Any) -> Detached | None:
    """Return the detached form of an object, None where there can be none.

    So it is for users that no folder keeps, and in mounted databases.
    """
    user = getSecurityManager().getUser()
    users = aq_parent(aq_inner(user))
    if users is None or user.getId() is None:
        return None
    connection = own_connection(obj)
    found = _find(connection, aq_inner(obj).getPhysicalPath())
    folder = _find(connection, users.getPhysicalPath())
    same = None if folder is None else folder.getUserById(user.getId())
    if found is None or same is None or found._p_oid != obj._p_oid:
        connection.close()
        return None
    return Detached(connection, found, same.__of__(folder))


def _find(connection: Any, path: tuple[str, ...]) -> Any:
    """Return what is stored at a path, without any other way of traversal."""
    found = connection.root().get("Application")
    for name in path[1:]:
        if not IObjectManager.providedBy(found):
            return None
        found = found._getOb(name, None)
    return found
