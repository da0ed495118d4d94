"""Items and entries are paired by key and by name."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest

from zope.app.fssync.testing.serversite import Archive
from zope.fssync.errors import NameRefused
from zope.fssync.errors import SynchronizationError
from zope.fssync.repository import SnarfRepository
from zope.fssync.task.walk import Pair
from zope.fssync.task.walk import archived_name
from zope.fssync.task.walk import child
from zope.fssync.task.walk import original_key
from zope.fssync.task.walk import pairs

NFC, NFD = "\xe9", "e\u0301"


class Items(dict[Any, Any]):
    """Lists what it has, and maybe more than it finds."""

    listed: tuple[tuple[Any, Any], ...] = ()

    def iteritems(self) -> Iterator[tuple[Any, Any]]:
        yield from self.items()
        yield from self.listed


def paired(items: Items, archive: Archive, partly: bool = False) -> list[Pair]:
    repository = SnarfRepository(io.BytesIO(archive.dump()))
    return pairs(items, "d", repository.getMetadata(), repository, partly)


def test_pairs_are_sorted_and_say_what_there_is() -> None:
    archive = Archive()
    archive.set_entry("d/both", type="t")
    archive.set_entry("d/new", type="t")
    items = Items(both=1, item=2)
    assert paired(items, archive) == [
        Pair("both", "d/both", "both", True),
        Pair("item", "d/item", "item", True),
        Pair("new", "d/new", "new", False),
    ]
    assert [pair.name for pair in paired(items, archive, partly=True)] == [
        "both",
        "new",
    ]


def test_an_entry_leads_to_its_key() -> None:
    archive = Archive()
    archive.set_entry("d/a-1", key="A")
    archive.set_entry("d/7", keytype="builtins.int")
    found = paired(Items({"A": 1, 7: 2}), archive)
    assert found == [Pair("7", "d/7", 7, True), Pair("a-1", "d/a-1", "A", True)]


@pytest.mark.parametrize("key", ["x", "1.5", "1" * 5000])
def test_a_key_that_is_no_number_is_refused_by_its_path(key: str) -> None:
    archive = Archive()
    archive.set_entry("d/a", keytype="builtins.int", key=key)
    with pytest.raises(SynchronizationError, match="d/a: the key is no"):
        paired(Items(), archive)


def test_a_class_that_nobody_allowed_is_no_type_of_keys() -> None:
    archive = Archive()
    archive.set_entry("d/a", keytype="os.system")
    with pytest.raises(NameRefused, match=r"d/a: .*os.system"):
        paired(Items(), archive)


def test_new_names_are_composed_and_known_keys_stay() -> None:
    assert original_key({}, NFD) == NFC
    assert original_key({}, NFD, {NFD}) == NFD
    assert original_key({"key": NFD}, "e") == NFD


def test_a_key_is_found_by_the_name_of_its_file() -> None:
    archive = Archive()
    archive.set_entry("d/a-1", key="A")
    archive.set_entry(f"d/{NFD}", type="t")
    metadata = SnarfRepository(io.BytesIO(archive.dump())).getMetadata()
    assert archived_name(metadata, "d", "A") == "a-1"
    assert archived_name(metadata, "d", NFC) == NFD
    assert archived_name(metadata, "d", "other") == "other"


def test_an_item_that_is_only_listed_is_found() -> None:
    items = Items(a=1)
    items.listed = (("manager", 2),)
    assert child(items, "a") == 1
    assert child(items, "manager") == 2
    with pytest.raises(KeyError):
        child(items, "nothing")
