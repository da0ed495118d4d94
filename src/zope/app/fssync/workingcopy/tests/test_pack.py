"""The pack holds what it was given, and no more than its bytes can say."""

from __future__ import annotations

import io
import json

import pytest

from zope.app.fssync.workingcopy.pack import Member
from zope.app.fssync.workingcopy.pack import digest
from zope.app.fssync.workingcopy.pack import pack_chunks
from zope.app.fssync.workingcopy.pack import read_index
from zope.app.fssync.workingcopy.pack import stored
from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import MetadataDamaged
from zope.fssync.errors import PathRefused
from zope.fssync.limits import Limits


def packed(contents: dict[str, bytes]) -> bytes:
    index = {name: (len(data), digest(data)) for name, data in contents.items()}
    return b"".join(pack_chunks(index, [contents[name] for name in stored(index)]))


def index_of(data: bytes) -> dict[str, Member]:
    return read_index(io.BytesIO(data), len(data), "Base")


CONTENTS = {
    "Original/b": b"bb",
    "Original/a": b"",
    "Extra/b/@@Zope/Original/x": b"bb",
    "Original/\xe9": b"\x00\n\xff" * 1000,
}


def test_what_was_packed_is_found() -> None:
    data = packed(CONTENTS)
    index = index_of(data)
    assert index.keys() == CONTENTS.keys()
    for name, (offset, size, key) in index.items():
        assert data[offset : offset + size] == CONTENTS[name]
        assert key == digest(CONTENTS[name])


def test_the_same_members_give_the_same_bytes() -> None:
    backwards = dict(reversed(CONTENTS.items()))
    assert packed(backwards) == packed(CONTENTS)


def test_equal_contents_are_stored_once() -> None:
    assert (
        packed({"Original/a": b"x" * 9999, "Original/b": b"x" * 9999}).count(
            b"x" * 9999
        )
        == 1
    )


def with_index(index: object, contents: bytes = b"content") -> bytes:
    text = index if isinstance(index, bytes) else json.dumps(index).encode()
    return b"zsync base 1 %d\n%s%s" % (len(text), text, contents)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"zsync base 1 2\n",
        b"zsync base 2 2\n{}",
        b"zsync base 1 -2\n{}",
        b"zsync base 1 " + b"9" * 70 + b"\n{}",
        b"zsync base 1 99\n{}",
        with_index(b"[]"),
        with_index(b"{"),
        with_index(b"\xff\xff"),
        with_index(b"[" * 100_000),
        with_index({"Original/a": None}),
        with_index({"Original/a": [0, 1]}),
        with_index({"Original/a": [0, 1, 2]}),
        with_index({"Original/a": [0, 1.0, "x"]}),
        with_index({"Original/a": [True, 1, "x"]}),
        with_index({"Original/a": [-1, 1, "x"]}),
        with_index({"Original/a": [0, -1, "x"]}),
        with_index({"Original/a": [0, 8, "x"]}),
        with_index({"Original/a": [7, 1, "x"]}),
        with_index({"Original/a": [10**30, 1, "x"]}),
    ],
)
def test_what_is_no_pack_is_damaged(data: bytes) -> None:
    with pytest.raises(MetadataDamaged, match="Base"):
        index_of(data)


@pytest.mark.parametrize(
    "name", ["", "/a", "a/", "Original/../x", "Original/.", "a//b", "Original/\n"]
)
def test_unsafe_names_are_refused(name: str) -> None:
    with pytest.raises(PathRefused, match="in Base"):
        index_of(with_index({name: [0, 1, "x"]}))


def test_an_index_may_not_be_too_large() -> None:
    data = with_index({"Original/a": [0, 1, "x"]})
    with pytest.raises(LimitExceeded):
        read_index(io.BytesIO(data), len(data), "Base", Limits(entries_size=10))
