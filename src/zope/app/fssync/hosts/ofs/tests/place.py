"""A site of Zope in memory, for the contract of hosts."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from OFS.Folder import Folder
from OFS.Image import File
from zope.component import getUtility

from zope.app.fssync.server.interfaces import IHost
from zope.app.fssync.testing.hostcontract import HostPlace
from zope.app.fssync.testing.ofs.site import calling

__all__ = ["VIEW", "ZopePlace"]

VIEW = "View management screens"


class ZopePlace(HostPlace):
    """An application in memory; readers read what is not closed to them."""

    def __init__(self, app: Any) -> None:
        self.host = getUtility(IHost)
        self.root = app
        app._setObject("folder", Folder("folder"))
        self.folder = app.folder
        self.folder._setObject("a.txt", File("a.txt", "", b"text", "text/plain"))
        self.folder.manage_addLocalRoles("reader", ["Reader"])
        self.folder._addRole("Reader")
        self.folder.manage_permission(VIEW, ["Reader"], acquire=1)
        self.file = self.folder["a.txt"]

    def calling(self, name: str) -> AbstractContextManager[None]:
        return calling(self.root, name)

    def new_file(self, body: bytes) -> Any:
        return File("b.txt", "", body, "text/plain")
