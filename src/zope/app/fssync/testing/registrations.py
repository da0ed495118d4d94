"""Registrations of one test are gone with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from zope.component import getGlobalSiteManager

from zope.fssync import aliases

__all__ = ["adapters_undone", "aliases_undone"]


@contextmanager
def adapters_undone() -> Iterator[None]:
    """Unregister the adapters that are registered meanwhile, in ZCML say."""
    registry = getGlobalSiteManager()
    before = {id(each.factory) for each in registry.registeredAdapters()}
    try:
        yield
    finally:
        for each in list(registry.registeredAdapters()):
            if id(each.factory) not in before:
                registry.unregisterAdapter(each.factory, each.required, each.provided)


@contextmanager
def aliases_undone() -> Iterator[None]:
    """Forget the names that are registered meanwhile, and what was found by them."""
    before = [(table, dict(table)) for table in (aliases.NAMES, aliases.MODULES)]
    try:
        yield
    finally:
        for table, names in before:
            table.clear()
            table.update(names)
        aliases.forget()
