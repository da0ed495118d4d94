"""How the class of an object of Zope is described."""

from __future__ import annotations

from typing import Any

from Acquisition import aq_base

from zope.app.fssync.server.registration import registration
from zope.fssync.registry.synchronizers import find

__all__ = ["synchronizer_class"]


def synchronizer_class(obj: Any) -> Any:
    """Return what makes the synchronizer of an object, usually its class."""
    found = find(aq_base(obj))
    return None if found is None else registration(found.factory).factory
