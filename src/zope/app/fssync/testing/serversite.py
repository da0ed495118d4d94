"""A site in memory for the tests of the server, and archives as plain dicts."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import transaction
import webtest
from zope.app.wsgi.testlayer import BrowserLayer
from zope.component.hooks import setSite

import zope.app.fssync.testing
from zope.fssync.metadata import dump_entries
from zope.fssync.metadata import load_entries
from zope.fssync.repository import SnarfRepository
from zope.fssync.snarf import Snarfer

__all__ = ["Archive", "ServerSite", "configured", "server_site"]

ENTRIES = "@@Zope/Entries.xml"


class Archive(dict[str, bytes]):
    """The files of an archive by path, and what a client does to them."""

    @classmethod
    def parse(cls, data: bytes) -> Archive:
        """Read an archive."""
        repository = SnarfRepository(io.BytesIO(data))
        return cls((path, repository.readFile(path)) for path in repository.iterPaths())

    @classmethod
    def fresh(cls, data: bytes) -> Archive:
        """Read an archive and add an Original of each file, as a client does."""
        archive = cls.parse(data)
        for path in list(archive):
            if not path.endswith(ENTRIES):
                archive[original(path)] = archive[path]
        return archive

    def entries(self, dir: str = "") -> dict[str, dict[str, str]]:
        """Return the entries of a directory."""
        return load_entries(self.get(join(dir, ENTRIES), dump_entries({})))

    def set_entry(self, path: str, **attributes: str) -> None:
        """Change an entry, or make a new one."""
        dir, _, name = path.rpartition("/")
        entries = self.entries(dir)
        entries.setdefault(name, {}).update(attributes)
        self[join(dir, ENTRIES)] = dump_entries(entries)

    def edit(self, path: str, data: bytes) -> None:
        """Change a file."""
        assert path in self
        self[path] = data

    def add(self, path: str, data: bytes | None = None, **attributes: str) -> None:
        """Add a file, or a directory."""
        self.set_entry(path, flag="added", **attributes)
        if data is None:
            self[join(path, ENTRIES)] = dump_entries({})
        else:
            self[path] = data

    def remove(self, path: str) -> None:
        """Remove a file or a directory; a client keeps its control data."""
        self.set_entry(path, flag="removed")
        for each in list(self):
            if each == path or each.startswith(path + "/"):
                del self[each]

    def dump(self) -> bytes:
        """Return the archive in the form that clients send."""
        stream = io.BytesIO()
        snarfer = Snarfer(stream)
        for path in sorted(self):
            data = self[path]
            snarfer.addstream(io.BytesIO(data), len(data), path)
        return stream.getvalue()

    def tree(self) -> dict[str, Any]:
        """Return the archive with its entries parsed."""
        return {
            path: load_entries(data) if path.endswith(ENTRIES) else data
            for path, data in self.items()
        }


def join(*parts: str) -> str:
    return "/".join(part for part in parts if part)


def original(path: str) -> str:
    """Return where the Original of a file is."""
    dir, _, name = path.rpartition("/")
    return join(dir, "@@Zope/Original", name)


class ServerSite:
    """A database with a root folder, behind the publisher."""

    def __init__(self, layer: BrowserLayer) -> None:
        self.layer = layer
        self.app = webtest.TestApp(layer.make_wsgi_app())

    @property
    def root(self) -> Any:
        """The root folder; call `commit` after changing it."""
        return self.layer.getRootFolder()

    def commit(self) -> None:
        """Store what a test changed in the root folder."""
        transaction.commit()

    def request(
        self,
        method: str,
        path: str,
        user: str | None,
        body: bytes = b"",
        **headers: str,
    ) -> webtest.TestResponse:
        """Send one request and return the answer whatever its status is."""
        environ = {"REQUEST_METHOD": method}
        request = webtest.TestRequest.blank(path, environ=environ)
        if method == "POST":
            request.body = body
            request.headers["Content-Type"] = "application/x-snarf"
        for name, value in headers.items():
            request.headers[name.replace("_", "-")] = value
        if user:
            # The layer encodes it.
            request.headers["Authorization"] = f"Basic {user}:{user}pw"
        response = self.app.do_request(request, expect_errors=True)
        assert not response.errors
        setSite(None)
        return response

    def checkout(self, path: str, user: str | None = "manager") -> Archive:
        """Check out an object and return its archive as a fresh working copy."""
        response = self.request("GET", f"{path}/@@toFS.snarf", user)
        assert (response.status_int, response.headers["Content-Type"]) == (
            200,
            "application/x-snarf",
        ), response.body
        return Archive.fresh(response.body)

    def submit(
        self, path: str, archive: Archive, user: str | None = "manager", query: str = ""
    ) -> webtest.TestResponse:
        """Commit an archive and return the answer."""
        return self.request(
            "POST", f"{path}/@@fromFS.snarf{query}", user, archive.dump()
        )

    def accept(
        self, path: str, archive: Archive, user: str | None = "manager"
    ) -> Archive:
        """Commit an archive, which must be accepted; return the new one."""
        response = self.submit(path, archive, user)
        assert (response.status_int, response.headers["Content-Type"]) == (
            200,
            "application/x-snarf",
        ), response.text
        return Archive.fresh(response.body)


@contextmanager
def configured(
    package: ModuleType = zope.app.fssync.testing, zcml: str = "ftesting.zcml"
) -> Iterator[BrowserLayer]:
    """Configure a site with a file of a package; the tests of one module share it.

    The file of an add-on includes ``ftesting.zcml`` of `zope.app.fssync.testing`,
    which has the accounts ``manager``, ``editor``, ``reader`` and ``local``; the
    password of each is its name with ``pw`` appended.
    """
    layer = BrowserLayer(package, zcml, allowTearDown=True)
    layer.setUp()
    try:
        yield layer
    finally:
        layer.tearDown()


@contextmanager
def server_site(layer: BrowserLayer) -> Iterator[ServerSite]:
    """Give one test an empty database."""
    layer.testSetUp()
    try:
        yield ServerSite(layer)
    finally:
        layer.testTearDown()
