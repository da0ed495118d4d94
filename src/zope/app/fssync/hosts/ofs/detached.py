"""Objects of Zope that outlive the request which found them."""

from __future__ import annotations

import logging
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

from zope.app.fssync.hosts.ofs.users import told
from zope.app.fssync.server.database import FATAL
from zope.app.fssync.server.interfaces import IDetached
from zope.app.fssync.server.ownconnection import OwnConnection
from zope.app.fssync.server.ownconnection import own_connection

__all__ = ["Detached", "detached"]

log = logging.getLogger(__name__)


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

    So it is for users that no folder keeps, or whose rights may come from the request,
    and in mounted databases.
    """
    user = getSecurityManager().getUser()
    users = aq_parent(aq_inner(user))
    if users is None or user.getId() is None:
        return None
    connection = own_connection(obj)
    try:
        found = _find(connection, aq_inner(obj).getPhysicalPath())
        same = _same(_find(connection, users.getPhysicalPath()), user)
    except BaseException:
        connection.close()
        raise
    if found is None or same is None or found._p_oid != obj._p_oid:
        connection.close()
        return None
    return Detached(connection, found, same)


def _same(folder: Any, user: Any) -> Any:
    """Return the user of another connection, None where he has other rights there."""
    if folder is None:
        return None
    try:
        found = folder.getUserById(user.getId())
    except FATAL:
        raise
    except Exception:
        # Plugins may ask the request, which is gone then.
        log.warning("%r is found in a request only", user, exc_info=True)
        return None
    if found is None:
        return None
    found = found.__of__(folder)
    return found if told(found) == told(user) else None


def _find(connection: Any, path: tuple[str, ...]) -> Any:
    """Return what is stored at a path, without any other way of traversal."""
    found = connection.root().get("Application")
    for name in path[1:]:
        if not IObjectManager.providedBy(found):
            return None
        found = found._getOb(name, None)
    return found
