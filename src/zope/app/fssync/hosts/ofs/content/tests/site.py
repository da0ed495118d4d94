"""Files of a site of Zope in memory, by path, and the tasks on them."""

from __future__ import annotations

import io
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import ExitStack
from contextlib import contextmanager
from typing import Any

import transaction
from OFS.Folder import Folder

from zope.app.fssync.hosts.ofs.host import ZopeHost
from zope.app.fssync.testing.ofs.site import application
from zope.app.fssync.testing.ofs.site import calling
from zope.fssync import task
from zope.fssync.metadata import dump_entries
from zope.fssync.metadata import load_entries
from zope.fssync.repository import SnarfRepository

__all__ = ["Files", "Site"]


class Site:
    """A database with its root, and who asks: the manager, at first."""

    def __init__(self, stack: ExitStack) -> None:
        self.app = stack.enter_context(application())
        self.host = ZopeHost()
        self.user = "manager"

    def make(self, sample: Callable[[Any], str]) -> Any:
        """Make a sample in the folder ``folder``, on behalf of the user."""
        with calling(self.app, self.user):
            if "folder" not in self.app:
                self.app._setObject("folder", Folder("folder"))
            name = sample(self.app.folder)
        transaction.commit()
        return self.app.folder._getOb(name)

    @contextmanager
    def request(self) -> Iterator[None]:
        """Do what a request of the user does, in a transaction."""
        try:
            with calling(self.app, self.user):
                yield
            transaction.commit()
        finally:
            transaction.abort()

    def reading(self, obj: Any) -> Any:
        """Return the hooks of a task that reads, for which any error is fatal."""
        hooks = self.host.database(obj)
        hooks.identity = _nameless
        hooks.fatal_reading = (Exception,)
        return hooks

    def checkout(self, path: str) -> Files:
        """Return the files of an object."""
        obj = self.app.unrestrictedTraverse(path)
        stream = io.BytesIO()
        repository = SnarfRepository(stream, case_insensitive=True, enforce_nfd=True)
        with calling(self.app, self.user):
            task.Checkout(
                self.host.access(), repository, hooks=self.reading(obj)
            ).perform(obj, obj.getId())
        return Files.read(stream)

    def checkout_of(self, sample: Callable[[Any], str]) -> Files:
        """Return the files of the folder with one sample in it."""
        self.make(sample)
        return self.checkout("/folder")

    def commit(self, path: str, files: Files) -> None:
        """Check and commit files that belong to an object."""
        obj = self.app.unrestrictedTraverse(path)
        name = obj.getId()
        repository = files.repository()
        with self.request():
            check = task.Check(self.host.access(), repository, hooks=self.reading(obj))
            check.perform(obj, "", name)
            assert check.errors() == []
            commit = task.Commit(
                self.host.access(),
                repository,
                unchanged=check.unchanged,
                settled=check.settled,
                hooks=self.host.database(obj, writing=True),
            )
            commit.perform(obj, "", name)

    def checkin(self, files: Files, name: str, path: str = "/") -> None:
        """Make a new object from files."""
        container = self.app.unrestrictedTraverse(path)
        with self.request():
            task.Checkin(
                self.host.access(),
                files.repository(),
                hooks=self.host.database(container, writing=True),
            ).perform(container, name, name)


class Files(dict[str, bytes]):
    """Files by path; what is edited leaves its original behind, as in a client."""

    @classmethod
    def read(cls, stream: io.BytesIO) -> Files:
        """Read an archive."""
        repository = SnarfRepository(stream)
        return cls((path, repository.readFile(path)) for path in repository.iterPaths())

    def edit(self, path: str, content: bytes) -> None:
        """Change a file."""
        self.setdefault(_original(path), self[path])
        self[path] = content

    def entry(self, path: str, **attributes: str) -> None:
        """Change the entry of a file."""
        head, _, name = path.rpartition("/")
        where = "/".join(filter(None, [head, "@@Zope/Entries.xml"]))
        entries = load_entries(self.get(where, dump_entries({})))
        entries.setdefault(name, {}).update(attributes)
        self[where] = dump_entries(entries)

    def add(self, path: str, content: bytes, **attributes: str) -> None:
        """Add a file."""
        self[path] = content
        self.entry(path, flag="added", **attributes)

    def remove(self, path: str) -> None:
        """Remove a file."""
        self[_original(path)] = self.pop(path)
        self.entry(path, flag="removed")

    def repository(self) -> SnarfRepository:
        """Return an archive of the files."""
        stream = io.BytesIO()
        repository = SnarfRepository(stream)
        for path in sorted(self):
            member = repository.writeable(path)
            member.write(self[path])
            member.close()
        return SnarfRepository(stream)


def _original(path: str) -> str:
    head, _, name = path.rpartition("/")
    return "/".join(filter(None, [head, "@@Zope/Original", name]))


def _nameless(obj: Any) -> None:
    """Ids are paths: they differ where the rest is to be equal."""
