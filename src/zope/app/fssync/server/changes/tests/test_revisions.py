"""The revisions of some records come by their time, and only as far as is asked."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import ZODB
from persistent.mapping import PersistentMapping
from ZODB.FileStorage import FileStorage
from ZODB.utils import u64
from ZODB.utils import z64

from zope.app.fssync.server.changes.below import Below
from zope.app.fssync.server.changes.near import near_records
from zope.app.fssync.server.changes.revisions import Revised
from zope.app.fssync.server.changes.revisions import Revisions


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Any]:
    db = ZODB.DB(FileStorage(str(tmp_path / "Data.fs")))
    with db.transaction() as connection:
        top = connection.root()["a"] = PersistentMapping()
        top["part"] = PersistentMapping()
        top["other"] = PersistentMapping()
    yield db
    db.close()


def change(db: Any, *names: str) -> bytes:
    with db.transaction() as connection:
        obj = connection.root()["a"]
        for name in names:
            obj = obj[name]
        obj["x"] = obj.get("x", 0) + 1
    found: bytes = db.lastTransaction()
    return found


def oids(db: Any) -> dict[str, bytes]:
    with db.transaction() as connection:
        top = connection.root()["a"]
        return {
            "": top._p_oid,
            **{name: top[name]._p_oid for name in ("part", "other")},
        }


def listed(db: Any, oid: bytes, *without: bytes) -> list[Revised]:
    """Return the revisions of what a record leads to."""
    with db.transaction() as connection:
        near = near_records(connection, oid, (z64, *without), 100)
    assert near is not None
    return list(
        Revisions(
            db.storage,
            near,
            lambda oid, references: None,
            lambda oid: oid not in without,
        )
    )


def test_the_newest_come_first_with_what_their_records_refer_to(db: Any) -> None:
    known = oids(db)
    first = db.lastTransaction()
    tids = [change(db, "part"), change(db, "other"), change(db, "part")]
    found = listed(db, known[""])
    assert [each.tid for each in found] == [*reversed(tids), first]
    assert found[0].records == {known["part"]: set()}
    assert found[1].records == {known["other"]: set()}
    assert found[3].records[known[""]] == {known["part"], known["other"]}
    assert found[0].told["tid"] == tids[2]


def test_a_record_with_many_revisions_is_told_of_to_its_end(db: Any) -> None:
    tids = [change(db, "part") for _ in range(50)]
    found = listed(db, oids(db)["part"])
    assert [each.tid for each in found[:50]] == list(reversed(tids))
    assert len(found) == 51


def test_unrelated_transactions_are_left_out(db: Any) -> None:
    known = oids(db)
    change(db, "other")
    assert all(
        known["other"] not in each.records
        for each in listed(db, known[""], known["other"])
    )


def test_a_removed_record_comes_with_the_transaction_that_changed_it(db: Any) -> None:
    known = oids(db)
    changed = change(db, "part")
    with db.transaction() as connection:
        connection.root()["a"].pop("part")["x"] = 0
    removed = db.lastTransaction()
    newest, before, *_ = listed(db, known[""])
    assert newest.tid == removed
    assert newest.records.keys() == {known[""], known["part"]}
    assert before.tid == changed
    assert before.records == {known["part"]: set()}


def test_references_are_noted_before_what_they_explain(db: Any) -> None:
    known = oids(db)
    change(db, "part")
    with db.transaction() as connection:
        del connection.root()["a"]["part"]
        near = near_records(connection, known[""], (z64,), 100)
    assert near is not None
    noted: dict[bytes, set[bytes]] = {}
    found = Revisions(
        db.storage,
        Below([(u64(known[""]), u64(db.lastTransaction()))]),
        lambda oid, references: noted.setdefault(oid, set()).update(references),
        lambda oid: True,
    )
    list(islice(found, 2))
    assert known["part"] in noted[known[""]]


def test_gone_transactions_have_no_revisions(db: Any) -> None:
    nothing = b"\0" * 6 + b"\xff\xff"
    found = Revisions(
        db.storage,
        Below([(u64(nothing), u64(db.lastTransaction()))]),
        lambda oid, references: None,
        lambda oid: True,
    )
    assert list(found) == []


def test_a_record_is_followed_without_what_it_refers_to(db: Any) -> None:
    known = oids(db)
    first = db.lastTransaction()
    tids = [change(db), change(db, "part"), change(db)]
    found = Revisions(
        db.storage,
        Below([]),
        lambda oid, references: pytest.fail("its references do not count"),
        lambda oid: True,
    )
    found.follow(known[""], tids[2])
    found.follow(known[""], tids[2])
    assert [(each.tid, each.records) for each in found] == [
        (tids[0], {known[""]: set()}),
        (first, {known[""]: set()}),
    ]
