"""Objects of types that nobody described: a pickle with all that is in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from typing import ClassVar

from Acquisition import aq_base
from zope.interface import implementer

from zope.app.fssync.ofs.interfaces import IGuarded
from zope.app.fssync.ofs.permissions import ANYTHING
from zope.fssync.synchronizer import DefaultSynchronizer

__all__ = ["WholeSynchronizer"]


@implementer(IGuarded)
class WholeSynchronizer(DefaultSynchronizer):
    """Writes an object as a pickle, without the place it was found in."""

    permissions: ClassVar[Mapping[str, str]] = {
        "read": ANYTHING,
        "write": ANYTHING,
        "add": ANYTHING,
        "delete": "Delete objects",
    }

    def __init__(self, context: Any) -> None:
        super().__init__(aq_base(context))
