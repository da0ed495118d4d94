"""The references in the data of a record."""

from __future__ import annotations

import pickle

import pytest
from persistent.mapping import PersistentMapping
from ZODB import DB
from ZODB.MappingStorage import MappingStorage
from ZODB.serialize import referencesf

from zope.app.fssync.server.changes.references import references_of


def test_references_of_a_record_are_its_objects() -> None:
    db = DB(MappingStorage())
    with db.transaction() as connection:
        root = connection.root()
        root["one"], root["two"] = PersistentMapping(), PersistentMapping()
        for each in root.values():
            connection.add(each)
        wanted = {each._p_oid for each in root.values()}
        plain, top = root["one"]._p_oid, root._p_oid
    data, _serial = db.storage.load(top)
    assert references_of(data) == set(referencesf(data)) == wanted
    data, _serial = db.storage.load(plain)
    assert references_of(data) == set()
    db.close()


@pytest.mark.parametrize("data", [None, b"", pickle.dumps(3) + pickle.dumps({})])
def test_a_record_without_references_has_none(data: bytes | None) -> None:
    assert references_of(data) == set()
