"""A great part of a working copy is deleted only if somebody agrees."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync.client.api import FSSync
from zope.app.fssync.client.missing import check_deletions
from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing.clientside import CannedNetwork
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.app.fssync.testing.clientside import metadata
from zope.fssync.errors import Error
from zope.fssync.fsmerger import FSMerger
from zope.fssync.limits import Limits


def objects(*numbers: int) -> dict[str, bytes | None]:
    found: dict[str, bytes | None] = {"demo": None, "demo/sub": None}
    for number in numbers:
        folder = "demo/sub" if number % 2 else "demo"
        found[f"{folder}/{number}.txt"] = b"%d\n" % number
    return found


@pytest.fixture
def server() -> Server:
    return Server(objects(*range(42)))


@pytest.mark.parametrize("left", [range(22, 42), range(20), [], range(50, 100)])
def test_more_than_half_is_not_deleted_unasked(
    client: Client, server: Server, co: Path, left: range
) -> None:
    server.objects = objects(*left)
    before = snapshot(co.parent)
    count = 42 - len([number for number in left if number < 42])
    with pytest.raises(Error, match=f"deletes {count} of 42 files in co/demo") as error:
        client("update", "co/demo")
    assert "--accept-deletions" in str(error.value)
    assert snapshot(co.parent) == before


def test_a_folder_that_becomes_a_file_is_counted(
    client: Client, server: Server, co: Path
) -> None:
    server.objects = {"demo": None, "demo/sub": b"file\n"}
    with pytest.raises(Error, match="deletes 42 of "):
        client("update", "co/demo")


@pytest.mark.parametrize("left", [range(21, 42), range(22)])
def test_half_and_few_are_deleted(
    client: Client, server: Server, co: Path, left: range
) -> None:
    server.objects = objects(*left)
    client("update", "co/demo")
    assert len(list(co.rglob("[0-9]*.txt"))) == len(left)


def test_many_are_not_deleted_unasked_even_if_there_are_more(co: Path) -> None:
    known = metadata()
    merger = FSMerger(known, lambda line: None, files=known.files)
    limits = Limits(deletions=30)
    merger.deleted = 30
    check_deletions(merger, str(co), lambda question: False, limits)
    merger.deleted = 31
    with pytest.raises(Error, match="deletes 31 of 73 files"):
        check_deletions(merger, str(co), lambda question: False, limits)


@pytest.mark.parametrize("answer", [True, False])
def test_somebody_may_be_asked(
    client: Client, server: Server, co: Path, home: Path, answer: bool
) -> None:
    server.objects = objects()
    asked: list[str] = []
    fs = FSSync(network=CannedNetwork(server, home))

    def accept(question: str) -> bool:
        asked.append(question)
        return answer

    fs.accept_deletions = accept
    if answer:
        fs.update("co/demo")
    else:
        with pytest.raises(Error, match="nobody has confirmed"):
            fs.update("co/demo")
    assert asked == ["the update deletes 42 of 42 files in co/demo"]
    assert bool(list(co.rglob("[0-9]*.txt"))) is not answer


def test_edits_are_kept_and_not_counted(
    client: Client, server: Server, co: Path
) -> None:
    for number in range(22):
        folder = co / "sub" if number % 2 else co
        (folder / f"{number}.txt").write_bytes(b"edited\n")
    server.objects = objects()
    client("update", "co/demo")
    assert len(client.conflicts) == 22
