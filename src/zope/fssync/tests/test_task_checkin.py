"""The rules of a checkin, on trees of dictionaries."""

from __future__ import annotations

from typing import Any

import pytest

from zope.fssync import task
from zope.fssync.errors import SynchronizationError
from zope.fssync.tests.dictionaries import Files
from zope.fssync.tests.dictionaries import lookup
from zope.fssync.tests.dictionaries import registered as registered
from zope.fssync.tests.dictionaries import tree as tree


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

    def test_entries_of_finished_folders_are_forgotten(self, tree):
        checkin = task.Checkin(lookup, Files.of(tree).repository())
        checkin.perform({}, "copy", "top")
        assert not {"top", "top/sub"} & set(checkin.metadata.cache)
