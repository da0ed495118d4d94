"""Items of folders are found by their own names, and by nothing acquired."""

from __future__ import annotations

import pytest

from zope.app.fssync.hosts.ofs.content.items import ItemAccess


class Manager:
    items = {"one": 1, "two": 2}
    acquired = 3

    def objectIds(self):
        return list(self.items)

    def _getOb(self, name):
        return self.items[name]


class Access(ItemAccess):
    def __init__(self):
        self.context = Manager()

    def has(self, key):
        return key in self.context.items

    def __setitem__(self, key, value):
        self.context.items = {**self.context.items, key: value}


def test_items_are_read_by_name():
    access = Access()

    assert access["one"] == access.traverseName("one") == 1
    assert list(access.iteritems()) == [("one", 1), ("two", 2)]
    with pytest.raises(KeyError):
        access["acquired"]


def test_update_adds_each():
    access = Access()

    access.update({"three": 3, "four": 4})

    assert access["three"] == 3
    assert list(access.names()) == ["one", "two", "three", "four"]
