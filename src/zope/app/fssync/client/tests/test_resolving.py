"""Conflicts are settled by taking a side, and nothing is lost by that."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync.client.api import FSSync
from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.app.fssync.testing.controldata import control
from zope.app.fssync.testing.controldata import listed
from zope.app.fssync.testing.controldata import read
from zope.app.fssync.testing.controldata import write
from zope.fssync.errors import Error
from zope.fssync.report import BOTH
from zope.fssync.report import OTHER_KIND
from zope.fssync.report import REMOVED_HERE
from zope.fssync.report import REMOVED_THERE

A = "co/demo/a.txt"
MINE = b"mine\ntwo\nthree\nmine too\n"
THEIRS = b"theirs\ntwo\nthree\n"
BASE = b"one\ntwo\nthree\n"


def names(directory: Path) -> set[str]:
    return set(listed(directory))


def kinds(target: str) -> list[tuple[str, str]]:
    return [(found.path, found.kind) for found in FSSync().conflicts_in(target)]


def kept(co: Path) -> list[str]:
    """The control data of conflicts."""
    found = snapshot(control(co))
    return [path for path in found if path.startswith(("Mine", "Before"))]


@pytest.fixture
def both(client: Client, server: Server, co: Path) -> Path:
    """A text that both sides edited."""
    (co / "a.txt").write_bytes(MINE)
    server.objects["demo/a.txt"] = THEIRS
    client.each("update", "co")
    assert kinds("co/demo") == [(A, BOTH)]
    return co / "a.txt"


@pytest.mark.parametrize(
    ("accept", "result", "more"),
    [
        ("mine", MINE, {}),
        ("theirs", THEIRS, {"a.txt.mine": MINE}),
        ("base", BASE, {"a.txt.mine": MINE}),
    ],
)
def test_a_side_is_taken_as_a_whole(
    client: Client, both: Path, accept: str, result: bytes, more: dict[str, bytes]
) -> None:
    before = names(both.parent)
    lines = client("resolve", A, accept=accept)
    assert lines[-1] == f"Resolved {A}"
    assert both.read_bytes() == result
    assert names(both.parent) - before == set(more)
    for name, content in more.items():
        assert (both.parent / name).read_bytes() == content
        assert lines[:-1] == [f"Kept what {A} was as co/demo/{name}"]
    assert kinds("co/demo") == []
    assert kept(both.parent) == []


def test_files_edited_after_the_merge_are_kept(client: Client, both: Path) -> None:
    edited = both.read_bytes() + b"more\n"
    for number, (accept, name) in enumerate(
        [("mine", "a.txt.mine"), ("theirs", "a.txt-1.mine")]
    ):
        if number:
            client("revert", A)
            both.write_bytes(MINE)
            client.server.objects["demo/a.txt"] = THEIRS + b"again\n"
            client.each("update", "co")
            edited = both.read_bytes() + b"more\n"
        both.write_bytes(edited)
        client("resolve", A, accept=accept)
        assert (both.parent / name).read_bytes() == edited


def test_the_file_as_it_stands_is_taken_without_markers(
    client: Client, both: Path
) -> None:
    for force, accept in ((False, "working"), (True, "merged"), (False, "merged")):
        with pytest.raises(Error, match=r"markers are left in 'co/demo/a\.txt'"):
            client("resolve", A, force, accept)
    assert kinds("co/demo") == [(A, BOTH)]
    both.write_bytes(b"both\n")
    assert client("resolve", A, False, "merged") == [f"Resolved {A}"]
    assert both.read_bytes() == b"both\n"
    assert names(both.parent) == {"a.txt", "b.txt", "sub", "void"}


def test_revert_and_remove_leave_no_sides_behind(client: Client, both: Path) -> None:
    assert kept(both.parent) != []
    client("revert", A)
    assert both.read_bytes() == THEIRS
    assert kept(both.parent) == []


def test_a_forced_removal_leaves_no_sides_behind(client: Client, both: Path) -> None:
    client("remove", A, force=True)
    assert kept(both.parent) == []
    assert client("resolve", A) == []


def test_a_file_that_was_deleted_by_hand_is_no_conflict(
    client: Client, both: Path
) -> None:
    both.unlink()
    client.each("update", "co")
    assert both.read_bytes() == THEIRS
    assert kept(both.parent) == []


@pytest.mark.parametrize(
    ("accept", "result", "more"),
    [
        ("mine", b"\0mine", set()),
        ("working", b"\0mine", set()),
        ("theirs", b"\0theirs", {"a.txt.mine"}),
        ("base", b"\0base", {"a.txt.mine"}),
    ],
)
def test_a_binary_file_has_all_its_sides(
    client: Client, server: Server, co: Path, accept: str, result: bytes, more: set[str]
) -> None:
    server.objects["demo/a.txt"] = b"\0base"
    client.each("update", "co")
    (co / "a.txt").write_bytes(b"\0mine")
    server.objects["demo/a.txt"] = b"\0theirs"
    client.each("update", "co")
    assert (co / "a.txt").read_bytes() == b"\0mine"
    client("resolve", A, False, accept)
    assert (co / "a.txt").read_bytes() == result
    assert names(co) - {"a.txt", "b.txt", "sub", "void"} == more
    for name in more:
        assert (co / name).read_bytes() == b"\0mine"
    assert kept(co) == []


@pytest.mark.parametrize("accept", ["mine", "theirs"])
def test_files_in_the_way_stay_or_step_aside(
    client: Client, server: Server, co: Path, accept: str
) -> None:
    (co / "new.txt").write_bytes(b"mine\n")
    server.objects["demo/new.txt"] = b"theirs\n"
    client.each("update", "co")
    new = "co/demo/new.txt"
    with pytest.raises(Error, match=r"not known what 'co/demo/new\.txt' was"):
        client("resolve", new, accept="base")
    client("resolve", new, accept=accept)
    assert (co / "new.txt").read_bytes() == f"{accept[:6]}\n".encode()
    assert (co / "new.txt.mine").exists() == (accept == "theirs")
    letter = {"mine": ["M co/demo/new.txt"], "theirs": ["? co/demo/new.txt.mine"]}
    assert client.each("status", "co", verbose=False) == letter[accept]


def test_edited_here_and_removed_there(
    client: Client, server: Server, co: Path
) -> None:
    (co / "a.txt").write_bytes(MINE)
    (co / "b.txt").write_bytes(MINE)
    del server.objects["demo/a.txt"], server.objects["demo/b.txt"]
    client.each("update", "co")
    assert kinds("co/demo") == [(A, REMOVED_THERE), ("co/demo/b.txt", REMOVED_THERE)]
    client("resolve", A, accept="mine")
    client("resolve", "co/demo/b.txt", accept="theirs")
    assert names(co) == {"a.txt", "b.txt.mine", "sub", "void"}
    assert (co / "a.txt").read_bytes() == MINE
    assert (co / "b.txt.mine").read_bytes() == MINE
    assert client.each("status", "co", verbose=False) == [
        "A co/demo/a.txt",
        "? co/demo/b.txt.mine",
    ]
    client.each("commit", "co")
    assert server.objects["demo/a.txt"] == MINE
    assert kept(co) == []


def test_objects_removed_there_can_be_what_they_were(
    client: Client, server: Server, co: Path
) -> None:
    (co / "a.txt").write_bytes(MINE)
    del server.objects["demo/a.txt"]
    client.each("update", "co")
    client("resolve", A, accept="base")
    assert (co / "a.txt").read_bytes() == BASE
    assert (co / "a.txt.mine").read_bytes() == MINE


@pytest.mark.parametrize(
    ("accept", "result"), [("mine", None), ("theirs", THEIRS), ("base", BASE)]
)
def test_removed_here_and_edited_there(
    client: Client, server: Server, co: Path, accept: str, result: bytes | None
) -> None:
    client("remove", A)
    for content in (b"theirs before\n", THEIRS):
        server.objects["demo/a.txt"] = content
        client.each("update", "co")
    assert kinds("co/demo") == [(A, REMOVED_HERE)]
    client("resolve", A, accept=accept)
    if result is None:
        assert client.each("status", "co", verbose=False) == [f"R {A}"]
        return
    assert (co / "a.txt").read_bytes() == result
    letters = [f"M {A}"] if accept == "base" else []
    assert client.each("status", "co", verbose=False) == letters
    assert kept(co) == []


@pytest.mark.parametrize("accept", ["mine", "working", "base"])
def test_a_file_in_the_place_of_a_directory_only_steps_aside(
    client: Client, server: Server, co: Path, accept: str
) -> None:
    (co / "a.txt").write_bytes(MINE)
    server.objects["demo/a.txt"] = None
    server.objects["demo/a.txt/inner"] = b"inner\n"
    client.each("update", "co")
    assert kinds("co/demo") == [(A, OTHER_KIND)]
    with pytest.raises(Error, match=r"on the other|not known"):
        client("resolve", A, accept=accept)
    client("resolve", A, accept="theirs")
    client.each("update", "co")
    assert (co / "a.txt" / "inner").read_bytes() == b"inner\n"
    assert (co / "a.txt.mine").read_bytes() == MINE


def test_a_directory_removed_here_comes_back(
    client: Client, server: Server, co: Path
) -> None:
    client("remove", "co/demo/sub")
    server.objects["demo/sub"] = b"a file now\n"
    client.each("update", "co")
    found = kinds("co/demo")
    client("resolve", "co/demo/sub", accept="theirs")
    client.each("update", "co")
    assert (co / "sub").read_bytes() == b"a file now\n"
    assert found == [("co/demo/sub", REMOVED_HERE)]
    assert client.each("status", "co", verbose=False) == []


def test_metadata_is_kept_beside_its_object(
    client: Client, server: Server, co: Path
) -> None:
    server.extras["demo/a.txt"] = b"base"
    client.each("update", "co")
    part = co / "@@Zope" / "Extra" / "a.txt" / "contentType"
    write(part, b"mine")
    server.extras["demo/a.txt"] = b"theirs"
    client.each("update", "co")
    path = "co/demo/@@Zope/Extra/a.txt/contentType"
    assert kinds(A) == [(path, BOTH)]
    client("resolve", A, accept="theirs")
    assert read(part) == b"theirs"
    assert (co / "a.txt.contentType.mine").exists()
    assert kept(co) == []


def test_alone_leaves_what_is_below(client: Client, both: Path) -> None:
    assert client("resolve", "co/demo", alone=True) == []
    assert client("resolve", A, alone=True) == [f"Resolved {A}"]


def test_a_failing_choice_settles_nothing(
    client: Client, server: Server, both: Path
) -> None:
    (both.parent / "new.txt").write_bytes(b"mine\n")
    server.objects["demo/new.txt"] = b"theirs\n"
    client.each("update", "co")
    before = snapshot(both.parent)
    with pytest.raises(Error, match="not known what"):
        client("resolve", "co/demo", accept="base")
    assert snapshot(both.parent) == before


def test_resolve_takes_a_directory(client: Client, server: Server, co: Path) -> None:
    for name in ("a.txt", "sub/deep.txt"):
        (co / name).write_bytes(b"mine\n")
        server.objects[f"demo/{name}"] = b"theirs\n"
    client.each("update", "co")
    assert len(client.conflicts) == 2
    paths = ["co/demo/a.txt", "co/demo/sub/deep.txt"]
    (co / "a.txt").write_bytes(b"both\n")
    with pytest.raises(Error, match=r"markers are left in 'co/demo/sub/deep\.txt'"):
        client.each("resolve", "co", force=False)
    assert client.each("status", "co", verbose=False) == [f"C {x}" for x in paths]
    assert client.each("resolve", "co") == [f"Resolved {path}" for path in paths]
    assert client.each("resolve", "co") == []
    client.each("update", "co")
    assert client.conflicts == []


def test_resolving_what_nobody_knows_is_nothing(client: Client, co: Path) -> None:
    assert client("resolve", "co/demo/nosuch") == []
