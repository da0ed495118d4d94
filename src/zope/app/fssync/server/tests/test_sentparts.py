"""The parts of an archive are read as one stream, in any order."""

from __future__ import annotations

import hashlib
import io
import random
from collections.abc import Iterator
from typing import Any

import pytest
import transaction
from ZODB import DB
from ZODB.DemoStorage import DemoStorage
from ZODB.MappingStorage import MappingStorage

from zope.app.fssync.server import sentparts
from zope.app.fssync.server.sentparts import Sent
from zope.app.fssync.server.sentparts import SentParts
from zope.fssync.limits import DEFAULT

DATA = random.Random(7).randbytes(1000)
SIZES = (300, 1, 650, 49)
SENT = Sent("jo", "/demo", "digest", len(DATA))


@pytest.fixture
def connection(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setattr(sentparts, "LEAST_UPLOAD_PART", 1)
    db = DB(DemoStorage())
    connection = db.open()
    yield connection
    transaction.abort()
    connection.close()
    db.close()


@pytest.fixture
def parts(connection: Any) -> SentParts:
    """All parts of an archive, each stored by a transaction."""
    found, offset = SentParts(connection, DEFAULT), 0
    for size in SIZES:
        part = DATA[offset : offset + size]
        digest = hashlib.sha256(part).hexdigest()
        offset = found.add(SENT, offset, io.BytesIO(part), digest)
        transaction.commit()
    assert offset == len(DATA)
    return found


def test_parts_are_one_stream(parts: SentParts) -> None:
    with parts.stream(SENT) as stream:
        assert stream.read() == DATA
        assert stream.seek(0, io.SEEK_END) == len(DATA)
        assert stream.read() == b""
        places = random.Random(1)
        for _ in range(200):
            place, size = places.randrange(1000), places.randrange(700)
            assert stream.seek(place) == place
            assert stream.read(size) == DATA[place : place + size]
            assert stream.tell() == min(place + size, len(DATA))


def test_the_stream_reads_one_part_at_a_time(parts: SentParts, connection: Any) -> None:
    with parts.stream(SENT) as stream:
        stream.read()
        archives = connection.root()["zope.app.fssync.uploads"]
        blobs = archives[SENT.key]["parts"].values()
        opened = [each for each in blobs if [f for f in each.readers or () if f()]]
        assert len(opened) == 1


def test_a_removed_archive_is_gone(parts: SentParts) -> None:
    parts.remove(SENT)
    transaction.commit()
    assert parts.received(SENT) == 0
    parts.remove(SENT)


@pytest.mark.parametrize(
    "other",
    [
        SENT._replace(user="jim"),
        SENT._replace(path="/demo/sub"),
        SENT._replace(digest="another"),
        SENT._replace(size=999),
        # The parts of a key cannot be shifted.
        SENT._replace(user="j", path="o/demo"),
    ],
)
def test_another_archive_has_none_of_its_parts(parts: SentParts, other: Sent) -> None:
    assert parts.received(SENT) == len(DATA)
    assert parts.received(other) == 0


def test_only_a_database_with_blobs_takes_parts(connection: Any) -> None:
    assert SentParts(connection, DEFAULT).are_possible
    assert not SentParts(None, DEFAULT).are_possible
    other = DB(MappingStorage()).open()
    assert not SentParts(other, DEFAULT).are_possible
    assert SentParts(None, DEFAULT).received(SENT) == 0
    other.close()
    other.db().close()
