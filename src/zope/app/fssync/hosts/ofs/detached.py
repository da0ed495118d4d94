"""Objects of Zope that outlive the request."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from AccessControl import getSecurityManager
from AccessControl.SecurityManagement import newSecurityManager
from AccessControl.SecurityManagement import setSecurityManager
from Acquisition import aq_acquire
from Acquisition import aq_chain
from Acquisition import aq_inner
from Acquisition import aq_parent
from OFS.interfaces import IObjectManager
from zope.component.hooks import getSite
from zope.component.hooks import setSite
from zope.globalrequest import getRequest
from zope.globalrequest import setRequest
from zope.interface import directlyProvidedBy
from zope.interface import directlyProvides
from zope.interface import implementer
from zope.security.management import getSecurityPolicy
from zope.security.management import queryInteraction
from zope.security.management import thread_local
from ZPublisher.BaseRequest import RequestContainer
from ZPublisher.HTTPRequest import HTTPRequest

from zope.app.fssync.hosts.ofs.users import described
from zope.app.fssync.server.database import FATAL
from zope.app.fssync.server.interfaces import IDetached
from zope.app.fssync.server.ownconnection import OwnConnection
from zope.app.fssync.server.ownconnection import own_connection

__all__ = ["Detached", "detached"]

log = logging.getLogger(__name__)


@implementer(IDetached)
class Detached(OwnConnection):
    """See `IDetached`: object, user and site are in a connection of their own.

    The request is a copy, since the original ends before the archive is sent.
    """

    def __init__(
        self, connection: Any, obj: Any, user: Any, site: Any, request: Any
    ) -> None:
        super().__init__(connection, obj)
        self._user = user
        self._site = site
        self._request = request

    @contextmanager
    def active(self) -> Iterator[None]:
        """See `IDetached`."""
        manager, site, request = getSecurityManager(), getSite(), getRequest()
        interaction = queryInteraction()
        setRequest(self._request)
        newSecurityManager(self._request, self._user)
        thread_local.interaction = getSecurityPolicy()()
        setSite(self._site)
        try:
            yield
        finally:
            setSite(site)
            thread_local.interaction = interaction
            setSecurityManager(manager)
            setRequest(request)


#: The attributes of a request that hold its URL, beside its variables.
_PLACE = ("_script", "_steps", "steps", "_urls", "base", "script")


def _outliving(request: Any) -> Any:
    """Return a copy of a request that outlives it."""
    environ = dict(request.environ)
    if request._auth:
        environ["HTTP_AUTHORIZATION"] = request._auth
    copy = type(request)(None, environ, type(request.response)(), clean=1)
    directlyProvides(copy, directlyProvidedBy(request))
    # Variables may hold objects of the connection, which closes with the request.
    copy.other.update(
        (name, value)
        for name, value in request.other.items()
        if isinstance(value, (str, int, float, bytes, tuple))
    )
    copy.form.update(request.form)
    vars(copy).update(
        (name, value) for name, value in vars(request).items() if name in _PLACE
    )
    return copy


def detached(obj: Any) -> Detached | None:
    """Return an `IDetached` of an object, None if that is not possible.

    It is not possible for users that are in no user folder, or whose rights may depend
    on the request, for sites outside of the tree, and in mounted databases.
    """
    user = getSecurityManager().getUser()
    users = aq_parent(aq_inner(user))
    request = aq_acquire(obj, "REQUEST", default=None)
    if users is None or user.getId() is None or not isinstance(request, HTTPRequest):
        return None
    connection = own_connection(obj)
    try:
        found = _find_all(connection, obj, user, users, _outliving(request))
    except BaseException:
        connection.close()
        raise
    if found is None:
        connection.close()
    return found


def _find_all(
    connection: Any, obj: Any, user: Any, users: Any, request: Any
) -> Detached | None:
    """Find the object, the user and the site in a new connection."""
    root = connection.root().get("Application")
    if root is None:
        return None
    app = root.__of__(RequestContainer(REQUEST=request))
    found = _find(app, aq_inner(obj).getPhysicalPath())
    same = _same(_find(app, users.getPhysicalPath()), user)
    site = getSite()
    own_site = _find(app, _path(site))
    if found is None or same is None or found._p_oid != obj._p_oid:
        return None
    if (site is None) is not (own_site is None):
        return None
    request["PARENTS"] = [each for each in aq_chain(found) if hasattr(each, "_p_oid")]
    request["AUTHENTICATED_USER"] = same
    return Detached(connection, found, same, own_site, request)


def _path(site: Any) -> tuple[str, ...] | None:
    """Return the path of a site, None if it does not know its place."""
    path = getattr(site, "getPhysicalPath", None)
    return None if path is None else tuple(path())


def _same(folder: Any, user: Any) -> Any:
    """Return the user in the new connection, None if their rights differ there."""
    if folder is None:
        return None
    try:
        found = folder.getUserById(user.getId())
    except FATAL:
        raise
    except Exception:
        # Plugins may need the request, which has ended by then.
        log.warning("%r is found in a request only", user, exc_info=True)
        return None
    if found is None:
        return None
    found = found.__of__(folder)
    return found if described(found) == described(user) else None


def _find(app: Any, path: tuple[str, ...] | None) -> Any:
    """Return the object stored at a path, without traversal hooks."""
    if path is None:
        return None
    found = app
    for name in path[1:]:
        if not IObjectManager.providedBy(found):
            return None
        found = found._getOb(name, None)
    return found
