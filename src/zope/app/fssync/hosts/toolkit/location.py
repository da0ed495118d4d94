"""Read the class, parent and name of an object without loading it."""

from __future__ import annotations

from typing import Any

from persistent import Persistent
from zope.component import getSiteManager
from zope.container.contained import ContainedProxyBase
from zope.container.contained import getProxiedObject
from zope.interface import providedBy

__all__ = ["SecurityContext", "class_of", "inner_of", "name_of", "parent_of"]

# Read attributes of container proxies by their descriptors: in zope.container 7.3 the
# ordinary way leaks memory, as zope.security 8.4 does for names that are available by
# default.  Remove the workaround when both have been fixed.
_get_parent = ContainedProxyBase.__dict__["__parent__"].__get__
_get_name = ContainedProxyBase.__dict__["__name__"].__get__
_activate = Persistent._p_activate


#: Return an object without the wrapper of a container, others unchanged.
inner_of = getProxiedObject


def class_of(obj: Any) -> type:
    """Return the class of an object, also in a container's wrapper."""
    found: type = inner_of(obj).__class__
    return found


def parent_of(obj: Any) -> Any:
    """Return the parent that an object names, or None."""
    if isinstance(obj, ContainedProxyBase):
        _activate(obj)
        return _get_parent(obj)
    return getattr(obj, "__parent__", None)


def name_of(obj: Any) -> Any:
    """Return the name that an object has, or None."""
    if isinstance(obj, ContainedProxyBase):
        _activate(obj)
        return _get_name(obj)
    return getattr(obj, "__name__", None)


class SecurityContext:
    """Replaces a wrapped object in the lookup of its permissions.

    Containers wrap objects that do not know their place.  The lookup of the interfaces
    that such a wrapper provides would take most of the time.
    """

    def __init__(self, wrapper: Any) -> None:
        self.wrapper = wrapper
        self.__parent__ = parent_of(wrapper)
        self.__name__ = name_of(wrapper)
        self._object = getProxiedObject(wrapper)
        self._adapters: dict[Any, Any] = {}

    def __conform__(self, interface: Any) -> Any:
        # The lookup of every permission asks for the same maps of grants.
        if interface not in self._adapters:
            adapter = getSiteManager().queryAdapter(self, interface)
            self._adapters[interface] = adapter
        return self._adapters[interface]

    @property
    def __providedBy__(self) -> Any:
        return providedBy(self._object)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._object, name)
