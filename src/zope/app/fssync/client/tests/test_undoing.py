"""Every command that changed a working copy can be taken back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from zope.app.fssync.client.undoing import operations
from zope.app.fssync.client.undoing import undo_operation
from zope.app.fssync.client.workingcopy import layout
from zope.app.fssync.client.workingcopy.layout import DESCRIBED
from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing.clientside import URL
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.fssync.errors import Error


@pytest.fixture(params=[layout.PLAIN, layout.COMPACT, layout.DESCRIBED])
def co(request: pytest.FixtureRequest, client: Client, home: Path) -> Path:
    """A working copy of each layout."""
    client("checkout", "co", url=URL, layout=request.param)
    return home / "co" / "demo"


def undo(co: Path) -> tuple[str, list[str]]:
    told: list[str] = []
    operation, kept = undo_operation(str(co), told.append)
    assert all(told)
    return operation.verb, kept


def edit_a(server: Server, client: Client, co: Path) -> None:
    (co / "a.txt").write_bytes(b"mine\n")


def update(server: Server, client: Client, co: Path) -> None:
    server.objects["demo/a.txt"] = b"one\ntwo\nthree\nfour\n"
    server.objects["demo/new"] = None
    server.objects["demo/new/n.txt"] = b"n\n"
    del server.objects["demo/sub/deep.txt"]
    client("update", "co/demo")


def conflict(server: Server, client: Client, co: Path) -> None:
    server.objects["demo/a.txt"] = b"theirs\n"
    (co / "a.txt").write_bytes(b"mine\n")
    client("update", "co/demo")


def make_a_file(server: Server, client: Client, co: Path) -> None:
    (co / "made.txt").write_bytes(b"made\n")


def elsewhere(server: Server, client: Client, co: Path) -> None:
    """Make another working copy, with a change to be merged."""
    client("checkout", "other", url=URL)
    (co.parents[1] / "other" / "demo" / "a.txt").write_bytes(b"theirs\n")


def nothing(server: Server, client: Client, co: Path) -> None:
    pass


COMMANDS: dict[str, tuple[Callable[..., None], tuple[object, ...]]] = {
    "revert": (edit_a, ("co/demo",)),
    "remove": (nothing, ("co/demo/sub",)),
    "move": (nothing, (["co/demo/a.txt"], "co/demo/sub/c.txt")),
    "resolve": (conflict, ("co/demo/a.txt",)),
    "mkdir": (nothing, ("co/demo/made",)),
    "copy": (nothing, ("co/demo/sub", "co/demo/again")),
    "merge": (elsewhere, (["other/demo", "co/demo"],)),
    "add": (make_a_file, ("co/demo/made.txt",)),
}


@pytest.mark.parametrize("verb", COMMANDS)
def test_a_command_is_taken_back(
    verb: str, server: Server, client: Client, co: Path
) -> None:
    prepare, arguments = COMMANDS[verb]
    prepare(server, client, co)
    before = snapshot(co.parent)
    client(verb, *arguments)
    assert snapshot(co.parent) != before
    assert undo(co) == (verb, [])
    assert snapshot(co.parent) == before


PLAIN = b"<pickle>\n  <string>text/plain</string>\n</pickle>\n"


@pytest.fixture
def work(server: Server, client: Client, home: Path) -> Path:
    """A working copy with descriptions, and one beside it to merge from."""
    server.extras.update(dict.fromkeys(("demo/a.txt", "demo/sub", "demo/b.txt"), PLAIN))
    for name in ("work", "other"):
        client("checkout", name, url=URL, layout=DESCRIBED)
    return home / "work" / "demo"


def edit_description(path: Path, new: bytes) -> None:
    path.write_bytes(path.read_bytes().replace(b"text/plain", new))


def theirs(server: Server, client: Client, work: Path) -> None:
    """Others change what is described, and so do we."""
    edit_description(work / "@@a.txt.meta", b"text/mine")
    edit_description(work / "sub" / "@@.meta", b"text/mine")
    server.extras["demo/a.txt"] = PLAIN.replace(b"plain", b"theirs")
    server.extras["demo/b.txt"] = b"\0\1"
    del server.extras["demo/sub"]


def in_conflict(server: Server, client: Client, work: Path) -> None:
    theirs(server, client, work)
    client("update", "work/demo")


def moved_by_hand(server: Server, client: Client, work: Path) -> None:
    edit_description(work / "sub" / "@@.meta", b"text/mine")
    (work / "sub").rename(work / "void" / "under")


def edited_elsewhere(server: Server, client: Client, work: Path) -> None:
    other = work.parents[1] / "other" / "demo"
    edit_description(other / "@@a.txt.meta", b"text/other")
    (other / "b.txt").write_bytes(b"other\n")


DESCRIBED_COMMANDS: dict[str, tuple[Callable[..., None], tuple[object, ...]]] = {
    "update": (theirs, ("work/demo",)),
    "revert": (theirs, ("work/demo",)),
    "resolve": (in_conflict, ("work/demo/@@a.txt.meta", True, "mine")),
    "move": (moved_by_hand, (["work/demo/sub"], "work/demo/void/under", True)),
    "copy": (theirs, ("work/demo/sub", "work/demo/again")),
    "remove": (nothing, ("work/demo/sub",)),
    "merge": (edited_elsewhere, (["other/demo", "work/demo"],)),
}


@pytest.mark.parametrize("verb", DESCRIBED_COMMANDS)
def test_descriptions_come_back_as_well(
    verb: str, server: Server, client: Client, work: Path
) -> None:
    prepare, arguments = DESCRIBED_COMMANDS[verb]
    prepare(server, client, work)
    before, shown = snapshot(work.parent), client("status", "work/demo")
    client(verb, *arguments)
    assert client("status", "work/demo") != shown
    assert undo(work) == (verb, [])
    assert snapshot(work.parent) == before
    assert client("status", "work/demo") == shown


def test_an_update_is_taken_back_and_brings_the_same_again(
    server: Server, client: Client, co: Path
) -> None:
    edit_a(server, client, co)
    before = snapshot(co.parent)
    (co / "a.txt").write_bytes(b"one\ntwo\nthree\n")
    before["demo/a.txt"] = b"one\ntwo\nthree\n"
    update(server, client, co)
    after = snapshot(co.parent)
    assert undo(co) == ("update", [])
    assert snapshot(co.parent) == before
    client("update", "co/demo")
    assert snapshot(co.parent) == after


def test_one_command_after_the_other_is_taken_back(
    server: Server, client: Client, co: Path
) -> None:
    states = [snapshot(co.parent)]
    edit_a(server, client, co)
    states.append(snapshot(co.parent))
    client("revert", "co/demo")
    client("remove", "co/demo/b.txt")
    client("mkdir", "co/demo/x")
    verbs = [each.verb for each in operations(str(co))]
    assert verbs == ["mkdir", "remove", "revert"]
    assert [undo(co)[0] for _ in range(3)] == ["mkdir", "remove", "revert"]
    assert snapshot(co.parent) == states[1]


def test_files_edited_since_are_kept(client: Client, co: Path) -> None:
    client("move", ["co/demo/a.txt"], "co/demo/c.txt")
    client("remove", "co/demo/b.txt")
    (co / "b.txt").write_bytes(b"made anew\n")
    verb, kept = undo(co)
    assert verb == "remove"
    assert kept == [str(co / "b.txt.mine")]
    assert (co / "b.txt").read_bytes() == b"b\n"
    assert (co / "b.txt.mine").read_bytes() == b"made anew\n"


def test_files_others_put_into_a_new_directory_stay(
    server: Server, client: Client, co: Path
) -> None:
    update(server, client, co)
    (co / "new" / "mine.txt").write_bytes(b"mine\n")
    undo(co)
    assert (co / "new" / "mine.txt").read_bytes() == b"mine\n"
    assert not (co / "new" / "n.txt").exists()


def test_a_commit_is_not_taken_back(server: Server, client: Client, co: Path) -> None:
    client("mkdir", "co/demo/x")
    edit_a(server, client, co)
    client("commit", "co/demo")
    before = snapshot(co.parent)
    with pytest.raises(Error, match="was 'commit', which is not taken back"):
        undo(co)
    assert snapshot(co.parent) == before


def test_without_an_operation_there_is_nothing_to_take_back(
    client: Client, co: Path
) -> None:
    with pytest.raises(Error, match="no operation is known"):
        undo(co)
