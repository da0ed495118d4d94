"""Work around memory leaks in the wrappers of zope.container.

Containers of the toolkit wrap an object that has no place of its own in a
`ContainedProxy`.  In zope.container 7.3 these have two memory leaks:

* `DecoratorSpecificationDescriptor.__get__` subtracts the interfaces of the wrapper
  from those of the object.  The result is a new specification each time, and every
  adapter registry in which it is looked up keeps it: about 5 KiB whenever a persistent
  object is adapted, viewed, or sent in an event.  `share_specifications` replaces that
  method: it passes the remaining interfaces to `Provides`, which returns the same
  specification for the same interfaces.

* `CP_getattro` and `CP_setattro` in C encode the name of the attribute and leak the
  bytes (`MAKE_STRING`): about 48 bytes for each attribute read or set on a wrapper.
  `release_names` gives `ContainedProxy` methods in Python that do the same without
  that leak.  They take 0.2 microseconds longer.  The modules of this package, which
  read many wrappers, do so by `parent_of`, `name_of` and `class_of` of the toolkit's
  host, and put them into security proxies by `proxied`.

`loses_specifications` and `loses_attribute_names` find out whether the installed
releases leak.  Remove `share_specifications` and `release_names` when these are False
for all supported releases of zope.container; a release after 7.3 has to compare the
interfaces.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from persistent import Persistent
from zope.container.contained import ContainedProxy
from zope.container.contained import ContainedProxyBase
from zope.container.contained import DecoratorSpecificationDescriptor
from zope.container.contained import getProxiedObject
from zope.interface import implementedBy
from zope.interface import providedBy
from zope.interface.declarations import Provides
from zope.security.checker import ProxyFactory
from zope.security.checker import getCheckerForInstancesOf
from zope.security.checker import selectChecker
from zope.security.proxy import Proxy

__all__ = [
    "loses_attribute_names",
    "loses_specifications",
    "proxied",
    "release_names",
    "share_specifications",
]

#: The number of reads of one attribute: enough to distinguish a leak from noise.
_READS = 1000

_original: Any = DecoratorSpecificationDescriptor.__get__

#: The attributes of a wrapper itself, as `SPECIAL` in C; all others are of its object.
_OWN = frozenset(
    f"__{name}__"
    for name in (
        *("parent", "name", "getstate", "setstate", "getnewargs"),
        *("reduce", "reduce_ex"),
    )
)

#: The attributes that a wrapper has for its object, too.
_OF_OBJECT = frozenset(("__class__", "__module__"))

_MISSING = object()

_read_own = Persistent.__getattribute__
_original_set = ContainedProxyBase.__setattr__
_original_delete = ContainedProxyBase.__delattr__
_change = Persistent.__dict__["_p_changed"].__set__
_places = {
    name: ContainedProxyBase.__dict__[name] for name in ("__parent__", "__name__")
}


def loses_specifications() -> bool:
    """Return True if zope.container makes a new specification on each access."""
    wrapper = ContainedProxy(Persistent())
    descriptor = DecoratorSpecificationDescriptor()
    first = _original(descriptor, wrapper)
    return _original(descriptor, wrapper) is not first


def loses_attribute_names() -> bool:
    """Return True if zope.container leaks memory when an attribute is read."""
    wrapper = ContainedProxyBase(Persistent())
    before = sys.getallocatedblocks()
    for _ in range(_READS):
        wrapper._p_jar  # noqa: B018
    return sys.getallocatedblocks() - before > _READS // 2


def share_specifications() -> None:
    """Make wrappers of objects that provide the same share one specification."""
    if loses_specifications():
        DecoratorSpecificationDescriptor.__get__ = _get


def release_names() -> None:
    """Make wrappers release the names of the attributes that are read and set."""
    if loses_attribute_names():
        ContainedProxy.__getattribute__ = _get_attribute
        ContainedProxy.__setattr__ = _set_attribute
        ContainedProxy.__delattr__ = _delete_attribute


def proxied(value: Any, proxy: Callable[[Any], Any] = ProxyFactory) -> Any:
    """Return a value in the security proxy that ``proxy`` makes.

    Without this function a wrapper would look up the checker of its object by a
    descriptor, which reads attributes of the wrapper.
    """
    if not isinstance(value, ContainedProxyBase) or (
        getCheckerForInstancesOf(type(value)) is not None
    ):
        return proxy(value)
    obj = getProxiedObject(value)
    checker = getattr(obj, "__Security_checker__", None)
    if checker is None:
        checker = selectChecker(obj)
    return proxy(value) if checker is None else Proxy(value, checker)


def _get(self: Any, wrapper: Any, owner: Any = None) -> Any:
    if wrapper is None:
        return _original(self, wrapper, owner)
    provided = providedBy(getProxiedObject(wrapper))
    # The `__class__` of a wrapper is that of its object.
    kind = type(wrapper)
    implemented = implementedBy(kind)
    common = [each for each in provided if implemented.isOrExtends(each)]
    if not common:
        return Provides(kind, provided)
    # The difference of the specifications, without creating one.
    left = [
        each
        for each in provided
        if not any(each.isOrExtends(interface) for interface in common)
    ]
    return Provides(kind, *left)


def _is_own(name: str) -> bool:
    return name.startswith("_p_") or name in _OWN


def _descriptor(kind: type, name: str) -> Any:
    """Return what a class of wrappers has by a name, or `_MISSING`."""
    for base in kind.__mro__[:-1]:
        if base is not ContainedProxyBase and name in vars(base):
            return vars(base)[name]
    return _MISSING


def _get_attribute(self: Any, name: str) -> Any:
    """Read an attribute as `CP_getattro` and `wrap_getattro` do in C."""
    if _is_own(name):
        return _read_own(self, name)
    obj = getProxiedObject(self)
    found = _MISSING if name in _OF_OBJECT else _descriptor(type(self), name)
    if found is _MISSING:
        return getattr(obj, name)
    kind = type(found)
    if not hasattr(kind, "__get__"):
        return found
    if not hasattr(kind, "__set__"):
        with suppress(AttributeError):
            return getattr(obj, name)
    return kind.__get__(found, self, type(self))


def _set_attribute(self: Any, name: str, value: Any) -> None:
    """Set an attribute as `CP_setattro` and `wrap_setattro` do in C."""
    if name in _places:
        Persistent._p_activate(self)
        _change(self, True)
        _places[name].__set__(self, value)
    elif name.startswith("_p_"):
        Persistent._p_setattr(self, name, value)
    elif _has_setter(self, name):
        _original_set(self, name, value)
    else:
        setattr(getProxiedObject(self), name, value)


def _delete_attribute(self: Any, name: str) -> None:
    """Delete an attribute as `CP_setattro` and `wrap_setattro` do in C."""
    if name.startswith("_p_"):
        Persistent._p_delattr(self, name)
    elif _has_setter(self, name):
        _original_delete(self, name)
    else:
        delattr(getProxiedObject(self), name)


def _has_setter(self: Any, name: str) -> bool:
    """Return True if the class of a wrapper sets an attribute; that is rare."""
    return _is_own(name) or hasattr(_descriptor(type(self), name), "__set__")
