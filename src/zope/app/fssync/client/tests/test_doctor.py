"""Cleanup and doctor put a working copy in order, and touch no edit."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from zope.app.fssync.client.workingcopy.lock import Lock
from zope.app.fssync.client.workingcopy.pack import Pack
from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing.clientside import URL
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.app.fssync.testing.clientside import lose_original
from zope.app.fssync.testing.clientside import pristine
from zope.app.fssync.testing.controldata import control
from zope.app.fssync.testing.filefaults import Faults
from zope.app.fssync.testing.filefaults import Killed
from zope.fssync.errors import Locked
from zope.fssync.errors import PathRefused
from zope.fssync.errors import ServerUnreachable
from zope.fssync.files import Tree
from zope.fssync.limits import LEAST_BLOCK

pytestmark = pytest.mark.layout(3)


def interrupt(client: Client, last: int, verb: str = "update") -> None:
    with Faults(last), pytest.raises(Killed):
        client(verb, "co/demo")


@pytest.fixture(params=["upgrade", "downgrade"])
def co(client: Client, co: Path, request: pytest.FixtureRequest) -> Path:
    """A working copy of each layout."""
    client(request.param, "co")
    return co


@pytest.fixture
def plain(client: Client, co: Path) -> Path:
    """A working copy of the layout of 3.6.0."""
    client("downgrade", "co")
    return co


# Cleanup


def test_cleanup_says_nothing_if_nothing_is_to_be_done(
    client: Client, co: Path
) -> None:
    before = snapshot(co.parent)
    assert client("cleanup", "co/demo/sub") == []
    assert snapshot(co.parent) == before


def test_staged_files_are_removed(client: Client, server: Server, co: Path) -> None:
    server.objects["demo/a.txt"] = b"new\n"
    before = snapshot(co.parent)
    interrupt(client, 8)
    assert (control(co.parent) / "Journal").exists()
    lock, staged = client("cleanup", "co/demo")
    assert lock.startswith("removed the lock that nobody holds: zsync update, process")
    assert lock.endswith(" ago)")
    assert staged == "removed what was staged for a change that was interrupted"
    assert snapshot(co.parent) == before


def test_a_planned_change_is_finished(client: Client, server: Server, co: Path) -> None:
    server.objects["demo/a.txt"] = b"new\n"
    plan = control(co.parent) / "Journal" / "plan"
    last = 8
    while not plan.exists():
        interrupt(client, last)
        last += 1
    assert (co / "a.txt").read_bytes() == b"one\ntwo\nthree\n"
    assert client("cleanup", "co")[1:] == ["finished the change that was interrupted"]
    assert (co / "a.txt").read_bytes() == b"new\n"
    assert client.each("status", "co", verbose=False) == []


def test_a_lock_of_another_host_that_nobody_holds_is_removed(
    client: Client, co: Path
) -> None:
    lock = control(co.parent) / "Lock"
    lock.write_text("zsync commit, process 1 on elsewhere\x1b[2J, 1999-12-31\n")
    os.utime(lock, (lock.stat().st_mtime - 3 * 86400,) * 2)
    (line,) = client("cleanup", "co")
    assert "process 1 on elsewhere\\x1b[2J, 1999-12-31 (3 days ago)" in line
    assert not lock.exists()


def test_a_lock_that_is_held_stays(client: Client, co: Path) -> None:
    path = str(control(co.parent) / "Lock")
    with (
        Lock(path, "zsync update"),
        pytest.raises(Locked, match=r"by zsync update, process .* \(0 seconds ago\)"),
    ):
        client("cleanup", "co")


def test_temporary_files_of_a_power_cut_are_removed(client: Client, co: Path) -> None:
    left = control(co.parent) / ".#0123456789abcdef"
    left.write_bytes(b"half")
    mine = co / ".#0123456789abcdef"
    mine.write_bytes(b"mine")
    (line,) = client("cleanup", "co")
    assert "which was never finished" in line
    assert not left.exists()
    assert mine.exists()
    # What changes something does the same on its way.
    left.write_bytes(b"half")
    client("resolve", "co/demo")
    assert not left.exists()


# Doctor


@pytest.fixture
def server(server: Server) -> Server:
    server.extras["demo/a.txt"] = b"text/plain"
    return server


def test_undamaged_files_are_left_alone(client: Client, co: Path) -> None:
    (co / "a.txt").write_bytes(b"edited\n")
    (co / "b.txt").unlink()
    (co / "more.txt").write_bytes(b"more\n")
    client("add", "co/demo/more.txt")
    client("remove", "co/demo/sub")
    client("mkdir", "co/demo/fresh")
    before = snapshot(co.parent)
    client.server.requests.clear()
    for target in ("co", "co/demo", "co/demo/a.txt", "co/demo/fresh"):
        assert client("doctor", target) == []
    assert snapshot(co.parent) == before
    assert client.server.requests == []


def _lost(path: Path) -> None:
    path.unlink()


def _truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def _emptied(path: Path) -> None:
    path.write_bytes(b"")


def _evil(path: Path) -> None:
    path.write_text('<entries><entry name="../x" /></entries>')


def _linked(path: Path) -> None:
    path.unlink()
    os.symlink("../../deep.txt", path)


DAMAGES = [_truncated, _emptied, _evil]
PLACES = ["co/demo", "co/demo/sub", "co/demo/void", "co/demo/@@Zope/Extra/a.txt"]
CASES = [(place, damage, "co") for place in PLACES for damage in DAMAGES]
CASES += [(place, damage, "co/demo") for place in PLACES for damage in DAMAGES]
# An object may have no extras, and no entries mean no working copy.
CASES += [(place, _lost, "co/demo") for place in PLACES[:3]]
CASES += [("co", damage, "co") for damage in DAMAGES]
PACKED = "co/demo/@@Zope/Extra/a.txt"


@pytest.mark.parametrize(("place", "damage", "target"), CASES)
def test_entries_are_taken_from_the_server(
    client: Client, co: Path, home: Path, place: str, damage: Any, target: str
) -> None:
    if place == PACKED:
        client("downgrade", "co")
    whole = snapshot(home / "co")
    entries = control(home / place) / "Entries.xml"
    damage(entries)
    lines = client("doctor", target)
    shown = entries.relative_to(home)
    assert lines[0].startswith(f"repaired {shown}: ")
    (entries.parent / "Entries.xml.damaged").unlink(missing_ok=True)
    assert snapshot(home / "co") == whole
    assert client("doctor", target) == []
    assert client.each("status", "co", verbose=False) == []


@pytest.mark.parametrize("key", ["../other.txt", "sub/deep.txt", "..", "@@Zope"])
def test_a_key_of_the_server_leads_nowhere_else(
    client: Client, server: Server, co: Path, key: str
) -> None:
    (co.parent / "other.txt").write_bytes(b"mine\n")
    before = (control(co / "sub") / "Entries.xml").read_bytes()
    original = server._entry
    server._entry = lambda path: {  # type: ignore[method-assign]
        **original(path),
        **({"key": key} if path == "demo/b.txt" else {}),
    }
    _truncated(control(co) / "Entries.xml")
    client("doctor", "co")
    assert (control(co / "sub") / "Entries.xml").read_bytes() == before
    assert (co.parent / "other.txt").read_bytes() == b"mine\n"
    assert "other.txt" not in (control(co.parent) / "Entries.xml").read_text()


def test_edits_stay_based_on_what_they_were_based_on(
    client: Client, server: Server, co: Path
) -> None:
    (co / "a.txt").write_bytes(b"ONE\ntwo\nthree\n")
    server.objects["demo/a.txt"] = b"one\ntwo\nTHREE\n"
    _truncated(control(co) / "Entries.xml")
    client("doctor", "co")
    assert (co / "a.txt").read_bytes() == b"ONE\ntwo\nthree\n"
    client.each("update", "co")
    assert (co / "a.txt").read_bytes() == b"ONE\ntwo\nTHREE\n"


@pytest.mark.parametrize("damage", [_lost, _linked])
def test_an_original_is_taken_from_the_server(
    client: Client, plain: Path, damage: Callable[[Path], None]
) -> None:
    co = plain
    whole = client.each("status", "co")
    damage(control(co / "sub") / "Original" / "deep.txt")
    (line,) = client("doctor", "co")
    assert line.startswith("repaired co/demo/sub/deep.txt: ")
    assert client.each("status", "co") == whole
    assert client("doctor", "co/demo/sub/deep.txt") == []


def test_an_edit_without_its_original_becomes_a_conflict(
    client: Client, server: Server, co: Path
) -> None:
    (co / "a.txt").write_bytes(b"mine\n")
    server.objects["demo/a.txt"] = b"theirs\n"
    lose_original(co / "a.txt")
    (line,) = client("doctor", "co")
    assert "original is lost: taken from the server, from which" in line
    assert client.conflicts == ["co/demo/a.txt"]
    assert (co / "a.txt").read_bytes() == b"mine\n"
    assert pristine(co / "a.txt") == b"theirs\n"
    client.each("update", "co")
    assert client.conflicts == ["co/demo/a.txt"]


def test_files_that_belong_to_nothing_are_removed(client: Client, plain: Path) -> None:
    data = control(plain)
    shutil.copytree(data / "Extra" / "a.txt", data / "Extra" / "nobody")
    (data / "Original" / "nobody").write_bytes(b"nobody\n")
    lines = client("doctor", "co")
    assert lines == [
        f"repaired co/demo/@@Zope/{what}/nobody: it belonged to nothing: removed"
        for what in ("Original", "Extra")
    ]
    assert client("doctor", "co") == []


@pytest.mark.parametrize("damage", [_truncated, _emptied, _evil, _linked])
def test_a_pack_is_taken_from_the_server(
    client: Client, co: Path, damage: Callable[[Path], None]
) -> None:
    client("upgrade", "co")
    whole = client.each("status", "co")
    damage(control(co) / "Base")
    lines = client("doctor", "co")
    assert "moved to" in lines[0]
    assert not client.damaged
    assert client.conflicts == []
    assert client.each("status", "co") == whole
    assert pristine(co / "a.txt") == b"one\ntwo\nthree\n"
    assert client("doctor", "co") == []


def test_an_edit_that_belongs_to_nothing_is_told(client: Client, plain: Path) -> None:
    data = control(plain)
    shutil.copytree(data / "Extra" / "a.txt", data / "Extra" / "nobody")
    (data / "Extra" / "nobody" / "contentType").write_bytes(b"edited")
    (line,) = client("doctor", "co")
    assert "it was edited and belongs to nothing" in line
    assert (data / "Extra" / "nobody" / "contentType").exists()
    assert client.damaged


def test_an_entry_that_was_lost_comes_back(client: Client, co: Path) -> None:
    entries = control(co) / "Entries.xml"
    text = entries.read_text()
    start = text.index('  <entry name="b.txt"')
    entries.write_text(text[:start] + text[text.index("/>", start) + 3 :])
    (line,) = client("doctor", "co")
    assert "no entry for b.txt: taken from the server" in line
    assert entries.read_text() == text


def _bit_flipped(path: Path) -> None:
    pack = Pack(Tree(), str(path))
    data = bytearray(path.read_bytes())
    # In its one block, which begins after the first line.
    assert sum(member.size for member in pack.members.values()) < LEAST_BLOCK
    data[data.index(b"\n") + 20] ^= 1
    path.write_bytes(data)


def _no_pack(path: Path) -> None:
    path.write_bytes(b"no pack")


@pytest.mark.parametrize(
    "damage", [_lost, _truncated, _emptied, _no_pack, _bit_flipped]
)
def test_a_pack_is_filled_from_the_server(
    client: Client, co: Path, damage: Callable[[Path], None]
) -> None:
    client("upgrade", "co")
    shutil.copytree("co", "whole")
    damage(control(co) / "Base")
    lines = client("doctor", "co")
    assert any("co/demo/a.txt: its original is lost" in line for line in lines)
    assert client.damaged == client.conflicts == []
    assert client("doctor", "co") == []
    (control(co) / "Base.damaged").unlink(missing_ok=True)
    # What else is in packs is derived.
    for name in ("co", "whole"):
        client("downgrade", name)
    assert snapshot(co.parent) == snapshot(co.parent.parent / "whole")


def test_a_pack_that_is_lost_makes_edits_conflicts(client: Client, co: Path) -> None:
    client("upgrade", "co")
    (co / "a.txt").write_bytes(b"mine\n")
    _no_pack(control(co) / "Base")
    client("doctor", "co/demo/a.txt")
    assert client.conflicts == ["co/demo/a.txt"]
    assert (co / "a.txt").read_bytes() == b"mine\n"
    assert (control(co) / "Base.damaged").read_bytes() == b"no pack"


@pytest.mark.parametrize("kind", ["link", "fifo"])
def test_other_things_than_files_are_told_and_left(
    client: Client, co: Path, home: Path, kind: str
) -> None:
    (co / "a.txt").unlink()
    if kind == "link":
        os.symlink(home / "outside", co / "a.txt")
    else:
        os.mkfifo(co / "a.txt")
    (line,) = client("doctor", "co")
    assert line == "damaged co/demo/a.txt: it is neither a file nor a directory"
    assert client.damaged == ["co/demo/a.txt"]


def test_control_data_behind_a_link_is_told_and_left(
    client: Client, co: Path, home: Path
) -> None:
    (control(co / "sub")).rename(home / "elsewhere")
    os.symlink(home / "elsewhere", control(co / "sub"))
    before = snapshot(home)
    (line,) = client("doctor", "co")
    shown = control(co / "sub").relative_to(home)
    assert line == f"damaged {shown}: it is no directory; move it away"
    assert snapshot(home) == before


def test_a_server_out_of_reach_is_told(client: Client, co: Path) -> None:
    lose_original(co / "a.txt")
    client.server.refusal = ServerUnreachable("nobody there")
    (line,) = client("doctor", "co")
    assert line == "damaged co/demo/a.txt: its original is lost; nobody there"
    assert client.damaged == ["co/demo/a.txt"]


def test_objects_that_the_server_lacks_are_told(
    client: Client, server: Server, co: Path
) -> None:
    lose_original(co / "a.txt")
    (control(co / "sub") / "Entries.xml").write_bytes(b"<")
    del server.objects["demo/a.txt"], server.objects["demo/sub"]
    del server.objects["demo/sub/deep.txt"]
    lines = client("doctor", "co")
    assert all("the server sent none" in line for line in lines)
    assert len(client.damaged) == 2
    assert (co / "a.txt").exists()


def test_a_journal_that_cannot_be_read_is_moved_away(client: Client, co: Path) -> None:
    journal = control(co.parent) / "Journal"
    journal.mkdir()
    (journal / "plan").write_bytes(b"?")
    (journal / "0").write_bytes(b"staged")
    (line,) = client("doctor", "co")
    assert "damaged journal in " in line
    assert "moved to " in line
    moved = journal.parent / "Journal.damaged"
    assert (moved / "0").read_bytes() == b"staged"
    assert client("doctor", "co") == []


def test_a_journal_is_kept_while_its_way_is_blocked(
    client: Client, server: Server, co: Path, home: Path
) -> None:
    server.objects["demo/a.txt"] = b"new\n"
    server.objects["demo/sub/deep.txt"] = b"new\n"
    plan = control(co.parent) / "Journal" / "plan"
    last = 8
    while not plan.exists():
        interrupt(client, last)
        last += 1
    (co / "sub").rename(home / "aside")
    os.symlink(home / "aside", co / "sub")
    for verb in ("doctor", "cleanup", "update"):
        with pytest.raises(PathRefused, match="not a directory"):
            client(verb, "co/demo")
    (co / "sub").unlink()
    (home / "aside").rename(co / "sub")
    client("cleanup", "co")
    assert (co / "sub" / "deep.txt").read_bytes() == b"new\n"
    assert client("update", "co/demo") == []


def test_a_single_file_is_looked_at(client: Client, home: Path) -> None:
    client("checkout", "one", url=f"{URL}/b.txt")
    lose_original(home / "one" / "b.txt")
    (line,) = client("doctor", "one")
    assert line.startswith("repaired one/b.txt: its original is lost")
