"""The rules of a commit, its events and hooks, on trees of dictionaries."""

from __future__ import annotations

import io
from typing import Any

import pytest
from zope.lifecycleevent import Attributes
from zope.lifecycleevent import IObjectCreatedEvent
from zope.lifecycleevent import IObjectModifiedEvent

from zope.fssync import interfaces
from zope.fssync import task
from zope.fssync.errors import SynchronizationError
from zope.fssync.metadata import dump_entries
from zope.fssync.repository import SnarfRepository
from zope.fssync.synchronizer import getSynchronizer
from zope.fssync.task.commit import CommitFailed
from zope.fssync.tests.dictionaries import TEXT
from zope.fssync.tests.dictionaries import Files
from zope.fssync.tests.dictionaries import Noting
from zope.fssync.tests.dictionaries import Text
from zope.fssync.tests.dictionaries import TextSynchronizer
from zope.fssync.tests.dictionaries import events as events
from zope.fssync.tests.dictionaries import lookup
from zope.fssync.tests.dictionaries import registered as registered
from zope.fssync.tests.dictionaries import tree as tree


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

    def test_the_change_of_a_body_is_described_in_the_event(
        self, tree, events, monkeypatch
    ):
        called = []
        plain = TextSynchronizer.load

        def load(self, readable):
            plain(self, readable)
            return [Attributes(None, "data"), lambda: called.append(self.context)]

        monkeypatch.setattr(TextSynchronizer, "load", load)
        files = Files.of(tree)
        files["top/a"] = b"changed"
        files.entry("top/new", flag="added", factory=TEXT)
        files["top/new"] = b"new"
        files.commit(tree)
        (modified,) = [e for e in events if IObjectModifiedEvent.providedBy(e)]
        synchronized, attributes = modified.descriptions
        assert interfaces.IObjectSynchronized.providedBy(synchronized)
        assert attributes.attributes == ("data",)
        assert called == [tree["a"], tree["new"]]

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

    def test_a_directory_pauses_at_each_item_before_any_is_written(self):
        hooks = Noting()
        checkout = task.Checkout(lookup, SnarfRepository(io.BytesIO()), hooks=hooks)
        steps = checkout.steps({f"f{n}": Text(b"") for n in range(20)}, "top")
        next(steps)
        assert len(hooks.calls("checkpoint")) <= 3
        # They are looked up, and they get entries.
        assert len(hooks.calls("pause")) >= 40

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
    def test_every_error_dooms_a_commit(self, tree, error, monkeypatch):
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
