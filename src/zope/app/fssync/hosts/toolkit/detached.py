"""Objects of the toolkit that outlive the request."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from copy import copy
from typing import Any

from zope.component.hooks import getSite
from zope.component.hooks import setSite
from zope.interface import implementer
from zope.publisher.base import BaseRequest
from zope.security.interfaces import IParticipation
from zope.security.management import getSecurityPolicy
from zope.security.management import queryInteraction
from zope.security.management import thread_local

from zope.app.fssync.server.interfaces import IDetached
from zope.app.fssync.server.ownconnection import OwnConnection
from zope.app.fssync.server.ownconnection import own_connection

__all__ = ["Detached"]


@implementer(IParticipation)
class Participation:
    """The participation of a caller without a request."""

    interaction: Any = None

    def __init__(self, principal: Any) -> None:
        self.principal = principal


def _outliving(participation: Any, connection: Any) -> Any:
    """Return a participation with the same data that outlives the request."""
    if not isinstance(participation, BaseRequest):
        return Participation(participation.principal)
    request: Any = copy(participation)
    request.interaction = None
    request._held = ()
    request._body_instream = None
    # Other annotations, as caches, may hold objects of the old connection.
    request.annotations = {"ZODB.interfaces.IConnection": connection}
    with suppress(AttributeError):
        del request.__annotations__
    return request


@implementer(IDetached)
class Detached(OwnConnection):
    """See `IDetached`."""

    def __init__(self, obj: Any, participation: Any) -> None:
        connection = own_connection(obj)
        super().__init__(connection, connection.get(obj._p_oid))
        self._site = self._own(getSite())
        # Create a new interaction, since that of the request ends with it.
        self._interaction = getSecurityPolicy()(_outliving(participation, connection))

    def _own(self, obj: Any) -> Any:
        oid = getattr(obj, "_p_oid", None)
        return obj if oid is None else self._connection.get(oid)

    @contextmanager
    def active(self) -> Iterator[None]:
        """See `IDetached`."""
        interaction, site = queryInteraction(), getSite()
        thread_local.interaction = self._interaction
        setSite(self._site)
        try:
            yield
        finally:
            setSite(site)
            thread_local.interaction = interaction
