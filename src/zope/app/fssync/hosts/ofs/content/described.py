"""Find the class that describes the objects of a class of Zope."""

from __future__ import annotations

from typing import Any

from Acquisition import aq_base

from zope.app.fssync.server.registration import registration
from zope.fssync.registry.synchronizers import find

__all__ = ["synchronizer_class"]


def synchronizer_class(obj: Any) -> Any:
    """Return the factory of the synchronizer of an object, usually a class."""
    found = find(aq_base(obj))
    return None if found is None else registration(found.factory).factory
