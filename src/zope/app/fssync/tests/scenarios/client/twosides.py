"""Two sides of one tree: a site that others work on, and a working copy.

The client is the real one, and so are the views; between them lies a transport
that hands requests to the publisher in this process.
"""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from pathlib import Path
from typing import Any

from ZODB import DB
from ZODB.FileStorage import FileStorage
from ZODB.interfaces import IDatabase
from ZODB.serialize import referencesf
from ZODB.utils import load_current
from zope.app.file.file import File
from zope.component import provideUtility
from zope.event import notify
from zope.interface import implementer
from zope.lifecycleevent import ObjectModifiedEvent
from zope.processlifetime import DatabaseOpened
from zope.site.folder import Folder

from zope.app.fssync.client.api import FSSync
from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.interfaces import IResponse
from zope.app.fssync.client.interfaces import ITransport
from zope.app.fssync.client.workingcopy.place import control_of
from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing.serversite import ServerSite
from zope.fssync.descriptionnames import is_description

__all__ = ["Copy", "InProcess", "Site", "Tree", "lasting_site", "lines_of"]

URL = "http://manager:managerpw@localhost/demo"

#: What a path is: the bytes of a file, or None for a folder.
Tree = dict[str, bytes | None]


def lines_of(tree: Tree) -> set[bytes]:
    """Every line that stands somewhere in the files of a tree."""
    return {
        line for content in tree.values() if content for line in content.splitlines()
    }


@contextmanager
def lasting_site(layer: Any, home: Path) -> Iterator[ServerSite]:
    """A site whose storage has a history, as archives of changes need it."""
    layer.testSetUp()
    layer._close_db()
    db = layer.db = DB(FileStorage(str(home / "Data.fs")), database_name=layer.db_name)
    provideUtility(db, IDatabase, layer.db_name)
    notify(DatabaseOpened(db))
    try:
        yield ServerSite(layer)
    finally:
        layer.testTearDown()


@implementer(IResponse)
class Answer:
    """What the publisher answered."""

    def __init__(self, status: int, reason: str, headers: Any, body: bytes) -> None:
        self.status = status
        self.reason = reason
        self.headers = Message()
        for name, value in headers:
            self.headers[name] = value
        self.fp = io.BytesIO(body)

    def close(self) -> None:
        self.fp.close()


@implementer(ITransport)
class InProcess:
    """Carries requests of a user to a site in this process."""

    def __init__(self, site: ServerSite, user: str = "manager") -> None:
        self.site = site
        self.user = user

    def request(
        self, method: str, target: str, headers: Any, body: Any = None, length: int = 0
    ) -> Answer:
        content = b"" if body is None else body.read(length)
        # The layer has a login of its own, and knows the type of archives.
        own = {k: v for k, v in headers if k not in ("Authorization", "Content-type")}
        response = self.site.request(method, target, self.user, content, **own)
        reason = response.status.partition(" ")[2]
        return Answer(
            response.status_int, reason, response.headers.items(), response.body
        )

    def close(self) -> None:
        """Nothing is kept."""


class LinkedNetwork(Network):
    """A network whose only server is a site in this process."""

    def __init__(self, site: ServerSite, home: Path) -> None:
        super().__init__(filename=str(home / "tokens"))
        self.site = site

    def _open(self) -> ITransport:
        return InProcess(self.site)


class Site:
    """The folder ``demo`` of a site, as others see and change it."""

    def __init__(self, site: ServerSite, user: str = "manager") -> None:
        self.site = site
        self.user = user
        if "demo" not in self.site.root:
            self.site.root["demo"] = Folder()
            self.site.commit()

    def tree(self) -> Tree:
        """All that is in the folder, by path."""
        found: Tree = {}

        def walk(folder: Any, prefix: str) -> None:
            for name, item in folder.items():
                if isinstance(item, File):
                    found[prefix + name] = bytes(item.data)
                else:
                    found[prefix + name] = None
                    walk(item, f"{prefix}{name}/")

        walk(self.site.root["demo"], "")
        return found

    def serials(self) -> dict[bytes, bytes]:
        """By which transaction each object of the folder was stored, with its parts."""
        root = self.site.root
        storage = root._p_jar.db().storage
        found: dict[bytes, bytes] = {}
        waiting = [root["demo"]._p_oid]
        while waiting:
            oid = waiting.pop()
            # What is beside the folder is reached by its parent only.
            if oid not in found and oid != root._p_oid:
                data, found[oid] = load_current(storage, oid)
                referencesf(data, waiting)
        return found

    def get(self, path: str) -> Any:
        """The object at a path, or None."""
        found = self.site.root["demo"]
        for name in filter(None, path.split("/")):
            if isinstance(found, File) or name not in found:
                return None
            found = found[name]
        return found

    def put(self, path: str, content: bytes | None) -> bool:
        """Make an object where there is none, or give a file other content."""
        parent, _, name = path.rpartition("/")
        folder, there = self.get(parent), self.get(path)
        if folder is None or isinstance(folder, File):
            return False
        if there is None:
            folder[name] = Folder() if content is None else File(content, kind_of(name))
        elif content is not None and isinstance(there, File):
            there.data = content
            notify(ObjectModifiedEvent(there))
        else:
            return False
        self.site.commit()
        return True

    def remove(self, path: str) -> bool:
        """Remove an object and all below it."""
        if self.get(path) is None:
            return False
        parent, _, name = path.rpartition("/")
        del self.get(parent)[name]
        self.site.commit()
        return True


def kind_of(name: str) -> str:
    return "application/octet-stream" if name.endswith("x") else "text/plain"


class Copy:
    """A working copy of the folder, as one person sees and changes it."""

    def __init__(self, site: ServerSite, home: Path) -> None:
        self.site = site
        self.home = home
        self.top = home / "co" / "demo"
        self.conflicts: list[str] = []
        self("checkout", "", top=str(home / "co"), url=URL)

    def __call__(
        self, verb: str, path: str, *more: Any, top: str | None = None, **options: Any
    ) -> list[str]:
        """Run a verb; what is reported, relative to the top."""
        lines: list[str] = []
        fs = FSSync(
            network=LinkedNetwork(self.site, self.home),
            rooturl=options.pop("url", None),
            reporter=lines.append,
        )
        getattr(fs, verb)(top or self.path(path), *more, **options)
        self.conflicts = list(fs.conflicts)
        return [line.replace(f"{self.top}{os.sep}", "") for line in lines]

    def path(self, path: str) -> str:
        return str(self.top / path) if path else str(self.top)

    def tree(self) -> Tree:
        """All that is in the working copy beside its control data, by path."""
        found: Tree = {}
        for directory, folders, names in os.walk(self.top):
            folders[:] = sorted(set(folders) - {"@@Zope", ".zsync"})
            below = Path(directory).relative_to(self.top)
            for name in folders:
                found[str(below / name)] = None
            for name in names:
                if is_description(name):
                    continue
                found[str(below / name)] = Path(directory, name).read_bytes()
        return found

    def everything(self) -> dict[str, bytes | str]:
        """All of it, control data included, to be compared later.

        Not what is derived: that may be found out at any time.
        """
        root = self.home / "co"
        found = snapshot(root)
        state = Path(control_of(str(root)), "State").relative_to(root)
        found.pop(str(state), None)
        return found

    def files(self) -> dict[str, bytes]:
        """All files below the top, where nothing is that tells of this copy alone."""
        return {
            str(path.relative_to(self.top)): path.read_bytes()
            for path in self.top.rglob("*")
            if path.is_file()
        }

    def write(self, path: str, content: bytes) -> None:
        """Write a file with an editor, making its folder if need be."""
        place = self.top / path
        if place.is_dir() or not place.parent.is_dir():
            return
        place.write_bytes(content)

    def delete(self, path: str) -> None:
        """Delete by hand what is at a path, with the control data in it."""
        place = self.top / path
        if place.is_dir():
            shutil.rmtree(place)
        elif place.exists():
            place.unlink()

    def rename(self, path: str, other: str) -> None:
        """Rename by hand, if that is possible."""
        old, new = self.top / path, self.top / other
        if old.exists() and not new.exists() and new.parent.is_dir():
            if new.is_relative_to(old):
                return
            old.rename(new)
