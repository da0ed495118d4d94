"""The gate for dotted names that come from outside.

Nothing is imported because a text says so: a name resolves only to what the
application registered, and is refused before any import otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

from zope.component import queryUtility
from zope.component.interfaces import IFactory
from zope.interface.interface import InterfaceClass
from zope.interface.interfaces import IInterface

from zope.fssync import aliases
from zope.fssync import markers
from zope.fssync.aliases import spellings
from zope.fssync.errors import NameRefused
from zope.fssync.interfaces import IAllowedGlobal
from zope.fssync.interfaces import IMaker
from zope.fssync.interfaces import IMarker
from zope.fssync.interfaces import ISynchronizerFactory
from zope.fssync.interfaces import ITypes
from zope.fssync.messages import _
from zope.fssync.registry.synchronizers import inheriting_class
from zope.fssync.registry.synchronizers import registered_class

__all__ = ["factory", "interface", "keytype", "offered"]

KEYTYPES: dict[str, type] = {
    "builtins.str": str,
    "builtins.int": int,
    # Names of Python 2, whose two kinds of text are one here.
    "__builtin__.str": str,
    "__builtin__.unicode": str,
    "__builtin__.int": int,
    "__builtin__.long": int,
}


def factory(dotted: str) -> Callable[[], Any]:
    """Return the callable that makes empty objects, named by an entry.

    It is allowed when a synchronizer is registered for it (it then is a class),
    or when it is registered itself, as an `IAllowedGlobal`; also if an interface or a
    base describes it and an `IFactory` has its name, which `fssync:offer` registers.
    Then an `ITypes` is asked, for types that an application has in its database.  Any
    other name is that of an `IFactory`, by which an application makes objects.
    """
    for name in spellings(dotted):
        allowed = queryUtility(IAllowedGlobal, name=name)
        if allowed is not None:
            return _callable(dotted, allowed)
        synchronizer = queryUtility(ISynchronizerFactory, name=name)
        if synchronizer is not None:
            found = _callable(dotted, _imported(dotted))
            return _maker(found, synchronizer)
    described = registered_class(dotted) or inheriting_class(dotted)
    if described is not None:
        return _maker(*described)
    types = queryUtility(ITypes)
    made: Callable[[], Any] | None = None if types is None else types.factory(dotted)
    if made is not None:
        return made
    offered = queryUtility(IFactory, name=dotted)
    if offered is not None:
        return _callable(dotted, offered)
    raise NameRefused(
        _("${dotted} is not allowed as a factory", mapping={"dotted": repr(dotted)}),
        advice=_(
            "If it is a class whose base has a synchronizer, offer it in ZCML: "
            '<fssync:offer class="${dotted}" />; if not, register one.',
            mapping={"dotted": aliases.modern(dotted)},
        ),
    )


def offered(dotted: str) -> Any:
    """Return the `IFactory` of that name, whose permission the maker needs, or None."""
    for name in spellings(dotted):
        found = queryUtility(IFactory, name=name)
        if found is not None and not ISynchronizerFactory.providedBy(found):
            return found
    return None


def _maker(klass: Any, synchronizer: Any) -> Callable[[], Any]:
    if IMaker.providedBy(synchronizer):
        return partial(synchronizer.make, klass)
    found: Callable[[], Any] = klass
    return found


def keytype(dotted: str) -> type:
    """Return the class of the keys of a container, named by an entry."""
    found = KEYTYPES.get(dotted)
    if found is None:
        for name in spellings(dotted):
            found = queryUtility(IAllowedGlobal, name=name)
            if found is not None:
                break
    if isinstance(found, type):
        return found
    raise NameRefused(
        _(
            "${dotted} is not allowed as the type of a key",
            mapping={"dotted": repr(dotted)},
        ),
        advice=_(
            "Keys are text or whole numbers; register any other class as "
            "an IAllowedGlobal utility of that name."
        ),
    )


def interface(dotted: str) -> InterfaceClass:
    """Return the interface that an entry says is provided.

    `markers` decides whether objects may be made to provide it.
    """
    for name in spellings(dotted):
        for kind in (IMarker, IInterface, IAllowedGlobal):
            found = queryUtility(kind, name=name)
            if isinstance(found, InterfaceClass):
                return found
    raise markers.refusal(dotted)


def _imported(dotted: str) -> Any:
    module, _dot, name = aliases.modern(dotted).rpartition(".")
    try:
        return getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise NameRefused(
            # The reason is for the server's log, since it names files of the server.
            _(
                "${dotted} is registered but cannot be imported",
                mapping={"dotted": repr(dotted)},
            )
        ) from error


def _callable(dotted: str, found: Any) -> Callable[[], Any]:
    if not callable(found):
        raise NameRefused(
            _("${dotted} cannot make objects", mapping={"dotted": repr(dotted)})
        )
    result: Callable[[], Any] = found
    return result
