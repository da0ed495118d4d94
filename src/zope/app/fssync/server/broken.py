"""Objects whose record is lost in the database, or whose class cannot be imported.

They are withheld from everybody and counted, and their classes are logged.  All other
objects are sent; clients keep the copies that they have of the lost ones.
"""

from __future__ import annotations

import logging
from typing import Any

from persistent import Persistent
from ZODB.broken import Broken
from ZODB.POSException import POSKeyError
from zope.component import getUtility
from zope.container.contained import ContainedProxyBase
from zope.container.contained import getProxiedObject

from zope.app.fssync.server.interfaces import IHost
from zope.fssync.errors import SynchronizationError
from zope.fssync.pickle import holds_blob
from zope.fssync.picklecontext import current
from zope.fssync.synchronizer import dottedname

__all__ = ["DatabaseDamaged", "is_broken", "is_loadable", "is_writable"]

log = logging.getLogger(__name__)


class DatabaseDamaged(SynchronizationError):
    """Some of the requested objects cannot be read."""


def is_loadable(obj: Any) -> bool:
    """Load an object without security proxies; return False if its record is lost."""
    try:
        if isinstance(obj, ContainedProxyBase):
            # To read an attribute would cost memory, see hosts.toolkit.wrappers.
            Persistent._p_activate(obj)
            obj = getProxiedObject(obj)
        if isinstance(obj, Persistent):
            obj._p_activate()
    except POSKeyError as error:
        log.error("an object of %s is lost: oid %s", dottedname(type(obj)), error)
        return False
    return True


def is_broken(klass: type) -> bool:
    """Return True if a class replaces one that can no longer be imported."""
    if issubclass(klass, Broken):
        log.error("the class %s is gone", dottedname(klass))
        return True
    return False


def is_writable(obj: Any, place: Any) -> bool:
    """Return whether an object found in a place can be written as a pickle.

    The pickle of a part can only hold a blob if the part has files beside it.
    """
    context = current()
    if not context.is_part or context.blobs_beside or not holds_blob(obj):
        return True
    log.warning(
        "a part of %s is withheld: it holds a blob, and nothing describes %s",
        getUtility(IHost).identity(place) or repr(obj),
        dottedname(type(obj)),
    )
    return False
