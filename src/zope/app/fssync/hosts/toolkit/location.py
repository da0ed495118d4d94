"""Class, parent and name of an object of the toolkit, without loading more of it."""

from __future__ import annotations

from typing import Any

from persistent import Persistent
from zope.component import getSiteManager
from zope.container.contained import ContainedProxyBase
from zope.container.contained import getProxiedObject
from zope.interface import providedBy

__all__ = ["SecurityContext", "class_of", "inner_of", "name_of", "parent_of"]

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


class SecurityContext:
    """Stands for a contained object where its permissions are looked up.

    Containers wrap objects that do not know their place.  To find out what such
    a wrapper provides takes longer than all the rest.
    """

    def __init__(self, wrapper: Any) -> None:
        self.wrapper = wrapper
        self.__parent__ = parent_of(wrapper)
        self.__name__ = name_of(wrapper)
        self._object = getProxiedObject(wrapper)
        self._adapters: dict[Any, Any] = {}

    def __conform__(self, interface: Any) -> Any:
        # Every permission asks for the same maps of grants.
        if interface not in self._adapters:
            adapter = getSiteManager().queryAdapter(self, interface)
            self._adapters[interface] = adapter
        return self._adapters[interface]

    @property
    def __providedBy__(self) -> Any:
        return providedBy(self._object)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._object, name)
