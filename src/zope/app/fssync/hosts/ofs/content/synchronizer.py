"""The base of the synchronizers of all content types of Zope."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import signature
from typing import Any
from typing import ClassVar

from AccessControl.Permissions import delete_objects
from Acquisition import aq_base
from zope.component.interfaces import ISite
from zope.interface import alsoProvides
from zope.interface import implementer
from zope.interface import providedBy
from zope.interface.interface import InterfaceClass
from zope.location.interfaces import IRoot

from zope.app.fssync.hosts.ofs.content.aspect import Aspect
from zope.app.fssync.hosts.ofs.content.aspect import Aspects
from zope.app.fssync.hosts.ofs.content.attributes import OtherAttributes
from zope.app.fssync.hosts.ofs.content.permissions import MARK
from zope.app.fssync.hosts.ofs.content.permissions import SOURCE
from zope.app.fssync.hosts.ofs.content.security import LocalRoles
from zope.app.fssync.hosts.ofs.content.security import Owner
from zope.app.fssync.hosts.ofs.content.security import PermissionSettings
from zope.app.fssync.hosts.ofs.content.security import Roles
from zope.app.fssync.hosts.ofs.interfaces import IGuarded
from zope.app.fssync.hosts.ofs.permissions import require
from zope.fssync import markers
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import IFileSynchronizer
from zope.fssync.interfaces import IMaker
from zope.fssync.messages import _
from zope.fssync.synchronizer import Synchronizer

__all__ = [
    "SECURITY",
    "FileBody",
    "ObjectSynchronizer",
]

#: The aspects of anything that has a place in the tree.
SECURITY: tuple[type[Aspect], ...] = (
    Owner,
    PermissionSettings,
    Roles,
    LocalRoles,
    OtherAttributes,
)


@implementer(IGuarded)
class ObjectSynchronizer(Synchronizer):
    """Base of the synchronizers of Zope's content types.

    The class keywords ``write``, ``add`` and ``read`` are the permissions of a type,
    see `IGuarded`; to remove objects is "Delete objects".
    """

    permissions: ClassVar[Mapping[str, str]]

    #: The parts that objects of the type have.
    aspects: ClassVar[tuple[type[Aspect], ...]] = SECURITY

    #: Attributes that the body describes, or that are computed from it.
    body: ClassVar[frozenset[str]] = frozenset()

    #: Attributes that all objects have; written with the others unless empty.
    usually_empty: ClassVar[frozenset[str]] = frozenset()

    #: See `ISynchronizerFactory`.
    inherited: ClassVar[bool] = True

    #: All attributes that a file describes.
    described: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(
        cls,
        write: str | None = None,
        add: str | None = None,
        read: str = SOURCE,
        **kw: Any,
    ) -> None:
        super().__init_subclass__(**kw)
        if write is not None and add is not None:
            cls.permissions = {
                "read": read,
                "write": write,
                "add": add,
                "delete": delete_objects,
            }
        cls.described = cls.body.union(*(aspect.covers for aspect in cls.aspects))
        # Without this part the attributes of derived classes would be lost.
        cls.complete = OtherAttributes in cls.aspects
        cls.inherited = cls.inherited and cls.complete
        alsoProvides(cls, IMaker)

    @staticmethod
    def make(klass: Any) -> Any:
        """See `IMaker`: does not call a class that requires arguments."""
        try:
            signature(klass.__init__).bind(None)
        except (TypeError, ValueError):
            obj = klass.__new__(klass)
            obj._setId("")
            return obj
        return klass()

    def provide(self, interface: InterfaceClass) -> None:
        """See `Synchronizer`.

        An object is a site if it has a site manager, and never becomes a root.  The
        interfaces that Zope offers in its tab are markers, too.
        """
        if not (interface.isOrExtends(ISite) or interface.isOrExtends(IRoot)):
            require(MARK, self.context)
            provided = providedBy(self.context)
            markers.check(provided, interface, _is_offered(provided, interface))
            alsoProvides(self.context, interface)

    def extras(self) -> Aspects:
        """See `ISerializer`."""
        return Aspects(self.aspects, self.context)

    def setextras(self, extras: Mapping[str, Any]) -> None:
        """Do nothing: loading a part has changed the object."""


@implementer(IFileSynchronizer)
class FileBody(ObjectSynchronizer):
    """Base of types that become files."""

    def refuse_locked(self) -> None:
        """Refuse to change an object that a user has locked by WebDAV."""
        if getattr(aq_base(self.context), "wl_isLocked", _never)():
            raise SynchronizationError(
                _("the object is locked by WebDAV"),
                advice=_("Wait, or remove the lock."),
            )


def _is_offered(provided: Any, interface: Any) -> bool:
    """Return True if the tab "Interfaces" offers an interface.

    ``provided`` are the interfaces of the object.  An interface is offered if it has no
    attributes, and one of its bases is provided or would be offered.
    """
    return not interface.names() and any(
        provided.isOrExtends(base) or _is_offered(provided, base)
        for base in interface.__bases__
    )


def _never() -> bool:
    return False
