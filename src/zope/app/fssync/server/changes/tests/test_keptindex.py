"""The index that is kept for the next process."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from zope.app.fssync.server.changes.keptindex import KeptIndex
from zope.app.fssync.server.changes.keptindex import cache_directory


def kept(tmp_path: Path, name: str = "a") -> KeptIndex:
    return KeptIndex(str(tmp_path / "cache" / "zsync"), name)


def table(*numbers: int) -> sqlite3.Connection:
    found = sqlite3.connect("", isolation_level=None)
    if numbers:
        found.execute("CREATE TABLE some (number INTEGER)")
        found.executemany("INSERT INTO some VALUES (?)", [(each,) for each in numbers])
    return found


def test_saved_transactions_are_loaded_with_their_transaction(tmp_path):
    kept(tmp_path).save(table(1, 2), b"12345678")
    kept(tmp_path).save(table(3), b"12345679")
    found = table()
    assert kept(tmp_path).load(found) == b"12345679"
    assert found.execute("SELECT number FROM some").fetchall() == [(3,)]
    assert len(os.listdir(tmp_path / "cache" / "zsync")) == 1


def test_each_database_has_its_own(tmp_path):
    kept(tmp_path).save(table(1), b"12345678")
    assert kept(tmp_path, "b").load(table()) is None


def test_asked_transactions_are_noted(tmp_path):
    assert kept(tmp_path).asked() == []
    asked = [(1, frozenset((0, 7)), 100), (2, frozenset(), 9)]
    kept(tmp_path).note(asked)
    assert kept(tmp_path).asked() == asked
    assert kept(tmp_path, "b").asked() == []
    os.chmod(tmp_path / "cache" / "zsync", 0o720)
    kept(tmp_path).note([])
    assert kept(tmp_path).asked() == []


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"[1]", b"[[1, 2]]", b"\xff", b"[" * 9999]
)
def test_a_damaged_list_of_requests_counts_as_empty(tmp_path, damage):
    kept(tmp_path).note([])
    (path,) = (tmp_path / "cache" / "zsync").iterdir()
    path.write_bytes(damage)
    assert kept(tmp_path).asked() == []


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"no database" * 1000),
        lambda path: os.truncate(path, os.path.getsize(path) // 2),
        lambda path: sqlite3.connect(path).execute("PRAGMA user_version = 77"),
    ],
)
def test_a_damaged_index_is_ignored(tmp_path, damage):
    index = kept(tmp_path)
    index.save(table(*range(10_000)), b"12345678")
    damage(Path(index.path))
    assert index.load(table()) is None


@pytest.mark.skipif(os.name != "posix", reason="modes are those of POSIX")
def test_a_directory_that_others_may_write_to_keeps_no_index(tmp_path):
    index = kept(tmp_path)
    index.save(table(1), b"12345678")
    os.chmod(os.path.dirname(index.path), 0o720)
    assert index.load(table()) is None
    os.unlink(index.path)
    index.save(table(1), b"12345678")
    assert not os.path.exists(index.path)


def test_an_index_that_cannot_be_kept_is_logged(tmp_path, caplog):
    (tmp_path / "cache").write_bytes(b"")
    kept(tmp_path).save(table(1), b"12345678")
    assert "cannot be kept" in caplog.text


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"HOME": "/home/u"}, "/home/u/.cache/zsync"),
        ({"HOME": "/home/u", "XDG_CACHE_HOME": "/c"}, "/c/zsync"),
        ({"HOME": "/home/u", "XDG_CACHE_HOME": "relative"}, "/home/u/.cache/zsync"),
        ({"XDG_CACHE_HOME": "/c", "CACHE_DIRECTORY": "/v/s:/v/t"}, "/v/s/zsync"),
    ],
)
def test_keptindex_is_where_caches_of_the_user_are(environment, expected, monkeypatch):
    for name in ("HOME", "XDG_CACHE_HOME", "CACHE_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert cache_directory() == expected
