"""Objects are made for entries: by a generator, a factory, a pickle, or a guess."""

from __future__ import annotations

from typing import Any

import pytest
from zope.component import provideUtility
from zope.interface import implementer

from zope.fssync import interfaces
from zope.fssync.errors import ArchiveDamaged
from zope.fssync.errors import SynchronizationError
from zope.fssync.metadata import dump_entries
from zope.fssync.pickle import XMLPickler
from zope.fssync.synchronizer import DirectorySynchronizer
from zope.fssync.synchronizer import dottedname
from zope.fssync.task import Commit
from zope.fssync.task.create import Creator
from zope.fssync.task.create import is_generated
from zope.fssync.tests.dictionaries import TEXT
from zope.fssync.tests.dictionaries import Files
from zope.fssync.tests.dictionaries import Noting
from zope.fssync.tests.dictionaries import Text
from zope.fssync.tests.dictionaries import lookup
from zope.fssync.tests.dictionaries import registered as registered


@implementer(interfaces.IObjectGenerator)
class Generator:
    """Puts a text into its container."""

    def create(self, context: Any, name: str) -> Any:
        context[name] = Text(b"generated")
        return context[name]


@implementer(interfaces.IFileGenerator)
class FileGenerator:
    """Makes a text of every file, but for pickles."""

    def create(self, context: Any, name: str, extension: str) -> Any:
        return None if extension == ".pickle" else Text(extension.encode())

    def load(self, obj: Any, readable: Any) -> None:
        obj.data += readable.read()


@implementer(interfaces.IDirectoryGenerator)
class DirectoryGenerator:
    """Makes dictionaries."""

    def create(self, context: Any, name: str) -> Any:
        return {}


class Creating:
    """Creates objects of files; ``called`` are the paths with a callback."""

    def __init__(self, **files: bytes) -> None:
        self.called: list[str] = []
        self.owner: dict[str, Any] = {}
        self.hooks = Noting()
        archive = Files({f"top/{name}": data for name, data in files.items()})
        task = Commit(lookup, archive.repository(), hooks=self.hooks)
        self.creator = Creator(task, lambda path, callback: self.called.append(path))

    def __call__(self, name: str, **entry: str) -> tuple[Any, bool]:
        return self.creator.create(self.owner, name, entry, f"top/{name}")


def test_a_factory_makes_and_the_file_fills() -> None:
    creating = Creating(a=b"alpha")
    obj, placed = creating("a", factory=TEXT, type=TEXT)
    assert (type(obj), obj.data, placed) == (Text, b"alpha", False)
    assert creating.called == ["top/a"]
    assert creating.hooks.calls("adopt") == [(creating.owner, b"")]


def test_a_generator_puts_it_in_its_place() -> None:
    provideUtility(Generator(), interfaces.IObjectGenerator, "some.Text")
    assert is_generated({"factory": "some.Text"})
    assert not is_generated({"factory": TEXT})
    assert not is_generated({})
    creating = Creating(a=b"alpha")
    obj, placed = creating("a", factory="some.Text")
    assert placed
    assert creating.owner == {"a": obj}
    assert obj.data == b"alpha"


def test_a_type_without_a_factory_is_a_pickle() -> None:
    creating = Creating(a=XMLPickler([1, "two"]).dumps())
    assert creating("a", type="builtins.list") == ([1, "two"], False)


def test_without_either_the_generators_are_asked() -> None:
    provideUtility(FileGenerator(), interfaces.IFileGenerator)
    provideUtility(DirectoryGenerator(), interfaces.IDirectoryGenerator)
    pickle = XMLPickler({"one": 1}).dumps()
    creating = Creating(**{"a.txt": b"alpha", "b.pickle": pickle, "sub/c": b"c"})
    assert creating("a.txt")[0].data == b".txtalpha"
    assert creating("b.pickle")[0] == {"one": 1}
    assert creating("sub")[0] == {}


@pytest.mark.parametrize("name", ["a.txt", "sub"])
def test_without_a_generator_nothing_is_known(name: str) -> None:
    creating = Creating(**{"a.txt": b"alpha", "sub/c": b"c"})
    with pytest.raises(SynchronizationError, match=f"make an object for top/{name}"):
        creating(name)


def test_an_entry_needs_its_file() -> None:
    with pytest.raises(ArchiveDamaged, match="there is an entry but no file: top/a"):
        Creating()("a", type="builtins.list")


def test_results_of_load_may_be_collected() -> None:
    creating = Creating(a=b"alpha")
    found: list[Any] = []
    other = creating.creator.calling(found.append)
    other.create(creating.owner, "a", {"factory": TEXT}, "top/a")
    assert (found, creating.called) == ([None], [])


@implementer(interfaces.IFileGenerator)
class DirectoriesOnly:
    """Makes a dictionary of every file."""

    def create(self, context: Any, name: str, extension: str) -> Any:
        return {}

    def load(self, obj: Any, readable: Any) -> None:
        raise AssertionError("the content would be lost")


@pytest.mark.parametrize("entry", [{"factory": "builtins.dict"}, {}])
def test_a_file_does_not_become_a_directory(
    entry: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Noting, "adopt", lambda self, container, obj: None)
    provideUtility(DirectoriesOnly())
    with pytest.raises(SynchronizationError, match="this is a file") as info:
        Creating(a=b"alpha")("a", **entry)
    assert info.value.path == "top/a"
    assert info.value.advice is not None


@implementer(interfaces.INamedItems)
class NamedItems(DirectorySynchronizer):
    """Makes its items by their names."""


@pytest.mark.parametrize(
    "entry",
    [{}, {"type": "elsewhere.Text"}, {"type": TEXT, "factory": "elsewhere.Text"}],
)
def test_a_type_does_not_count_where_names_do(entry: dict[str, str]) -> None:
    provideUtility(FileGenerator(), interfaces.IFileGenerator)
    provideUtility(DirectoryGenerator(), interfaces.IDirectoryGenerator)
    provideUtility(NamedItems, interfaces.ISynchronizerFactory, dottedname(dict))
    tree: dict[str, Any] = {}
    files = Files.of(tree)
    files.entry("top/a.txt", flag="added", **entry)
    files["top/a.txt"] = b"alpha"
    files.entry("top/sub", flag="added", **entry)
    files["top/sub/@@Zope/Entries.xml"] = dump_entries({})
    files.commit(tree)
    assert tree["a.txt"].data == b".txtalpha"
    assert tree["sub"] == {}
