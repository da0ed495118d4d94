"""Extras and annotations: each of them is a file with permissions of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from AccessControl.Permissions import manage_properties
from AccessControl.Permissions import view_management_screens
from zope.interface import implementer

from zope.app.fssync.hosts.ofs.interfaces import IGuarded
from zope.fssync import parts

__all__ = ["PartsSynchronizer"]


@implementer(IGuarded)
class PartsSynchronizer(parts.PartsSynchronizer):
    """List extras or annotations; the synchronizer of each one checks permissions."""

    permissions: ClassVar[Mapping[str, str | None]] = {
        "read": view_management_screens,
        "write": manage_properties,
    }
