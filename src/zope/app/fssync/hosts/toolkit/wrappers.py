"""The interfaces of the wrappers of contained objects, without a loss of memory.

Containers of the toolkit wrap an object that has no place of its own in a
`ContainedProxy`.  In zope.container 7.3 two things of theirs lose memory:

* `DecoratorSpecificationDescriptor.__get__` subtracts from what the object provides
  what the wrapper provides.  The difference is a new specification each time, every
  adapter registry that is asked for it keeps it, and so no two are ever shared: about
  5 KiB for each time that a persistent object is adapted, viewed, or sent in an
  event.  `share_specifications` replaces that method.  The difference of two
  specifications is given to `Provides` as interfaces, by which it finds the
  specification that it made before.

* `CP_getattro` and `CP_setattro` in C encode the name of the attribute and drop the
  bytes (`MAKE_STRING`): about 48 bytes for each attribute read or set on a wrapper.
  `Checker_check_int` of zope.security 8.4 does the same, see `checkers`.  That of
  wrappers cannot be mended from here: the modules of this package read them by
  `parent_of`, `name_of`, `class_of` of the toolkit's host, put them into security
  proxies by `proxied`, or do not touch them.  What is left is what the events of the
  toolkit read of each object that is new, less than a kilobyte.

`loses_specifications` and `loses_attribute_names` find out whether the installed
releases do so.  `share_specifications` can go once the first is False for all supported
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

#: Reads of one attribute, enough that nothing else can be taken for their loss.
_READS = 1000

_original: Any = DecoratorSpecificationDescriptor.__get__


def loses_specifications() -> bool:
    """Does zope.container make a specification anew each time it is asked for it?"""
    wrapper = ContainedProxy(Persistent())
    descriptor = DecoratorSpecificationDescriptor()
    first = _original(descriptor, wrapper)
    return _original(descriptor, wrapper) is not first


def loses_attribute_names() -> bool:
    """Does zope.container lose memory with each attribute read from a wrapper?"""
    wrapper = ContainedProxy(Persistent())
    before = sys.getallocatedblocks()
    for _ in range(_READS):
        wrapper._p_jar  # noqa: B018
    return sys.getallocatedblocks() - before > _READS // 2


def share_specifications() -> None:
    """Let wrappers of objects that provide the same share one specification."""
    if loses_specifications():
        DecoratorSpecificationDescriptor.__get__ = _get


def proxied(value: Any, proxy: Callable[[Any], Any] = ProxyFactory) -> Any:
    """Return a value in a security proxy, as ``proxy`` makes it.

    A wrapper finds the checker of its object by a descriptor, and for that reads some
    attributes of itself.
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
    # Its `__class__` is that of the object.
    kind = type(wrapper)
    implemented = implementedBy(kind)
    common = [each for each in provided if implemented.isOrExtends(each)]
    if not common:
        return Provides(kind, provided)
    # As the difference of the specifications, without making one.
    left = [
        each
        for each in provided
        if not any(each.isOrExtends(interface) for interface in common)
    ]
    return Provides(kind, *left)
