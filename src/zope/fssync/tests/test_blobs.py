"""References to blobs: numbered as a pickle names them, and found again."""

from __future__ import annotations

import pytest
from ZODB.blob import Blob

from zope.fssync import blobs
from zope.fssync.errors import PickleRefused


def test_a_blob_has_one_number() -> None:
    numbers = blobs.Numbers()
    first, second = Blob(), Blob()
    assert numbers(first) == "blob:1"
    assert numbers(second) == "blob:2"
    assert numbers(first) == "blob:1"
    assert numbers.found == {"blob-1": first, "blob-2": second}


def test_known_blobs_are_taken_and_others_made_once() -> None:
    made = []

    def make(name: str) -> object:
        made.append(name)
        return object()

    known = object()
    source = blobs.Source({"blob-1": known}, make)
    assert source("blob:1") is known
    assert source("blob:2") is source("blob:2")
    assert made == ["blob-2"]
    assert set(source.given) == {"blob-1", "blob-2"}


@pytest.mark.parametrize(
    "text",
    [
        "blob:0",
        "blob:01",
        "blob:1234567",
        "blob:",
        "blob:1\n",
        "/a",
        "blob:-1",
        "Blob:1",
    ],
)
def test_other_references_are_none(text: str) -> None:
    assert not blobs.is_reference(text)
    with pytest.raises(PickleRefused, match="unknown reference"):
        blobs.extra_name(text)


def test_the_name_of_the_extra_has_the_number() -> None:
    assert blobs.is_reference("blob:12")
    assert blobs.extra_name("blob:12") == "blob-12"


def test_only_blobs_are_refused() -> None:
    assert blobs.is_blob(Blob)
    blobs.refuse_blob(dict)
    with pytest.raises(PickleRefused, match="no bytes in a pickle"):
        blobs.refuse_blob(Blob)
    assert f"{Blob.__module__}.{Blob.__name__}" == blobs.BLOB
