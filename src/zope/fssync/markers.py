"""The gate for interfaces that a submission lets objects provide.

An interface is no content unless the application said so, by declaring it as a
marker.  No interface that security, annotations, location or publication depend on can
be one: a user who may write content could change with it what others may do.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from zope.component import getSiteManager
from zope.component import queryUtility
from zope.interface import Interface
from zope.interface import implementedBy
from zope.interface import providedBy
from zope.interface.declarations import Declaration
from zope.interface.interface import InterfaceClass

from zope.fssync import aliases
from zope.fssync.errors import NameRefused
from zope.fssync.interfaces import IMarker
from zope.fssync.messages import _

__all__ = ["check", "direct", "is_declared", "is_vital", "keeping", "refusal"]

#: The packages of interfaces that security, annotations, location and publication look
#: up, and single interfaces of other packages.
VITAL_PACKAGES = (
    "AccessControl",
    "Acquisition",
    "zope.annotation",
    "zope.app.publication",
    "zope.authentication",
    "zope.fssync.fileinterfaces",
    "zope.fssync.interfaces",
    "zope.location",
    "zope.pluggableauth",
    "zope.security",
    "zope.securitypolicy",
    "zope.traversing",
)
VITAL = frozenset(
    (
        "zope.component.interfaces.IPossibleSite",
        "zope.component.interfaces.ISite",
        "zope.interface.interfaces.IComponentLookup",
        "zope.publisher.interfaces.IDefaultViewName",
        "zope.publisher.interfaces.IPublishTraverse",
    )
)

#: Packages whose interfaces mark parts of the machinery; content is no such part.
OWN_PACKAGES = (
    *VITAL_PACKAGES,
    "App",
    "OFS",
    "Products.Five",
    "Products.PluggableAuthService",
    "Products.PluginRegistry",
    "ZPublisher",
    "webdav",
    "zope.app.publisher",
    "zope.browser",
    "zope.component",
    "zope.container",
    "zope.interface",
    "zope.lifecycleevent",
    "zope.proxy",
    "zope.publisher",
    "zope.site",
)


_kept: ContextVar[Any] = ContextVar("_kept", default=None)


@contextmanager
def keeping(provided: Any) -> Iterator[None]:
    """Let what takes the place of an object provide what that did."""
    token = _kept.set(provided)
    try:
        yield
    finally:
        _kept.reset(token)


def direct(obj: Any) -> Declaration:
    """Return what an object provides by itself, and not by its class.

    `directlyProvidedBy` does not see through the wrappers of containers.
    """
    implemented = implementedBy(obj.__class__)
    found = providedBy(obj).interfaces()
    return Declaration(*(each for each in found if not implemented.isOrExtends(each)))


def check(provided: Any, interface: InterfaceClass, declared: bool = False) -> None:
    """Refuse an interface that is no marker for what provides ``provided``.

    ``declared`` makes it a marker without an `IMarker` utility.  Raises
    `NameRefused`.
    """
    kept = _kept.get()
    if kept is not None and kept.isOrExtends(interface):
        return
    new = {each for each in interface.__iro__ if not provided.isOrExtends(each)}
    _refuse_vital(interface, filter(is_vital, new))
    if not declared and not is_declared(interface):
        raise refusal(interface.__identifier__)
    _refuse_vital(interface, new.intersection(_required_by_vital()))


def is_declared(interface: InterfaceClass) -> bool:
    """Return True if the application has declared an interface as a marker."""
    return queryUtility(IMarker, name=interface.__identifier__) is interface


def refusal(dotted: str) -> NameRefused:
    """Return the error for an interface that is not declared."""
    return NameRefused(
        _("${dotted} is not allowed as an interface", mapping={"dotted": repr(dotted)}),
        advice=_(
            "If it is a mere marker, declare it in ZCML: <fssync:marker "
            'interface="${dotted}" />',
            mapping={"dotted": aliases.modern(dotted)},
        ),
    )


def _refuse_vital(interface: InterfaceClass, found: Iterable[Any]) -> None:
    for name in sorted(each.__identifier__ for each in found):
        raise NameRefused(
            _(
                "${interface} cannot come with a submission: security, "
                "annotations, location or publication depend on ${name}",
                mapping={"interface": repr(interface.__identifier__), "name": name},
            ),
            advice=_("Have it set on the server, by somebody with the rights for it."),
        )


def is_vital(interface: InterfaceClass) -> bool:
    """Return True for an interface of what publishes and protects objects."""
    return interface is not Interface and _is_of(interface, OWN_PACKAGES)


def _required_by_vital() -> Iterator[Any]:
    """Iterate over what adapters are registered for that objects depend on."""
    for registration in _registrations(getSiteManager(), set()):
        if any(map(_is_looked_up, registration.provided.__iro__)):
            yield from registration.required


def _is_looked_up(interface: InterfaceClass) -> bool:
    return interface.__identifier__ in VITAL or _is_of(interface, VITAL_PACKAGES)


def _registrations(components: Any, seen: set[int]) -> Iterator[Any]:
    if id(components) not in seen:
        seen.add(id(components))
        yield from components.registeredAdapters()
        for base in components.__bases__:
            yield from _registrations(base, seen)


def _is_of(interface: InterfaceClass, packages: tuple[str, ...]) -> bool:
    module = interface.__module__
    return any(module == each or module.startswith(f"{each}.") for each in packages)
