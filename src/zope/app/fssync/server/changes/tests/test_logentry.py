"""Which transactions are wanted, and how a storage describes one."""

from __future__ import annotations

import pytest
from ZODB.utils import p64

from zope.app.fssync.server.changes.logentry import Transaction
from zope.app.fssync.server.changes.logentry import Wanted
from zope.app.fssync.server.changes.logentry import from_revision
from zope.app.fssync.server.changes.logentry import from_version
from zope.app.fssync.server.changes.logentry import is_older
from zope.app.fssync.server.changes.logentry import time_between
from zope.app.fssync.server.changes.revisions import Revised
from zope.app.fssync.server.changes.versions import Version

TID = p64(1 << 57)


def test_texts_fit_whatever_their_case() -> None:
    found = Transaction(b"\0" * 8, 1.0, "Ann", "Why not", [])
    assert Wanted(user="ann", text="WHY").fits(found)
    assert not Wanted(text="because").fits(found)


def test_a_version_alone_has_no_changes() -> None:
    found = from_version(Version(2, 1e9, "ann", "why"))
    assert (found.time, found.user, found.changes) == (1e9, "ann", [])
    assert Wanted(text="why").fits(found)


@pytest.mark.parametrize(
    ("description", "note"),
    [
        (b"/demo/docs\n\nmended", "mended"),
        (b"/demo/docs", "/demo/docs"),
        (b"mended", "mended"),
    ],
)
def test_a_message_is_without_the_path_of_a_request(
    description: bytes, note: str
) -> None:
    told = {"time": 1.0, "user_name": b"/ ann", "description": description}
    found = from_revision(Revised(TID, told, {}, set()))
    assert (found.tid, found.user, found.note) == (TID, "ann", note)


def test_the_time_between_two_transactions_is_round() -> None:
    newer = p64((1 << 57) + 12345)
    found = time_between(TID, newer)
    assert TID < found <= newer
    assert found == p64((1 << 57) + 8192)
    assert is_older(TID, found)
    assert is_older(TID, None)
    assert not is_older(TID, TID)
