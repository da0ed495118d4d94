"""Class, parent and name of an object of the toolkit, without loading more of it."""

from __future__ import annotations

from typing import Any

from persistent import Persistent
from zope.container.contained import ContainedProxyBase
from zope.container.contained import getProxiedObject

__all__ = ["class_of", "inner_of", "name_of", "parent_of"]

# Attributes of container proxies, read as the C code would: in zope.container 7.3 the
# ordinary way loses some memory each time, as does zope.security 8.4 in looking up the
# names that are available by default.  A later release of both ends the workaround.
_get_parent = ContainedProxyBase.__dict__["__parent__"].__get__
_get_name = ContainedProxyBase.__dict__["__name__"].__get__
_activate = Persistent._p_activate


def inner_of(obj: Any) -> Any:
    """Return an object without the wrapper of a container."""
    return getProxiedObject(obj) if isinstance(obj, ContainedProxyBase) else obj


def class_of(obj: Any) -> type:
    """Return the class of an object, also in a container's wrapper."""
    found: type = inner_of(obj).__class__
    return found


def parent_of(obj: Any) -> Any:
    """Return where an object says that it is, None where it does not."""
    if isinstance(obj, ContainedProxyBase):
        _activate(obj)
        return _get_parent(obj)
    return getattr(obj, "__parent__", None)


def name_of(obj: Any) -> Any:
    """Return what an object says that it is called, None where it does not."""
    if isinstance(obj, ContainedProxyBase):
        _activate(obj)
        return _get_name(obj)
    return getattr(obj, "__name__", None)
