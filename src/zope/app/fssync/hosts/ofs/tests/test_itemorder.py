"""The order of the items of plain folders."""

from __future__ import annotations

import pytest
from OFS.Folder import Folder
from OFS.OrderedFolder import OrderedFolder

from zope.app.fssync.hosts.ofs import itemorder


def folder_of(names: str, kind: type = Folder) -> Folder:
    folder = kind("folder")
    for name in names:
        folder._setObject(name, Folder(name), suppress_events=True)
    return folder


@pytest.mark.parametrize("name", "ABCDE")
def test_an_item_that_comes_in_is_put_where_its_name_belongs(name):
    folder = folder_of("BD" if name not in "BD" else "AC")
    folder._setObject(name, Folder(name), suppress_events=True)
    itemorder.put_last_by_name(folder)
    assert itemorder.by_name(itemorder.ids(folder))


def test_only_an_order_by_name_is_kept():
    sorted_, other = folder_of("abc"), folder_of("bca")
    with itemorder.kept_by_name(sorted_, other):
        for folder in (sorted_, other):
            folder._delObject("b", suppress_events=True)
            folder._setObject("aa", Folder("aa"), suppress_events=True)
    assert itemorder.ids(sorted_) == ["a", "aa", "c"]
    assert itemorder.ids(other) == ["c", "a", "aa"]


def test_ordered_folders_have_an_order_of_their_own():
    assert itemorder.ids(folder_of("cab", OrderedFolder)) == []
    assert itemorder.by_name([])
