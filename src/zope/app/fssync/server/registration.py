"""Read registrations of synchronizers: the factory, and the permissions.

A registration is a utility as in release 3.6.0, an ``<adapter>``, or made by the
directive ``fssync:synchronizer``.  Hosts call the bare factory, since they check the
permissions themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import getclosurevars
from types import FunctionType
from typing import Any
from typing import NamedTuple

from zope.interface import alsoProvides
from zope.interface import implementer
from zope.interface import providedBy
from zope.proxy import removeAllProxies
from zope.security.adapter import LocatingTrustedAdapterFactory
from zope.security.adapter import LocatingUntrustedAdapterFactory
from zope.security.checker import CheckerPublic

from zope.fssync.interfaces import IDeserializer
from zope.fssync.interfaces import IDirectoryDeserializer
from zope.fssync.interfaces import IDirectorySerializer
from zope.fssync.interfaces import IFileDeserializer
from zope.fssync.interfaces import IMaker
from zope.fssync.interfaces import ISerializer
from zope.fssync.interfaces import IStreamedSerializer
from zope.fssync.interfaces import ISynchronizerFactory

__all__ = [
    "READING",
    "WRITING",
    "Described",
    "Registration",
    "permission_id",
    "registration",
]

#: The names of synchronizers, by the objects that they are registered for.
READING = frozenset(
    name
    for interface in (ISerializer, IStreamedSerializer, IDirectorySerializer)
    for name in interface.names(all=True)
) | {"traverseName"}
WRITING = frozenset(
    name
    for interface in (IDeserializer, IFileDeserializer, IDirectoryDeserializer)
    for name in interface.names(all=True)
) | {"update", "make", "blobs"}


def permission_id(permission: Any) -> str:
    """Return the id of a permission; in checkers the public one is no str.

    It is an object in a proxy, whose text is not the same in each process.
    """
    return "zope.Public" if permission is CheckerPublic else str(permission)


class Registration(NamedTuple):
    """A registration; a permission is an id, `CheckerPublic`, or None if not given.

    With ``trusted`` even a public factory gets the bare object; ``adapter`` is True
    for adapters and False for utilities; ``content_type`` is that of the body, if the
    registration has it.
    """

    factory: Any
    permission: Any = None
    write: str | None = None
    trusted: bool = False
    adapter: bool = False
    content_type: str | None = None

    def maker(self) -> Callable[[Any], Any]:
        """Return `make`, or the factory itself if it makes the same."""
        return self.factory if self.content_type is None else self.make

    def make(self, obj: Any) -> Any:
        """Return the synchronizer of an object."""
        synchronizer = self.factory(obj)
        if self.content_type is not None:
            synchronizer.content_type = self.content_type
        return synchronizer


@implementer(ISynchronizerFactory)
class Described:
    """The adapter that ``fssync:synchronizer`` registers."""

    def __init__(
        self, registered: Registration, inherited: bool, maker: Any = None
    ) -> None:
        self.registered = registered
        self.factory = registered.factory
        self.inherited = inherited and getattr(self.factory, "inherited", True)
        self.general = getattr(self.factory, "general", False)
        alsoProvides(self, *providedBy(self.factory).interfaces())
        make = getattr(self.factory, "make", None) if maker is None else maker
        if make is not None:
            self.make = make
            alsoProvides(self, IMaker)

    def __call__(self, obj: Any) -> Any:
        """Return the synchronizer of an object."""
        return self.registered.make(obj)


def registration(factory: Any) -> Registration:
    """Return the registration of a registered factory."""
    if isinstance(factory, Described):
        return factory.registered
    checker = getattr(factory, "__Security_checker__", None)
    if checker is not None:
        permission = checker.get_permissions["__call__"]
        return Registration(removeAllProxies(factory), permission)
    if not isinstance(factory, LocatingTrustedAdapterFactory | _UNTRUSTED):
        return _protected(factory, False)
    return _protected(factory.factory, not isinstance(factory, _UNTRUSTED))


_UNTRUSTED = LocatingUntrustedAdapterFactory


def _protected(factory: Any, trusted: bool) -> Registration:
    """Return the registration of a factory that zope.component has protected."""
    if not isinstance(factory, FunctionType) or not hasattr(factory, "factory"):
        return Registration(factory, trusted=trusted, adapter=True)
    checker = getclosurevars(factory).nonlocals["checker"]
    (permission,) = set(checker.get_permissions.values())
    return Registration(factory.factory, permission, trusted=trusted, adapter=True)
