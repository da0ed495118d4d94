"""Records are listed one by one where they are few, and not where they are many."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import ZODB
from persistent.mapping import PersistentMapping
from ZODB.FileStorage import FileStorage

from zope.app.fssync.server.changes import revisions as module
from zope.app.fssync.server.changes.revisions import revisions


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
        obj["x"] = len(obj)
        found: bytes = connection.root()["a"]._p_oid
    return found


def oids(db: Any) -> dict[str, bytes]:
    with db.transaction() as connection:
        top = connection.root()["a"]
        return {"": top._p_oid, **{n: top[n]._p_oid for n in ("part", "other")}}


def test_the_revisions_of_what_belongs_to_a_record_are_listed(db: Any) -> None:
    change(db, "part")
    last = db.lastTransaction()
    known = oids(db)
    other = known["other"]
    found = revisions(db.storage, known[""], lambda oid: oid != other)
    assert found is not None
    assert found[last][1] == {known["part"]: set()}
    assert all(other not in records for _, records in found.values())
    change(db, "other")
    assert (
        found.keys()
        == (revisions(db.storage, known[""], lambda oid: oid != other) or {}).keys()
    )


def test_what_was_taken_out_is_listed_as_well(db: Any) -> None:
    known = oids(db)
    change(db, "part")
    before = db.lastTransaction()
    with db.transaction() as connection:
        del connection.root()["a"]["part"]
    found = revisions(db.storage, known[""], lambda oid: True)
    assert found is not None
    assert before in found


@pytest.mark.parametrize("limit", ["LISTED_RECORDS", "LISTED_REVISIONS"])
def test_many_are_not_listed(
    db: Any, limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, limit, 2)
    assert revisions(db.storage, oids(db)[""], lambda oid: True) is None


def test_a_storage_that_lists_none_is_not_asked_for_more() -> None:
    assert revisions(object(), b"\0" * 8, lambda oid: True) is None
