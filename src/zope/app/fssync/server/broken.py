"""Objects whose record is lost in the database, or whose class cannot be imported.

They are withheld from everybody and counted, and their classes are logged.  All other
objects are sent; clients keep the copies that they have of the lost ones.
"""

from __future__ import annotations

import logging
from typing import Any

from ZODB.broken import Broken
from zope.component import getUtility

from zope.app.fssync.server.interfaces import IHost
from zope.fssync.errors import SynchronizationError
from zope.fssync.synchronizer import dottedname

__all__ = ["DatabaseDamaged", "is_broken", "note_blob", "note_lost"]

log = logging.getLogger(__name__)


class DatabaseDamaged(SynchronizationError):
    """Some of the requested objects cannot be read."""


def note_lost(obj: Any, error: Exception) -> None:
    """Log an object whose record is lost."""
    log.error("an object of %s is lost: oid %s", dottedname(type(obj)), error)


def is_broken(klass: type) -> bool:
    """Return True if a class replaces one that can no longer be imported."""
    if issubclass(klass, Broken):
        log.error("the class %s is gone", dottedname(klass))
        return True
    return False


def note_blob(obj: Any, place: Any) -> None:
    """Log a part of the object ``place`` that cannot be pickled."""
    log.warning(
        "a part of %s is withheld: it holds a blob, and nothing describes %s",
        getUtility(IHost).identity(place) or repr(obj),
        dottedname(type(obj)),
    )
