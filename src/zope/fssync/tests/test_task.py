"""The rules of checkout, check, commit and checkin, on trees of dictionaries."""

from __future__ import annotations

import io
from typing import Any
from typing import Self

import pytest
from zope.component import provideAdapter
from zope.component import provideUtility
from zope.event import subscribers
from zope.interface import implementer
from zope.interface.verify import verifyObject
from zope.lifecycleevent import IObjectCreatedEvent
from zope.lifecycleevent import IObjectModifiedEvent
from zope.testing.cleanup import cleanUp

from zope.fssync import interfaces
from zope.fssync import pickle
from zope.fssync import task
from zope.fssync.errors import SynchronizationError
from zope.fssync.errors import Withheld
from zope.fssync.metadata import dump_entries
from zope.fssync.metadata import load_entries
from zope.fssync.repository import FileSystemRepository
from zope.fssync.repository import SnarfRepository
from zope.fssync.synchronizer import DefaultSynchronizer
from zope.fssync.synchronizer import DirectorySynchronizer
from zope.fssync.synchronizer import Extras
from zope.fssync.synchronizer import Synchronizer
from zope.fssync.synchronizer import dottedname
from zope.fssync.synchronizer import getSynchronizer
from zope.fssync.task.commit import CommitFailed


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

    def adopt(self, container: Any, obj: Any) -> None:
        self.noted.append(("adopt", (container, obj.data)))

    def doom(self) -> None:
        self.noted.append(("doom", ()))


def test_tasks_keep_their_contracts():
    assert verifyObject(interfaces.ITaskHooks, task.NullHooks())
    repository = SnarfRepository(io.BytesIO())
    assert verifyObject(interfaces.ICheckout, task.Checkout(lookup, repository))
    assert verifyObject(interfaces.ICheck, task.Check(lookup, repository))
    assert verifyObject(interfaces.ICommit, task.Commit(lookup, repository))
    assert verifyObject(interfaces.ICheckin, task.Checkin(lookup, repository))


class TestCheckout:
    def test_the_order_of_records(self, tree):
        stream = io.BytesIO()
        task.Checkout(lookup, SnarfRepository(stream)).perform({"x": Text()}, "top")
        lines = [
            line.partition(b" ")[2].decode()
            for line in stream.getvalue().splitlines()
            if line[:8].isdigit()
        ]
        assert lines == [
            "@@Zope/Entries.xml",
            "top/@@Zope/Entries.xml",
            "top/@@Zope/Extra/x/@@Zope/Entries.xml",
            "top/@@Zope/Extra/x/color",
            "top/x",
        ]

    def test_names_that_collide_get_numbers_and_their_keys(self):
        tree = {"Größe.txt": Text(b"1"), "größe.txt": Text(b"2")}
        files = Files.of(tree)
        entries = load_entries(files["top/@@Zope/Entries.xml"])
        assert sorted(entry["key"] for entry in entries.values()) == sorted(tree)
        assert len({name.lower() for name in entries}) == 2
        for name, entry in entries.items():
            assert files[f"top/{name}"] == tree[entry["key"]].data

    def test_a_directory_of_the_system_takes_it_too(self, tree, tmp_path):
        checkout = task.Checkout(lookup, FileSystemRepository())
        checkout.perform(tree, "top", str(tmp_path))
        assert (tmp_path / "top" / "sub" / "c").read_bytes() == b"gamma"
        assert (tmp_path / "top" / "@@Zope" / "Entries.xml").exists()

    def test_what_is_withheld_is_counted_and_absent(self, tree):
        tree["secret"] = Secret(b"hidden")
        stream = io.BytesIO()
        checkout = task.Checkout(lookup, SnarfRepository(stream))
        checkout.perform(tree, "top")
        assert checkout.withheld == ["top/secret"]
        assert b"hidden" not in stream.getvalue()
        assert b"secret" not in stream.getvalue()


class TestCheck:
    def test_a_fresh_checkout_is_up_to_date(self, tree):
        assert Files.of(tree).conflicts(tree) == []

    @pytest.mark.parametrize("data", [b"", b"alph", b"alphabet", b"alphA", b"beta"])
    def test_any_change_of_a_body_is_seen(self, tree, data):
        files = Files.of(tree)
        tree["a"].data = data
        assert files.conflicts(tree) == ["top/a"]

    def test_a_late_change_in_a_large_body_is_seen(self, tree):
        tree["a"].data = b"x" * 100_000
        files = Files.of(tree)
        assert files.conflicts(tree) == []
        tree["a"].data = b"x" * 99_999 + b"y"
        assert files.conflicts(tree) == ["top/a"]

    def test_a_change_of_an_extra_is_seen(self, tree):
        files = Files.of(tree)
        tree["a"].color = "red"
        assert files.conflicts(tree) == ["top/@@Zope/Extra/a/color"]

    def test_added_and_removed_objects_are_seen(self, tree):
        files = Files.of(tree)
        tree["new"] = Text()
        del tree["b"]
        assert files.conflicts(tree) == ["top/b", "top/new"]

    def test_a_lost_file_is_no_removal(self, tree):
        files = Files.of(tree)
        del files["top/a"]
        assert files.conflicts(tree) == ["top/a"]
        files.entry("top/a", flag="removed")
        assert files.conflicts(tree) == []

    @pytest.mark.parametrize("flag", [None, "removed"])
    @pytest.mark.parametrize("sent", ["file", "original", "both"])
    def test_a_file_that_became_a_directory_is_a_conflict(self, tree, flag, sent):
        files = Files.of(tree)
        for name in ("color", "@@Zope/Entries.xml"):
            files.pop(f"top/@@Zope/Extra/a/{name}", None)
        files["top/@@Zope/Original/a"] = files["top/a"]
        if sent == "file":
            del files["top/@@Zope/Original/a"]
        if sent == "original":
            del files["top/a"]
        if flag:
            files.entry("top/a", flag=flag)
        tree["a"] = {}
        assert files.conflicts(tree) == ["top/a"]

    def test_a_removed_file_that_exists_is_a_conflict(self, tree):
        files = Files.of(tree)
        files.entry("top/a", flag="removed")
        assert files.conflicts(tree) == ["top/a"]

    def test_an_unresolved_conflict_is_one(self, tree):
        files = Files.of(tree)
        files.entry("top/a", conflict="yes")
        assert files.conflicts(tree) == ["top/a"]
        del tree["a"]
        files.entry("top/a", conflict="yes", flag="added")
        assert files.conflicts(tree) == ["top/a"]

    def test_an_added_file_needs_a_free_name(self, tree):
        files = Files.of(tree)
        files.entry("top/new", flag="added")
        assert files.conflicts(tree) == ["top/new"]
        files["top/new"] = b"new"
        assert files.conflicts(tree) == []
        tree["new"] = Text(b"new")
        assert files.conflicts(tree) == ["top/new"]

    def test_what_is_withheld_is_no_conflict(self, tree):
        tree["secret"] = Secret()
        assert Files.of(tree).conflicts(tree) == []

    def test_it_can_stop_at_the_first(self, tree):
        files = Files.of(tree)
        tree["a"].data = b"changed"
        check = task.Check(lookup, files.repository(), raise_on_conflicts=True)
        with pytest.raises(SynchronizationError, match="top/a"):
            check.check({"top": tree}, "top", "top")

    def test_a_pickle_of_360_is_compared_by_what_it_means(self):
        tree = {"numbers": (1, 2)}
        files = Files.of(tree)
        old = b"<pickle><tuple> <int>1</int><int>2</int> </tuple></pickle>"
        files["top/@@Zope/Original/numbers"] = old
        assert files["top/numbers"] != old
        assert files.conflicts(tree) == []
        assert files.conflicts({"numbers": (1, 3)}) == ["top/numbers"]


class TestCommit:
    def test_changes_arrive(self, tree):
        files = Files.of(tree)
        files["top/a"] = b"changed"
        files["top/sub/c"] = b""
        files.commit(tree)
        assert (tree["a"].data, tree["sub"]["c"].data) == (b"changed", b"")

    def test_unchanged_pickles_stay_the_same_objects(self):
        value = ["a", "list"]
        tree = {"value": value}
        Files.of(tree).commit(tree)
        assert tree["value"] is value

    def test_new_removed_and_retyped_objects(self, tree):
        files = Files.of(tree)
        files.entry("top/b", flag="removed")
        del files["top/b"]
        files.entry("top/new", flag="added", factory=TEXT)
        files["top/new"] = b"new"
        files.entry("top/a", type="builtins.dict", factory="builtins.dict")
        del files["top/a"], files["top/@@Zope/Extra/a/color"]
        del files["top/@@Zope/Extra/a/@@Zope/Entries.xml"]
        files["top/a/@@Zope/Entries.xml"] = dump_entries({})
        files.commit(tree)
        assert sorted(tree) == ["a", "new", "sub"]
        assert tree["new"].data == b"new"
        assert tree["a"] == {}

    def test_keys_are_restored_from_names(self):
        tree = {"Größe.txt": Text(b"1"), "größe.txt": Text(b"2")}
        files = Files.of(tree)
        for path in list(files):
            if files[path] == b"2" and "@@Zope" not in path:
                files[path] = b"changed"
        files.commit(tree)
        assert {key: text.data for key, text in tree.items()} == {
            "Größe.txt": b"1",
            "größe.txt": b"changed",
        }

    def test_new_names_are_composed(self, tree):
        files = Files.of(tree)
        name = "o\N{COMBINING DIAERESIS}"
        files.entry(f"top/{name}", flag="added", factory=TEXT)
        files[f"top/{name}"] = b"new"
        files.commit(tree)
        assert "\N{LATIN SMALL LETTER O WITH DIAERESIS}" in tree

    def test_keys_may_be_numbers(self):
        tree = {1: Text(b"one")}
        files = Files.of(tree)
        files["top/1"] = b"uno"
        assert files.conflicts(tree) == []
        files.commit(tree)
        assert tree[1].data == b"uno"

    def test_only_declared_extras_are_set(self, tree):
        files = Files.of(tree)
        entries = "top/@@Zope/Extra/a/@@Zope/Entries.xml"
        files[entries] = dump_entries(
            {"data": {"type": "builtins.str", "flag": "added"}}
        )
        files["top/@@Zope/Extra/a/data"] = b"<pickle><none/></pickle>"
        with pytest.raises(CommitFailed, match="no extra attribute 'data'"):
            files.commit(tree)
        assert tree["a"].data == b"alpha"

    def test_failures_are_collected_with_their_paths(self, tree):
        files = Files.of(tree)
        files["top/a"] = b"broken"
        files.entry("top/new", flag="added", factory="os.system")
        files["top/new"] = b"new"
        with pytest.raises(CommitFailed) as caught:
            files.commit(tree)
        assert [path for path, _ in caught.value.failures] == ["top/a", "top/new"]
        assert (
            str(caught.value).splitlines()[0] == "top/a: ValueError: cannot load this"
        )

    def test_fatal_errors_are_not_collected(self, tree):
        files = Files.of(tree)
        files["top/a"] = b"broken"
        hooks = Noting()
        hooks.fatal = (ValueError,)
        with pytest.raises(ValueError, match="cannot load this"):
            files.commit(tree, hooks)
        assert hooks.calls("doom")

    @pytest.mark.parametrize("key", ["..", "a/b"])
    def test_keys_that_are_paths_are_refused(self, tree, key):
        files = Files.of(tree)
        files.entry("top/new", flag="added", factory=TEXT, key=key)
        files["top/new"] = b"new"
        with pytest.raises(CommitFailed, match="cannot be the name"):
            files.commit(tree)

    def test_unregistered_files_are_ignored(self, tree):
        files = Files.of(tree)
        files["top/stray~"] = b"backup"
        files.commit(tree)
        assert "stray~" not in tree


class TestWithheld:
    def test_it_survives_a_commit_that_does_not_know_it(self, tree):
        secret = tree["secret"] = Secret(b"hidden")
        Files.of(tree).commit(tree)
        assert tree["secret"] is secret

    def test_it_is_not_changed(self, tree):
        files = Files.of(tree)
        tree["a"] = Secret(b"alpha")
        files.commit(tree)
        files["top/a"] = b"changed"
        with pytest.raises(CommitFailed, match="you may not change top/a") as caught:
            files.commit(tree)
        assert isinstance(caught.value.failures[0][1], Withheld)

    def test_it_is_not_removed_with_what_holds_it(self, tree):
        tree["sub"]["secret"] = Secret(b"hidden")
        files = Files.of(tree)
        files.entry("top/sub", flag="removed")
        for path in [path for path in files if path.startswith("top/sub/")]:
            del files[path]
        with pytest.raises(CommitFailed, match="withheld from you"):
            files.commit(tree)
        assert "secret" in tree["sub"]


class TestEvents:
    def test_a_new_object_is_created_before_it_is_added(self, tree, events):
        files = Files.of(tree)
        files.entry("top/new", flag="added", factory=TEXT)
        files["top/new"] = b"new"
        files.commit(tree)
        created = [e for e in events if IObjectCreatedEvent.providedBy(e)]
        assert [event.object for event in created] == [tree["new"]]

    def test_a_changed_object_has_one_event_with_descriptions(self, tree, events):
        files = Files.of(tree)
        files["top/a"] = b"changed"
        path = "top/@@Zope/Extra/a/color"
        files[path] = files[path].replace(b"white", b"red")
        files.commit(tree)
        modified = [e for e in events if IObjectModifiedEvent.providedBy(e)]
        assert [event.object for event in modified] == [tree["a"]]
        synchronized, attributes = modified[0].descriptions
        assert interfaces.IObjectSynchronized.providedBy(synchronized)
        assert attributes.attributes == ("color",)

    def test_nothing_changed_is_no_event(self, tree, events):
        Files.of(tree).commit(tree)
        assert events == []


class TestHooks:
    def test_a_new_object_is_adopted_before_it_is_loaded(self, tree):
        hooks = Noting()
        files = Files.of(tree)
        files.entry("top/new", flag="added", factory=TEXT)
        files["top/new"] = b"new"
        files.commit(tree, hooks)
        assert hooks.calls("adopt") == [(tree, b"")]
        assert not hooks.calls("doom")

    def test_each_object_is_a_checkpoint(self, tree):
        hooks = Noting()
        repository = SnarfRepository(io.BytesIO())
        task.Checkout(lookup, repository, hooks=hooks).perform(tree, "top")
        assert len(hooks.calls("checkpoint")) >= 5

    def test_a_failed_commit_dooms_once_all_is_tried(self, tree):
        hooks = Noting()
        files = Files.of(tree)
        files["top/a"] = b"broken"
        files["top/b"] = b"changed"
        with pytest.raises(CommitFailed):
            files.commit(tree, hooks)
        assert tree["b"].data == b"changed"
        assert hooks.noted[-1] == ("doom", ())

    @pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
    def test_whatever_ends_a_commit_dooms(self, tree, error, monkeypatch):
        def load(self: Any, readable: Any) -> None:
            raise error

        monkeypatch.setattr(TextSynchronizer, "load", load)
        hooks = Noting()
        files = Files.of(tree)
        files["top/a"] = b"changed"
        with pytest.raises(error):
            files.commit(tree, hooks)
        assert hooks.calls("doom") == [()]

    def test_a_checkin_that_changes_nothing_dooms_nothing(self, tree):
        hooks = Noting()
        checkin = task.Checkin(lookup, Files.of(tree).repository(), hooks=hooks)
        with pytest.raises(SynchronizationError, match="already exists"):
            checkin.perform({"top": tree}, "top", "top")
        assert not hooks.calls("doom")

    def test_a_lookup_is_told_the_place_if_it_asks(self, tree):
        places = []

        def placed(obj: Any, raise_error: bool = True, context: Any = None) -> Any:
            places.append((type(obj), context))
            return getSynchronizer(obj, raise_error)

        task.Checkout(placed, SnarfRepository(io.BytesIO())).perform(tree, "top")
        assert (str, tree["a"]) in places
        assert (Text, tree) in places


class TestCheckin:
    def test_everything_is_new(self, tree):
        container: dict[str, Any] = {}
        repository = Files.of(tree).repository()
        task.Checkin(lookup, repository).perform(container, "copy", "top")
        assert container["copy"]["sub"]["c"].data == b"gamma"
        assert container["copy"]["a"] is not tree["a"]

    def test_a_taken_name_is_refused(self, tree):
        checkin = task.Checkin(lookup, Files.of(tree).repository())
        with pytest.raises(SynchronizationError, match="object already exists"):
            checkin.perform({"top": 1}, "top", "top")

    def test_an_archive_without_an_entry_is_refused(self):
        checkin = task.Checkin(lookup, Files({"a": b""}).repository())
        with pytest.raises(SynchronizationError, match="no entry for a"):
            checkin.perform({}, "a", "a")
