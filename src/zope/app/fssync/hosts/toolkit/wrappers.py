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
  `Checker_check_int` of zope.security 8.4 does the same, see `checkers`.  The leak
  cannot be fixed from here: the modules of this package read wrappers by `parent_of`,
  `name_of` and `class_of` of the toolkit's host, put them into security proxies by
  `proxied`, or do not touch them.  The events of the toolkit still read each new
  object, which leaks less than a kilobyte.

`loses_specifications` and `loses_attribute_names` find out whether the installed
releases leak.  Remove `share_specifications` when the first is False for all supported
releases of zope.container; a release after 7.3 has to compare the interfaces.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
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
    "share_specifications",
]

#: The number of reads of one attribute: enough to distinguish a leak from noise.
_READS = 1000

_original: Any = DecoratorSpecificationDescriptor.__get__


def loses_specifications() -> bool:
    """Return True if zope.container makes a new specification on each access."""
    wrapper = ContainedProxy(Persistent())
    descriptor = DecoratorSpecificationDescriptor()
    first = _original(descriptor, wrapper)
    return _original(descriptor, wrapper) is not first


def loses_attribute_names() -> bool:
    """Return True if zope.container leaks memory when an attribute is read."""
    wrapper = ContainedProxy(Persistent())
    before = sys.getallocatedblocks()
    for _ in range(_READS):
        wrapper._p_jar  # noqa: B018
    return sys.getallocatedblocks() - before > _READS // 2


def share_specifications() -> None:
    """Make wrappers of objects that provide the same share one specification."""
    if loses_specifications():
        DecoratorSpecificationDescriptor.__get__ = _get


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
