"""Trees of dictionaries, their synchronizers, and working copies of them."""

from __future__ import annotations

import io
from typing import Any
from typing import Self

import pytest
from zope.component import provideAdapter
from zope.component import provideUtility
from zope.event import subscribers
from zope.interface import implementer
from zope.testing.cleanup import cleanUp

from zope.fssync import interfaces
from zope.fssync import pickle
from zope.fssync import task
from zope.fssync.metadata import dump_entries
from zope.fssync.metadata import load_entries
from zope.fssync.repository import SnarfRepository
from zope.fssync.synchronizer import DefaultSynchronizer
from zope.fssync.synchronizer import DirectorySynchronizer
from zope.fssync.synchronizer import Extras
from zope.fssync.synchronizer import Synchronizer
from zope.fssync.synchronizer import dottedname
from zope.fssync.synchronizer import getSynchronizer

__all__ = [
    "TEXT",
    "Files",
    "Noting",
    "Secret",
    "Text",
    "TextSynchronizer",
    "events",
    "lookup",
    "registered",
    "tree",
]


class Text:
    """Content that becomes a file; its color is an extra."""

    def __init__(self, data: bytes = b"", color: str = "white") -> None:
        self.data = data
        self.color = color


class Secret(Text):
    """Content that is withheld."""


@implementer(interfaces.IFileSynchronizer)
class TextSynchronizer(Synchronizer):
    def dump(self, writeable: Any) -> None:
        # In pieces, as a large body.
        for index in range(0, len(self.context.data), 2):
            writeable.write(self.context.data[index : index + 2])

    def load(self, readable: Any) -> Any:
        data = readable.read()
        if data == b"broken":
            raise ValueError("cannot load this")
        self.context.data = data

    def extras(self) -> Extras:
        return Extras(color=self.context.color)


def lookup(obj: Any, raise_error: bool = True) -> Any:
    return None if isinstance(obj, Secret) else getSynchronizer(obj, raise_error)


@pytest.fixture(autouse=True)
def registered():
    cleanUp()
    provideAdapter(pickle.XMLPickler)
    provideAdapter(pickle.XMLUnpickler)
    for factory, klass in (
        (TextSynchronizer, Text),
        (TextSynchronizer, Secret),
        (DirectorySynchronizer, dict),
        (DirectorySynchronizer, Extras),
    ):
        provideUtility(factory, interfaces.ISynchronizerFactory, dottedname(klass))
    provideUtility(DefaultSynchronizer, interfaces.ISynchronizerFactory)
    yield
    cleanUp()


@pytest.fixture
def events():
    found: list[Any] = []
    subscribers.append(found.append)
    yield found
    subscribers.remove(found.append)


TEXT = dottedname(Text)


class Files(dict[str, bytes]):
    """A working copy of one tree, as a dict."""

    @classmethod
    def of(cls, obj: Any, name: str = "top") -> Self:
        repository = SnarfRepository(io.BytesIO(), True, True)
        task.Checkout(lookup, repository).perform(obj, name)
        files = cls(
            (path, repository.readFile(path)) for path in repository.iterPaths()
        )
        for path in list(files):
            if not path.endswith("Entries.xml"):
                dir, _, base = path.rpartition("/")
                files[f"{dir}/@@Zope/Original/{base}"] = files[path]
        return files

    def entry(self, path: str, **attributes: str) -> None:
        dir, _, base = path.rpartition("/")
        where = f"{dir}/@@Zope/Entries.xml" if dir else "@@Zope/Entries.xml"
        entries = load_entries(self.get(where, dump_entries({})))
        entries.setdefault(base, {}).update(attributes)
        self[where] = dump_entries(entries)

    def repository(self) -> SnarfRepository:
        stream = io.BytesIO()
        for path, data in self.items():
            stream.write(b"%d %s\n%s" % (len(data), path.encode(), data))
        return SnarfRepository(stream)

    def conflicts(self, tree: Any) -> list[str]:
        check = task.Check(lookup, self.repository())
        check.perform({"top": tree}, "top", "top")
        return check.errors()

    def commit(self, tree: Any, hooks: Any = None) -> None:
        commit = task.Commit(lookup, self.repository(), hooks=hooks)
        commit.perform({"top": tree}, "top", "top")


@pytest.fixture
def tree() -> dict[str, Any]:
    return {"a": Text(b"alpha"), "b": Text(b"beta"), "sub": {"c": Text(b"gamma")}}


class Noting(task.NullHooks):
    """Notes what is called, and of a new object its body at that time."""

    def __init__(self) -> None:
        self.noted: list[tuple[str, tuple[Any, ...]]] = []

    def calls(self, name: str) -> list[tuple[Any, ...]]:
        return [args for called, args in self.noted if called == name]

    def checkpoint(self) -> None:
        self.noted.append(("checkpoint", ()))

    def pause(self) -> None:
        self.noted.append(("pause", ()))

    def adopt(self, container: Any, obj: Any) -> None:
        self.noted.append(("adopt", (container, obj.data)))

    def doom(self) -> None:
        self.noted.append(("doom", ()))
