"""What is read from outside takes a small multiple of its size in memory."""

from __future__ import annotations

import io
import sys
import tracemalloc
from collections.abc import Callable
from contextlib import suppress

import pytest

from zope.fssync import description
from zope.fssync.changeset import Scope
from zope.fssync.errors import LimitExceeded
from zope.fssync.limits import MEMORY_RATIO
from zope.fssync.metadata import dump_entries
from zope.fssync.metadata import load_entries
from zope.fssync.repository import SnarfRepository

Read = Callable[[bytes], object]


def index(data: bytes) -> SnarfRepository:
    repository = SnarfRepository(io.BytesIO(data))
    repository.exists("")
    return repository


def changes(data: bytes) -> Scope:
    scope = Scope.loads(data)
    scope.touches("d")
    return scope


def entries(count: int, text: str) -> bytes:
    body = "".join(text.format(number) for number in range(count))
    return f"<entries>{body}</entries>".encode()


def members(count: int, text: str = "0 {}\n") -> bytes:
    return "".join(text.format(number) for number in range(count)).encode()


DEEP = "0 {}/" + "/".join("x" * 60 for _ in range(100)) + "/a\n"

ATTRIBUTES = (
    b"<entries><entry name='a' "
    + b"".join(b"a%d='' " % number for number in range(100_000))
    + b"/></entries>"
)


@pytest.mark.parametrize(
    ("read", "data"),
    [
        (index, members(100_000)),
        (index, members(100_000, "0 {}/\n")),
        (index, members(100_000, "0 {}/a\n")),
        (index, members(200, DEEP)),
        (load_entries, entries(100_000, "<entry name='{}'/>")),
        (load_entries, ATTRIBUTES),
        (changes, members(20_000, "tree {}\n")),
        (changes, members(128, DEEP.replace("0 ", "tree ", 1))),
    ],
)
def test_reading_takes_little_memory_or_is_refused(
    read: Read, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The interpreter's table of interned strings grows with all of the process: the
    # name that makes it grow would be charged for the strings of other tests.
    monkeypatch.setattr(sys, "intern", str)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        kept: object = None
        with suppress(LimitExceeded):
            kept = read(data)
        taken = tracemalloc.get_traced_memory()[0] - before
        peak = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
    assert taken < (1 << 17) + 1.5 * MEMORY_RATIO * len(data), kept
    assert peak < (1 << 20) + 1.5 * MEMORY_RATIO * len(data)


@pytest.mark.parametrize(
    "data",
    [
        members(100_000),
        members(200, DEEP),
    ],
)
def test_an_archive_of_next_to_nothing_is_refused(data: bytes) -> None:
    with pytest.raises(LimitExceeded, match="the archive holds too many small parts"):
        index(data)


@pytest.mark.parametrize(
    "data",
    [
        entries(100_000, "<entry name='{}'/>"),
        ATTRIBUTES,
    ],
)
def test_entries_of_next_to_nothing_are_refused(data: bytes) -> None:
    with pytest.raises(LimitExceeded, match=r"Entries\.xml holds too many small parts"):
        load_entries(data)


def test_a_large_folder_of_small_objects_is_read() -> None:
    entry = {"type": "a.B", "factory": "a.B", "id": "/d/x", "keytype": "str"}
    found = {f"{number}": entry for number in range(20_000)}
    assert load_entries(dump_entries(found)) == found


def test_an_archive_of_small_objects_is_read() -> None:
    pieces = []
    for number in range(20_000):
        special = f"d/@@Zope/Annotations/{number}"
        text = dump_entries({"dc": {"type": "zope.dublincore.Annotations"}})
        pieces += [
            f"00000001 d/{number}\nx".encode(),
            b"%08d %s/@@Zope/Entries.xml\n%s" % (len(text), special.encode(), text),
            f"00000001 {special}/dc\nx".encode(),
        ]
    assert index(b"".join(pieces)).isfile("d/19999")


@pytest.mark.parametrize(
    "told",
    [
        lambda text: description.Description({"name": "a", "type": text}, {}),
        lambda text: description.Description(
            {"name": "a"}, {"Extra/a": description.Part({"type": text}, b"a")}
        ),
    ],
)
def test_long_values_of_entries_are_not_remembered(
    told: Callable[[str], description.Description],
) -> None:
    def show(count: int) -> None:
        for number in range(count):
            # No text is longer than some MiB, and there are thousands.
            description.dump(told(f"a.b{number}" + "x" * 100_000))

    show(1)
    tracemalloc.start()
    try:
        show(100)
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 1_000_000
