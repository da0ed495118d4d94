"""Checkouts that are written as they come are those that are merged."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from zope.app.fssync.client.api import FSSync
from zope.app.fssync.client.workingcopy.compact import CompactTree
from zope.app.fssync.client.workingcopy.index import Index
from zope.app.fssync.client.workingcopy.statcache import Unchanged
from zope.app.fssync.client.workingcopy.statscan import list_of
from zope.app.fssync.testing import recorded
from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing.clientside import URL
from zope.app.fssync.testing.clientside import CannedNetwork
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.app.fssync.testing.controldata import control
from zope.app.fssync.testing.serversite import Archive
from zope.fssync.errors import Error
from zope.fssync.errors import TransferError
from zope.fssync.files import Tree
from zope.fssync.metadata import Metadata
from zope.fssync.snarf import ANSWER

END = b"X-Fssync-Withheld 0\n"


def member(path: str, content: bytes) -> bytes:
    return b"%08d %s\n%s" % (len(content), path.encode(), content)


def streamed(archive: bytes) -> bytes:
    return archive + member(ANSWER, END)


def both(client: Client, server: Server, archive: bytes) -> tuple[list[str], list[str]]:
    """Check out into ``merged`` and into ``arrived``; returns what was said."""
    server.answer = archive
    merged = client("checkout", "merged", url=URL)
    server.streamed, server.answer = True, streamed(archive)
    arrived = client("checkout", "arrived", url=URL)
    return merged, arrived


def test_streamed_and_merged_checkouts_are_the_same(
    client: Client, server: Server, home: Path
) -> None:
    merged, arrived = both(client, server, recorded("demo.snarf"))
    assert [line.replace("arrived", "merged") for line in arrived] == merged
    assert snapshot(home / "arrived") == snapshot(home / "merged")


def test_a_large_file_has_its_original_beside_it(
    client: Client, server: Server, home: Path
) -> None:
    server.objects["demo/big.bin"] = os.urandom(300_000)
    both(client, server, server.archive("demo"))
    assert snapshot(home / "arrived") == snapshot(home / "merged")
    original = control(home / "arrived" / "demo") / "Original" / "big.bin"
    assert original.read_bytes() == server.objects["demo/big.bin"]


class Counted:
    """A progress that keeps what it is told of objects."""

    def __init__(self) -> None:
        self.told: list[tuple[str, int | None, int, str]] = []

    def __call__(self, *of_bytes: object) -> None: ...

    def objects(self, phase: str, done: int | None, total: int, word: str = "") -> None:
        self.told.append((phase, done, total, word))


@pytest.mark.parametrize(
    ("announced", "words"),
    [
        (None, {"at least"}),
        ("many", {"at least"}),
        ("1", {"at least"}),
        ("1000+", {"at least"}),
        ("1000", {"about"}),
    ],
)
def test_objects_are_counted_with_those_that_are_announced(
    server: Server, home: Path, announced: str | None, words: set[str]
) -> None:
    server.streamed, server.answer = True, streamed(server.archive("demo"))
    server.announced = announced
    network = CannedNetwork(server, home)
    counted = network.progress = Counted()
    FSSync(network=network, rooturl=URL).checkout("co")
    *before, last = counted.told
    number = len(server.objects)
    assert [done for _, done, _, _ in before] == list(range(1, number + 1))
    assert {word for *_, word in before} == words
    for _, done, total, _ in before:
        assert done is not None
        assert done <= total
        assert total >= 1000 or (announced or "")[:4] != "1000"
    assert last == ("receiving", number, number, "")


@pytest.mark.parametrize(("announced", "word"), [("7", "about"), ("7+", "at least")])
def test_objects_received_as_a_whole_are_announced_as_well(
    server: Server, home: Path, announced: str, word: str
) -> None:
    (home / "co" / "demo").mkdir(parents=True)
    server.streamed, server.answer = True, streamed(server.archive("demo"))
    server.announced = announced
    network = CannedNetwork(server, home)
    counted = network.progress = Counted()
    FSSync(network=network, rooturl=URL).checkout("co")
    assert counted.told == [("receiving", None, 7, word)]


class Backwards(Server):
    """A server with an order of its own."""

    def children(self, folder: str) -> list[str]:
        return super().children(folder)[::-1]


def test_items_that_come_in_another_order_make_the_same(
    client: Client, server: Server, home: Path
) -> None:
    for number in range(30):
        server.objects[f"demo/{number}"] = b"%d\n" % number * 3000
        server.extras[f"demo/{number}"] = b"'text/%d'" % number
    archive = server.archive("demo")
    backwards = Backwards(server.objects)
    backwards.extras = server.extras
    other = backwards.archive("demo")
    assert other != archive
    both(client, server, archive)
    server.answer = streamed(other)
    client("checkout", "backwards", url=URL)
    for name in ("merged", "backwards"):
        assert snapshot(home / name) == snapshot(home / "arrived")


def test_received_files_are_known_to_be_unchanged(
    client: Client, server: Server, home: Path
) -> None:
    both(client, server, recorded("demo.snarf"))
    demo = home / "arrived" / "demo"
    assert unchanged(home).is_whole(str(demo))
    assert unchanged(home).names(str(demo))[1]
    (demo / "readme.txt").write_text("mine")
    assert unchanged(home).is_whole(str(demo))
    assert "readme.txt" not in unchanged(home).names(str(demo))[0]
    (demo / "readme.txt").unlink()
    assert not unchanged(home).is_whole(str(demo))


@pytest.mark.layout(3)
def test_the_first_status_knows_what_the_second_does(
    client: Client, server: Server, home: Path
) -> None:
    server.extras["demo/sub"] = b"'text'"
    both(client, server, server.archive("demo"))
    top = str(home / "arrived")
    index = Index(top)
    places = [place for place, _ in index.sizes(os.curdir)]
    assert {os.curdir, "demo", "demo/sub"} <= set(places)
    assert all(index.get(place)[2] for place in places)
    listed = list_of(os.lstat(home / "arrived" / "demo" / "sub"))
    assert index.outline("demo/sub")[-1] == listed
    before = Path(index.path).read_bytes()
    client("status", "arrived")
    assert Path(index.path).read_bytes() == before


def test_parts_of_a_directory_that_come_after_its_items_are_merged(
    client: Client, server: Server, home: Path
) -> None:
    server.extras["demo/sub"] = b"'text'"
    archive = Archive.parse(server.archive("demo"))
    late = {path: archive.pop(path) for path in [*archive] if "/Extra/sub/" in path}
    assert late
    archive.update(late)
    both(client, server, server.archive("demo"))
    server.answer = streamed(archive.dump())
    client("checkout", "late", url=URL)
    assert snapshot(home / "late") == snapshot(home / "arrived")


def unchanged(home: Path) -> Unchanged:
    tree = CompactTree(Tree(), True)
    return Unchanged(tree, Metadata(tree), str(home / "arrived"))


@pytest.mark.parametrize("end", [0, 1, 10, 2000])
def test_a_stream_that_breaks_off_leaves_nothing(
    client: Client, server: Server, home: Path, end: int
) -> None:
    archive = streamed(recorded("demo.snarf"))
    server.streamed, server.answer = True, archive[: len(archive) - end - 1]
    with pytest.raises(TransferError):
        client("checkout", "arrived", url=URL)
    assert not (home / "arrived").exists()


@pytest.mark.parametrize(
    "path",
    [
        "demo/@@Zope/Root",
        "demo/@@Zope/Original/readme.txt",
        "demo/@@Zope/Base",
        "demo/not-registered.txt",
        "demo/@@Zope/Extra/nobody/contentType",
        "elsewhere/file.txt",
        "@@Zope/Journal/plan",
    ],
)
def test_files_that_have_no_place_are_not_written(
    client: Client, server: Server, home: Path, path: str
) -> None:
    archive = recorded("demo.snarf")
    server.answer = archive
    client("checkout", "merged", url=URL)
    server.streamed, server.answer = True, streamed(archive + member(path, b"x"))
    try:
        client("checkout", "arrived", url=URL)
    except Error:
        assert not (home / "arrived").exists()
    else:
        assert snapshot(home / "arrived") == snapshot(home / "merged")


@pytest.mark.parametrize("rest", [member("demo/more", b"x"), member(ANSWER, END), b"x"])
def test_an_answer_that_goes_on_after_its_end_is_refused(
    client: Client, server: Server, home: Path, rest: bytes
) -> None:
    server.answer = recorded("demo.snarf")
    client("checkout", "there", url=URL)
    before = snapshot(home / "there")
    server.streamed, server.answer = True, streamed(recorded("demo.snarf")) + rest
    for verb, target in (("checkout", "new"), ("update", "there/demo")):
        with pytest.raises(Error):
            client(verb, target, url=URL)
    assert snapshot(home / "there") == before
    assert not (home / "new/demo").exists()
