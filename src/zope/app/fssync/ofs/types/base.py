"""What the synchronizers of all content types of Zope share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from typing import ClassVar

from zope.interface import implementer

from zope.app.fssync.ofs.interfaces import IGuarded
from zope.app.fssync.ofs.types.aspect import Aspect
from zope.app.fssync.ofs.types.aspect import Aspects
from zope.app.fssync.ofs.types.attributes import OtherAttributes
from zope.app.fssync.ofs.types.permissions import SOURCE
from zope.app.fssync.ofs.types.security import LocalRoles
from zope.app.fssync.ofs.types.security import Owner
from zope.app.fssync.ofs.types.security import PermissionSettings
from zope.app.fssync.ofs.types.security import Roles
from zope.fssync.interfaces import IFileSynchronizer
from zope.fssync.synchronizer import Synchronizer

__all__ = [
    "SECURITY",
    "FileBody",
    "ObjectSynchronizer",
    "permissions",
]

#: The aspects of anything that has a place in the tree.
SECURITY: tuple[type[Aspect], ...] = (
    Owner,
    PermissionSettings,
    Roles,
    LocalRoles,
    OtherAttributes,
)


def permissions(write: str, add: str, read: str = SOURCE) -> dict[str, str]:
    """Return the permissions of a type, see `IGuarded`."""
    return {"read": read, "write": write, "add": add, "delete": "Delete objects"}


@implementer(IGuarded)
class ObjectSynchronizer(Synchronizer):
    """Base of the synchronizers of Zope's content types."""

    permissions: ClassVar[Mapping[str, str]]

    #: The parts that objects of the type have.
    aspects: ClassVar[tuple[type[Aspect], ...]] = SECURITY

    #: Attributes that the body tells, or that follow from it.
    body: ClassVar[frozenset[str]] = frozenset()

    #: All attributes that some file tells.
    described: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls, **kw: Any) -> None:
        super().__init_subclass__(**kw)
        cls.described = cls.body.union(*(aspect.covers for aspect in cls.aspects))

    def extras(self) -> Aspects:
        """See `ISerializer`."""
        return Aspects(self.aspects, self.context)

    def setextras(self, extras: Mapping[str, Any]) -> None:
        """Do nothing: the parts of an object are changed when they are loaded."""


@implementer(IFileSynchronizer)
class FileBody(ObjectSynchronizer):
    """Base of types that become files."""
