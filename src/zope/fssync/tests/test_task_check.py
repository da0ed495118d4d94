"""The rules of a check, on trees of dictionaries."""

from __future__ import annotations

import pytest

from zope.fssync import task
from zope.fssync.errors import SynchronizationError
from zope.fssync.tests.dictionaries import Files
from zope.fssync.tests.dictionaries import Secret
from zope.fssync.tests.dictionaries import Text
from zope.fssync.tests.dictionaries import lookup
from zope.fssync.tests.dictionaries import registered as registered
from zope.fssync.tests.dictionaries import tree as tree


class TestCheck:
    def test_a_fresh_checkout_is_up_to_date(self, tree):
        assert Files.of(tree).conflicts(tree) == []

    def test_entries_of_finished_folders_are_forgotten(self, tree):
        check = task.Check(lookup, Files.of(tree).repository())
        check.perform({"top": tree}, "top", "top")
        assert not {"top", "top/sub"} & set(check.metadata.cache)

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

    def test_withheld_objects_are_no_conflict(self, tree):
        tree["secret"] = Secret()
        assert Files.of(tree).conflicts(tree) == []

    def test_task_check_can_stop_at_the_first(self, tree):
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
