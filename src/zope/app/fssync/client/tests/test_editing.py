"""An edit against a server in memory: saves are taken, held, merged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from zope.app.fssync.client.api import FSSync
from zope.app.fssync.client.editing import Edit
from zope.app.fssync.client.hiddencopy import directory_for
from zope.app.fssync.testing.clientside import URL
from zope.app.fssync.testing.clientside import CannedNetwork
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.fssync.errors import ConflictsRemain
from zope.fssync.errors import Error
from zope.fssync.errors import OutOfDate

PATH = "demo/a.txt"


@pytest.fixture(autouse=True)
def state(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "state"))
    return home / "state"


@contextmanager
def editing(client: Client) -> Iterator[Edit]:
    fs = FSSync(network=CannedNetwork(client.server, client.home))
    with fs.edit(f"{URL}/a.txt") as edit:
        yield edit


def overtake(server: Server, content: bytes) -> None:
    """Let somebody else be faster than the next commit."""

    def refuse(server: Server) -> None:
        if "@@fromFS" in server.requests[-1]:
            server.before_answer = None
            raise OutOfDate("Up-to-date check failed:\na.txt", ["a.txt"])

    server.objects[PATH] = content
    server.before_answer = refuse


def test_markers_are_not_committed_and_what_replaces_them_is(
    client: Client, state: Path
) -> None:
    server = client.server
    with editing(client) as edit:
        path = Path(edit.path)
        assert path.read_bytes() == b"one\ntwo\nthree\n"
        assert edit.save() is None
        overtake(server, b"one\ntheirs\nthree\n")
        path.write_bytes(b"one\nmine\nthree\n")
        assert edit.save() is None
        assert edit.conflict
        assert path.read_bytes() == b"one\nmine\nthree\n"
        assert edit.offer()
        marked = path.read_bytes()
        path.write_bytes(marked + b"four\n")
        assert edit.save() is None
        assert edit.is_undecided
        path.write_bytes(b"one\nboth\nthree\n")
        assert edit.save() is not None
    assert server.objects[PATH] == b"one\nboth\nthree\n"
    assert not state.joinpath("zsync").exists()


def test_files_in_conflict_are_kept_in_a_place_of_ones_own(
    client: Client, state: Path
) -> None:
    def edit() -> None:
        with editing(client) as it:
            overtake(client.server, b"theirs\n")
            Path(it.path).write_bytes(b"mine\n")
            it.save()

    with pytest.raises(ConflictsRemain) as info:
        edit()
    (place,) = Path(directory_for("edit")).iterdir()
    assert place.parent == state / "zsync" / "edit"
    assert place.stat().st_mode & 0o777 == 0o700
    assert str(place / "copy") in str(info.value.advice)


def test_any_error_keeps_what_was_not_committed(client: Client, state: Path) -> None:
    with pytest.raises(KeyboardInterrupt), editing(client):
        raise KeyboardInterrupt
    assert not state.joinpath("zsync").exists()
    with pytest.raises(Error, match="not all"), editing(client) as it:
        Path(it.path).write_bytes(b"mine\n")
    (place,) = Path(directory_for("edit")).iterdir()
    assert (place / "file" / "a.txt").read_bytes() == b"mine\n"
