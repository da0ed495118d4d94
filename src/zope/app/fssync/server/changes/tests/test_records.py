"""What git needs to know of a commit is kept with the transaction."""

from __future__ import annotations

from pathlib import Path

import pytest
import transaction
import ZODB
from persistent.mapping import PersistentMapping
from ZODB.FileStorage import FileStorage

from zope.app.fssync.server.changes.records import RECORD
from zope.app.fssync.server.changes.records import TARGET
from zope.app.fssync.server.changes.records import keep_record
from zope.app.fssync.server.changes.records import keep_target
from zope.app.fssync.server.changes.records import record_of

OID = b"12345678"


@pytest.mark.parametrize(
    ("kept", "record"),
    [
        (OID + b"git", b"git"),
        (OID, b""),
        (b"00000000git", None),
        ("x", None),
        (None, None),
    ],
)
def test_a_record_is_about_one_object(kept, record):
    assert record_of(kept, OID) == record


def test_a_transaction_keeps_it(tmp_path: Path):
    db = ZODB.DB(FileStorage(str(tmp_path / "Data.fs")))
    connection = db.open()
    obj = connection.root()["a"] = PersistentMapping()
    transaction.commit()
    obj["x"] = 1
    keep_record(obj, b"git")
    keep_target(obj)
    transaction.commit()
    (told,) = db.undoInfo(0, 1)
    assert record_of(told[RECORD], obj._p_oid) == b"git"
    assert told[TARGET] == obj._p_oid
    connection.close()
    db.close()


def test_objects_that_are_not_stored_have_none():
    keep_record(PersistentMapping(), b"git")
    keep_target(PersistentMapping())
    assert not {RECORD, TARGET} & set(transaction.get().extension)
