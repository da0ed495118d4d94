"""An application in memory, configured as Zope configures itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import OFS.Application
import transaction
import zope.testing.cleanup
from AccessControl.SecurityManagement import newSecurityManager
from AccessControl.SecurityManagement import noSecurityManager
from Testing.makerequest import makerequest
from ZODB import DB
from ZODB.DemoStorage import DemoStorage
from zope.configuration import xmlconfig
from zope.security.management import endInteraction

import zope.app.fssync.hosts.ofs

__all__ = ["application", "calling", "configured"]


@contextmanager
def configured() -> Iterator[None]:
    """Have the components of this package registered, and the products."""
    context = xmlconfig.file("meta.zcml", package(), execute=False)
    xmlconfig.file("configure.zcml", zope.app.fssync.hosts.ofs, context, execute=True)
    try:
        yield
    finally:
        zope.testing.cleanup.cleanUp()


def package() -> Any:
    import Products.Five

    return Products.Five


@contextmanager
def application(storage: Any = None) -> Iterator[Any]:
    """Have the root of a new database; it has the users manager, reader, stranger."""
    database = DB(DemoStorage() if storage is None else storage)
    connection = database.open()
    root = connection.root()
    root["Application"] = OFS.Application.Application()
    app = makerequest(root["Application"])
    OFS.Application.install_products(app)
    for name, roles in (("manager", ["Manager"]), ("reader", []), ("stranger", [])):
        app.acl_users._doAddUser(name, f"{name}pw", roles, [])
    transaction.commit()
    try:
        yield app
    finally:
        transaction.abort()
        connection.close()
        database.close()


@contextmanager
def calling(app: Any, name: str) -> Iterator[None]:
    """Be in a request of a user."""
    user = app.acl_users.getUserById(name).__of__(app.acl_users)
    newSecurityManager(None, user)
    try:
        yield
    finally:
        noSecurityManager()
        endInteraction()
