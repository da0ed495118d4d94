"""Which classes implement the interfaces of a module."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType

from zope.interface import implementedBy
from zope.interface.interface import InterfaceClass

__all__ = ["implementations", "interfaces_of"]


def interfaces_of(module: ModuleType) -> list[InterfaceClass]:
    """Return the interfaces that a module defines."""
    return [
        each
        for each in vars(module).values()
        if isinstance(each, InterfaceClass) and each.__module__ == module.__name__
    ]


def implementations(
    contracts: ModuleType, *packages: ModuleType
) -> Iterator[tuple[InterfaceClass, type]]:
    """Yield each class in packages with each interface of a module that it implements.

    Tests and their help have no ``__init__`` or are no part of a package.
    """
    wanted = interfaces_of(contracts)
    for package in packages:
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            for each in vars(import_module(found.name)).values():
                if isinstance(each, type) and each.__module__ == found.name:
                    implemented = list(implementedBy(each))
                    yield from ((one, each) for one in wanted if one in implemented)
