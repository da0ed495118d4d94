"""The sources of a merge: an archive, and an answer that leaves out what was sent."""

from __future__ import annotations

import io

import pytest

from zope.app.fssync.testing.serversite import Archive
from zope.fssync.errors import ArchiveDamaged
from zope.fssync.mergesource import AnsweredSource
from zope.fssync.mergesource import ArchiveSource
from zope.fssync.repository import SnarfRepository


def repository(**files: bytes) -> SnarfRepository:
    return SnarfRepository(io.BytesIO(Archive(files).dump()))


def test_an_archive_has_files_and_directories() -> None:
    source = ArchiveSource(repository(**{"d/a": b"one", "d/e/b": b""}))
    assert source.kind("d/a") == "file"
    assert source.kind("d") == source.kind("d/e") == "dir"
    assert source.kind("d/x") is None
    assert source.size("d/a") == 3
    assert source.open("d/a").read() == b"one"
    assert source.listdir("d") == ["a"]


def test_sent_files_stand_for_those_left_out() -> None:
    answer = repository(**{"d/a": b"new"})
    sent = repository(**{"d/a": b"old", "d/b": b"large"})
    source = AnsweredSource(answer, sent, ["d/b"])
    assert source.kind("d/b") == "file"
    assert source.size("d/b") == 5
    assert source.open("d/b").read() == b"large"
    assert source.open("d/a").read() == b"new"
    assert source.size("d/a") == 3
    assert source.listdir("d") == ["a", "b"]


@pytest.mark.parametrize("path", ["d/missing", "d/a", "d"])
def test_unsent_objects_stand_for_nothing(path: str) -> None:
    answer = repository(**{"d/a": b"new"})
    sent = repository(**{"d/a": b"old"})
    with pytest.raises(ArchiveDamaged, match="which it was not"):
        AnsweredSource(answer, sent, [path])


def test_without_a_commit_nothing_was_sent() -> None:
    with pytest.raises(ArchiveDamaged):
        AnsweredSource(repository(**{"d/a": b""}), None, ["d/b"])
