"""The blobs of a pickle are those of the object, or new ones with an extra."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from zope.interface import alsoProvides

from zope.fssync.blobs import BLOB
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import IDefaultSynchronizer
from zope.fssync.synchronizer import Extras
from zope.fssync.task.base import SyncTask
from zope.fssync.task.container import ItemContainer
from zope.fssync.task.pickledblobs import PickledBlobs
from zope.fssync.task.pickledblobs import is_blob
from zope.fssync.task.walk import Pair
from zope.fssync.tests.dictionaries import Files
from zope.fssync.tests.dictionaries import registered as registered

PAPER = Pair("paper", "top/paper", "paper", True)


class Paper:
    """A synchronizer of an object with blobs."""

    def __init__(self, **blobs: object) -> None:
        self._blobs = {name.replace("_", "-"): blob for name, blob in blobs.items()}
        alsoProvides(self, IDefaultSynchronizer)

    def extras(self) -> dict[str, object]:
        return self._blobs


@pytest.fixture
def found() -> PickledBlobs:
    def lookup(obj: Any, context: Any = None) -> Any:
        return obj

    repository = Files.of({"paper": {}}).repository()
    return PickledBlobs(SyncTask(lookup, repository))


def place(changes: Any = None) -> ItemContainer:
    return ItemContainer(SimpleNamespace(), {}, changes)


def test_the_blobs_of_a_replaced_object_are_kept(found: PickledBlobs) -> None:
    blob = object()
    paper = Paper(blob_1=blob)
    source = found.source(place(), PAPER, paper, True)
    assert source is not None
    assert source("blob:1") is blob
    found.check(place(), PAPER, paper, source)
    with pytest.raises(SynchronizationError, match="not numbered in the order"):
        found.check(place(), PAPER, Paper(blob_2=blob), source)


def test_a_new_blob_needs_an_extra(found: PickledBlobs) -> None:
    source = found.source(place(), PAPER, None, False)
    assert source is not None
    with pytest.raises(SynchronizationError, match="there is no extra blob-1"):
        source("blob:1")


def test_parts_that_are_not_listed_have_no_blobs(found: PickledBlobs) -> None:
    assert found.source(place(Extras()), PAPER, None, False) is None


def test_an_entry_of_a_blob_names_its_class() -> None:
    assert is_blob({"type": BLOB})
    assert is_blob({"factory": BLOB})
    assert not is_blob({"type": "File"})
