"""Objects are compared with files in pieces, and entries with what is written."""

from __future__ import annotations

import io
from typing import Any

import pytest
from zope.interface import implementer

from zope.fssync.interfaces import IDefaultSynchronizer
from zope.fssync.repository import SnarfRepository
from zope.fssync.task.compare import describes
from zope.fssync.task.compare import equals
from zope.fssync.task.compare import is_retyped
from zope.fssync.task.compare import isfile
from zope.fssync.task.compare import same_files
from zope.fssync.xmlpickle import dumps


class Item:
    pass


class Body:
    """Dumps pieces, and says what an entry says."""

    def __init__(self, *pieces: bytes, **metadata: str) -> None:
        self.pieces = pieces
        self.dumped = 0
        self._metadata = metadata

    def dump(self, writeable: Any) -> None:
        for piece in self.pieces:
            writeable.write(piece)
            self.dumped += 1

    def metadata(self) -> dict[str, str]:
        return self._metadata


@implementer(IDefaultSynchronizer)
class Pickled(Body):
    pass


def repository(**files: bytes) -> SnarfRepository:
    archive = SnarfRepository(io.BytesIO())
    for name, data in files.items():
        stream = archive.writeable(name)
        stream.write(data)
        stream.close()
    return SnarfRepository(archive.stream)


@pytest.mark.parametrize(
    ("pieces", "equal"),
    [
        ((b"abc", b"def"), True),
        ((b"", b"abcdef", b""), True),
        ((b"abc",), False),
        ((b"abcdefg",), False),
        ((b"abx", b"def"), False),
        ((), False),
    ],
)
def test_bodies_are_equal_byte_by_byte(pieces: tuple[bytes, ...], equal: bool) -> None:
    assert equals(repository(a=b"abcdef"), "a", Body(*pieces)) is equal


def test_dumping_ends_at_the_first_difference() -> None:
    body = Body(b"abc", b"x", b"never", b"never")
    assert not equals(repository(a=b"abcdef"), "a", body)
    assert body.dumped == 1


def test_pickles_are_equal_whatever_they_look_like() -> None:
    data = dumps({"a": 1, "b": 2})
    spaced = data.replace(b"<dictionary>", b"<dictionary>  \n")
    assert spaced != data
    assert equals(repository(a=spaced), "a", Pickled(data))
    assert not equals(repository(a=spaced), "a", Body(data))
    assert not equals(repository(a=dumps({"a": 1})), "a", Pickled(data))
    assert not equals(repository(a=b"no pickle"), "a", Pickled(data))


def test_files_of_one_repository_are_compared() -> None:
    archive = repository(a=b"a", b=b"a", c=b"c")
    assert same_files(archive, "a", "b")
    assert not same_files(archive, "a", "c")
    assert isfile(archive, "a")
    assert not isfile(archive, "d")


def test_bookkeeping_is_no_description() -> None:
    body = Body(factory="a.B", provides="x.Y z.W", binary="")
    entry = {"factory": "a.B", "provides": "x.Y z.W", "id": "/a", "flag": "added"}
    assert describes(entry, body)
    assert describes({**entry, "provides": "z.W x.Y"}, body)
    assert not describes({**entry, "provides": "x.Y"}, body)
    assert not describes({**entry, "binary": "yes"}, body)


def test_an_entry_of_another_class_retypes() -> None:
    own = f"{Item.__module__}.Item"
    assert not is_retyped(Body(), Item, {})
    assert not is_retyped(Body(), Item, {"type": own})
    assert is_retyped(Body(), Item, {"type": "a.B"})
    # Of a pickle the class stands in it.
    assert not is_retyped(Pickled(), Item, {"type": "a.B"})
    assert is_retyped(Pickled(), Item, {"type": "a.B", "factory": "a.B"})
