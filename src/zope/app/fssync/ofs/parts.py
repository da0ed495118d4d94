"""What has no synchronizer of its own: unknown objects, extras, annotations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from typing import ClassVar

from AccessControl.Permissions import manage_properties
from AccessControl.Permissions import view_management_screens
from Acquisition import aq_base
from zope.interface import implementer

from zope.app.fssync.ofs.interfaces import IGuarded
from zope.fssync.synchronizer import DefaultSynchronizer
from zope.fssync.synchronizer import DirectorySynchronizer

__all__ = ["PartsSynchronizer", "WholeSynchronizer"]


class WholeSynchronizer(DefaultSynchronizer):
    """Writes an object as a pickle, without the place it was found in."""

    def __init__(self, context: Any) -> None:
        super().__init__(aq_base(context))


@implementer(IGuarded)
class PartsSynchronizer(DirectorySynchronizer):
    """Lists extras or annotations; each of them asks for more."""

    permissions: ClassVar[Mapping[str, str | None]] = {
        "read": view_management_screens,
        "write": manage_properties,
    }
