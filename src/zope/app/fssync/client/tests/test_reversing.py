"""The way from one state to another is merged into what is here."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync.client.api import FSSync
from zope.app.fssync.client.reversing import check_unchanged
from zope.app.fssync.client.tests.old import OldStates
from zope.fssync.errors import Error

A, B = (f"{number:016x}" for number in (1, 5))


def test_local_changes_are_named(co: Path) -> None:
    check_unchanged(str(co))
    (co / "a.txt").write_bytes(b"mine\n")
    with pytest.raises(Error, match=r"a\.txt' has local changes"):
        check_unchanged(str(co))


@pytest.mark.parametrize(
    ("states", "mine", "found", "conflicts"),
    [
        ((b"old\n", b"one\ntwo\nthree\n"), b"one\ntwo\nthree\n", b"old\n", 0),
        ((b"old\n", b"new\n"), b"old\n", b"old\n", 0),
        ((b"a\n2\n3\n", b"b\n2\n3\n"), b"b\n2\nmine\n", b"a\n2\nmine\n", 0),
        ((b"a\n", b"b\n"), b"mine\n", None, 1),
        ((b"\0a", b"\0b"), b"mine\n", b"mine\n", 1),
    ],
)
def test_a_file_is_merged(
    states: tuple[bytes, bytes],
    mine: bytes,
    found: bytes | None,
    conflicts: int,
    co: Path,
) -> None:
    (co / "a.txt").write_bytes(mine)
    network = OldStates(dict(zip((A, B), states, strict=True)))
    network.changes = [["M", ""]]
    fs = FSSync(network=network, reporter=lambda line: None)
    fs.undo_transaction(str(co / "a.txt"), B)
    assert len(fs.conflicts) == conflicts
    if found is None:
        assert mine in (co / "a.txt").read_bytes()
    else:
        assert (co / "a.txt").read_bytes() == found


def test_more_changes_than_are_told_are_refused(co: Path) -> None:
    network = OldStates({B: b""})
    network.count = 5000
    fs = FSSync(network=network, reporter=lambda line: None)
    with pytest.raises(Error, match="changed 5000 objects"):
        fs.undo_transaction(str(co / "a.txt"), B)
