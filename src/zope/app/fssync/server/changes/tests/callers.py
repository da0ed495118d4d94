"""Callers of a site, and what it has as they see it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import transaction
from zope.app.publication.zopepublication import ZopePublication
from zope.component import getUtility
from zope.security.management import endInteraction
from zope.security.management import newInteraction
from zope.security.management import setSecurityPolicy
from zope.securitypolicy.zopepolicy import ZopeSecurityPolicy

from zope.app.fssync.server.interfaces import IHost
from zope.app.fssync.tests.scenarios.changesonly.site import Site

__all__ = ["MANAGER", "Principal", "called_by", "demo"]


class Principal:
    def __init__(self, id: str, *groups: str) -> None:
        self.id = id
        self.groups = groups


class Participation:
    interaction = None

    def __init__(self, principal: Principal) -> None:
        self.principal = principal


@contextmanager
def called_by(
    *principals: Principal, policy: Any = ZopeSecurityPolicy
) -> Iterator[Any]:
    before = setSecurityPolicy(policy)
    newInteraction(*map(Participation, principals))
    try:
        yield getUtility(IHost)
    finally:
        endInteraction()
        setSecurityPolicy(before)


MANAGER = Principal("zope.manager")


@contextmanager
def demo(site: Site) -> Iterator[Any]:
    """The object, in a connection of its own."""
    manager = transaction.TransactionManager()
    connection = site.db.open(manager)
    try:
        yield connection.root()[ZopePublication.root_name]["area"]["demo"]
    finally:
        manager.abort()
        connection.close()
