"""A site that several people and several application instances work on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import transaction
import waitress.server
from zope.annotation.interfaces import IAnnotations
from zope.app.file.file import File
from zope.app.publication.zopepublication import ZopePublication
from zope.app.wsgi import WSGIPublisherApplication
from zope.component.interfaces import ISite
from zope.dublincore.interfaces import IZopeDublinCore
from zope.proxy import removeAllProxies
from zope.securitypolicy.interfaces import IPrincipalPermissionManager
from zope.site.folder import Folder
from zope.site.site import LocalSiteManager

from zope.app.fssync.tests.scenarios.changesonly.content import Bare
from zope.app.fssync.tests.scenarios.changesonly.content import Note
from zope.app.fssync.tests.scenarios.changesonly.database import Database

__all__ = ["INITIAL", "TOP", "Server", "Site"]

#: The path of what is checked out; /area is a site, /area/outside its neighbour.
TOP = "/area/demo"

#: The note of the transaction that made the content.
INITIAL = "initial content"


class Site:
    """A database with content, and its instances behind one address."""

    def __init__(self, database: Database) -> None:
        self.database = database
        #: Which instance answers the next request, or makes the next change.
        self.turn = 0
        self._open()
        with self.changing() as root:
            transaction.get().note(INITIAL)
            fill(root)

    def _open(self) -> None:
        self.database.open()
        self._applications = [
            WSGIPublisherApplication(db) for db in self.database.opened
        ]

    def __call__(self, environ: Any, start_response: Any) -> Any:
        """Answer a request, as a WSGI application."""
        return self._applications[self.turn](environ, start_response)

    def take_turns(self, turn: int) -> None:
        """Let another instance do what comes next."""
        self.turn = turn % len(self._applications)

    @property
    def db(self) -> Any:
        """The database as the instance whose turn it is has it open."""
        return self.database.opened[self.turn]

    @contextmanager
    def changing(self) -> Iterator[Any]:
        """Yield the root folder, and commit what the block did to it."""
        connection = self.db.open()
        try:
            with transaction.manager:
                yield connection.root()[ZopePublication.root_name]
        finally:
            connection.close()

    def has(self, path: str, part: str) -> bool:
        """Is there an object at a path, with Extra or Annotations if that is asked?"""
        with self.changing() as root:
            obj = root
            for name in path.strip("/").split("/"):
                if name == "++etc++site":
                    return ISite.providedBy(obj)
                if not hasattr(obj, "keys") or name not in obj:
                    return False
                obj = obj[name]
            if part == "Annotations":
                return bool(IAnnotations(obj, {}))
            return not part or hasattr(obj, "contentType")

    def close(self) -> None:
        """End all instances."""
        self.database.close()

    def restart(self) -> None:
        """Start anew in every instance."""
        self.database.close()
        self._open()

    def restore(self, name: str) -> None:
        """Stop, put a copy of the database in its place, and start."""
        self.database.close()
        self.database.restore(name)
        self._open()


def fill(root: Any) -> None:
    """Make the content that every run begins with."""
    area = root["area"] = Folder()
    area.setSiteManager(LocalSiteManager(area))
    area["outside"] = Folder()
    area["outside"]["target"] = File(b"outside", "text/plain")
    demo = area["demo"] = Folder()
    demo["docs"] = Folder()
    demo["docs"]["deep"] = Folder()
    demo["docs"]["deep"]["one.txt"] = File(b"one\n", "text/plain")
    demo["docs"]["two.txt"] = File(b"1\n2\n3\n4\n5\n6\n7\n", "text/plain")
    demo["large.bin"] = File(bytes(70_000), "application/octet-stream")
    demo["secret"] = Folder()
    demo["secret"]["plan.txt"] = File(b"a plan\n", "text/plain")
    demo["note"] = note = Note()
    note.about = demo["docs"]["two.txt"]
    demo["pointer"] = pointer = Note()
    pointer.about = area["outside"]["target"]
    demo["bare"] = Bare()
    for obj in (demo, demo["docs"], demo["docs"]["two.txt"]):
        IZopeDublinCore(obj).title = "Title 0"
    hidden = IPrincipalPermissionManager(removeAllProxies(demo["secret"]))
    hidden.denyPermissionToPrincipal("zope.View", "zope.weak")
    open_ = IPrincipalPermissionManager(removeAllProxies(demo["docs"]))
    open_.grantPermissionToPrincipal("zope.ManageContent", "zope.weak")


class Server:
    """One address for the sites of many runs; it serves the one that is set."""

    def __init__(self) -> None:
        self.site: Any = None
        self._server = waitress.server.create_server(
            self, host="127.0.0.1", port=0, threads=1
        )
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.effective_port}"

    def __call__(self, environ: Any, start_response: Any) -> Any:
        """Answer a request, as a WSGI application."""
        assert self.site is not None
        return self.site(environ, start_response)

    def close(self) -> None:
        """Stop serving."""
        self._server.close()
        self._thread.join(5)
