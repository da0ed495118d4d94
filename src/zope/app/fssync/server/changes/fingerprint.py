"""The software and the registrations that a response depends on.

After an upgrade or a change of the configuration everything is sent again.
"""

from __future__ import annotations

import hashlib
import sys
from functools import cache
from importlib.metadata import distributions
from typing import Any

from zope.component import getUtilitiesFor
from zope.proxy import removeAllProxies
from zope.security.checker import getCheckerForInstancesOf

from zope.app.fssync.server.registration import permission_id
from zope.app.fssync.server.registration import registration
from zope.fssync.interfaces import ISynchronizerFactory
from zope.fssync.registry.synchronizers import adapters

__all__ = ["conditions"]


def conditions() -> list[Any]:
    """Return the software and the registrations, as JSON."""
    factories = [*getUtilitiesFor(ISynchronizerFactory), *adapters()]
    registered = [_registered(factory) for _, factory in factories]
    described = sorted(
        [name, *_described(factory, *found)]
        for (name, factory), found in zip(factories, registered, strict=True)
    )
    return [_software(), described]


@cache
def _software() -> str:
    found = sorted({(str(each.name), str(each.version)) for each in distributions()})
    return hashlib.sha256(repr(found).encode()).hexdigest()


def _registered(factory: Any) -> tuple[Any, str]:
    """Return the class of a factory, and its registration as text."""
    bare = removeAllProxies(factory)
    if isinstance(bare, type):
        return bare, ""
    registered = registration(factory)
    told = registered._replace(permission=permission_id(registered.permission))
    return removeAllProxies(registered.factory), str(told[1:])


def _described(factory: Any, bare: Any, said: str) -> list[Any]:
    checker = getattr(factory, "__Security_checker__", None)
    is_class = isinstance(bare, type)
    instances = getCheckerForInstancesOf(bare) if is_class else None
    return [
        f"{bare.__module__}.{bare.__name__}" if is_class else repr(type(bare)),
        said,
        _source(getattr(bare, "__module__", "")),
        *map(_permissions, (checker, instances)),
    ]


def _permissions(checker: Any) -> list[str]:
    if checker is None:
        return []
    maps = (checker.get_permissions, checker.set_permissions)
    return [
        str(sorted((name, permission_id(each)) for name, each in found.items()))
        for found in maps
    ]


@cache
def _source(module: str) -> str:
    """Return the digest of a module's source, empty if it has none."""
    spec = getattr(sys.modules.get(module), "__spec__", None)
    read = getattr(getattr(spec, "loader", None), "get_data", None)
    if spec is None or spec.origin is None or read is None:
        return ""
    return hashlib.sha256(read(spec.origin)).hexdigest()
