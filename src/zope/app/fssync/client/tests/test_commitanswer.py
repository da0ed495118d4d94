"""What a server answers is taken over, and what was done meanwhile stays."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from zope.app.fssync.client.commitanswer import _tell_faults
from zope.app.fssync.protocol.headers import FAULTS
from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.app.fssync.testing.clientside import pristine
from zope.fssync import files
from zope.fssync.errors import ArchiveDamaged
from zope.fssync.errors import Error


def test_an_edit_during_a_commit_survives(
    client: Client, server: Server, co: Path
) -> None:
    (co / "a.txt").write_bytes(b"first\n")
    server.before_answer = lambda _: (co / "a.txt").write_bytes(b"second\n")
    client.each("commit", "co")
    server.before_answer = None
    assert server.objects["demo/a.txt"] == b"first\n"
    assert (co / "a.txt").read_bytes() == b"second\n"
    assert client.each("status", "co", verbose=False) == ["M co/demo/a.txt"]
    client.each("commit", "co")
    assert server.objects["demo/a.txt"] == b"second\n"


def test_undoing_an_edit_during_its_commit_survives(
    client: Client, server: Server, co: Path
) -> None:
    old = (co / "a.txt").read_bytes()
    (co / "a.txt").write_bytes(b"first\n")
    server.before_answer = lambda _: (co / "a.txt").write_bytes(old)
    client.each("commit", "co")
    assert (co / "a.txt").read_bytes() == old
    assert client.each("status", "co", verbose=False) == ["M co/demo/a.txt"]


def test_an_edit_of_an_unchanged_file_during_a_commit_survives(
    client: Client, server: Server, co: Path
) -> None:
    (co / "a.txt").write_bytes(b"first\n")
    server.before_answer = lambda _: (co / "b.txt").write_bytes(b"edited\n")
    client.each("commit", "co")
    assert (co / "b.txt").read_bytes() == b"edited\n"
    assert client.each("status", "co", verbose=False) == ["M co/demo/b.txt"]


def test_an_edit_of_an_added_file_during_its_commit_survives(
    client: Client, server: Server, co: Path
) -> None:
    (co / "new.txt").write_bytes(b"first\n")
    client("add", "co/demo/new.txt")
    server.before_answer = lambda _: (co / "new.txt").write_bytes(b"second\n")
    client.each("commit", "co")
    assert (co / "new.txt").read_bytes() == b"second\n"
    assert client.each("status", "co", verbose=False) == ["M co/demo/new.txt"]


def test_files_the_server_makes_of_a_file_are_taken_over(
    client: Client, server: Server, co: Path
) -> None:
    (co / "a.txt").write_bytes(b"sent\n")
    store = server.store

    def normalizing(top, archive):
        store(top, archive)
        server.objects["demo/a.txt"] = b"normalized\n"

    server.store = normalizing  # type: ignore[method-assign]
    assert client.each("commit", "co") == ["U co/demo/a.txt"]
    assert (co / "a.txt").read_bytes() == b"normalized\n"


def test_an_answer_that_is_lost_after_the_commit_can_be_fetched(
    client: Client, server: Server, co: Path, home: Path
) -> None:
    (co / "a.txt").write_bytes(b"changed\n")
    before = snapshot(home)
    server.answer = b"00000100 demo/a.txt\nbroken"
    with pytest.raises(ArchiveDamaged) as caught:
        client.each("commit", "co")
    assert "The commit is done" in str(caught.value)
    assert snapshot(home) == before
    server.answer = None
    assert client.each("update", "co") == ["U co/demo/a.txt"]
    assert client.each("status", "co", verbose=False) == []


@pytest.mark.parametrize("named", [True, False])
def test_a_full_disk_after_the_commit_says_that_it_is_done(
    client: Client,
    co: Path,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    named: bool,
) -> None:
    (co / "a.txt").write_bytes(b"changed\n")
    before = snapshot(home)

    def full(path: str, chunks: Iterable[bytes]) -> None:
        raise OSError(28, "No space left on device", *([path] if named else []))

    with monkeypatch.context() as patch:
        patch.setattr(files, "write_new", full)
        with pytest.raises(Error, match="No space left on device") as caught:
            client.each("commit", "co")
    assert "None" not in str(caught.value)
    assert "The commit is done; 'zsync update'" in str(caught.value)
    assert snapshot(home) == before
    assert client.each("update", "co") == ["U co/demo/a.txt"]


@pytest.mark.parametrize("path", ["a.txt", "sub"])
def test_a_file_deleted_during_a_commit_does_not_stop_the_merge(
    client: Client, server: Server, co: Path, path: str
) -> None:
    (co / "a.txt").write_bytes(b"first\n")
    (co / "b.txt").write_bytes(b"second\n")
    (co / "sub" / "deep.txt").write_bytes(b"third\n")

    def delete(server: Server) -> None:
        place = co / path
        shutil.rmtree(place) if place.is_dir() else place.unlink()

    server.before_answer = delete
    client.each("commit", "co")
    server.before_answer = None
    assert pristine(co / "b.txt") == b"second\n"
    client.each("update", "co")
    assert client.each("status", "co", verbose=False) == []


def test_changes_that_the_server_has_not_taken_are_set_aside_and_told(
    client: Client, server: Server, co: Path
) -> None:
    """It would be sent again for ever."""
    old = (co / "a.txt").read_bytes()
    (co / "a.txt").write_bytes(b"mine\n")
    (co / "a.txt.mine").write_bytes(b"another\n")
    server.store = lambda top, archive: None  # type: ignore[method-assign]
    said = client.each("commit", "co")
    assert [warning.partition(": ")[0] for warning in client.warnings] == ["warning"]
    assert "as it had it before" in client.warnings[0]
    assert said == [
        "? co/demo/a.txt-1.mine",
        "U co/demo/a.txt",
        "? co/demo/a.txt.mine",
    ]
    assert (co / "a.txt").read_bytes() == old
    assert (co / "a.txt-1.mine").read_bytes() == b"mine\n"
    assert client.each("status", "co", verbose=False) == [
        "? co/demo/a.txt-1.mine",
        "? co/demo/a.txt.mine",
    ]


def test_another_order_of_the_server_is_taken_over(
    client: Client, server: Server, co: Path
) -> None:
    old = b"title = a\nauthor = b\n"
    server.objects["demo/a.txt"] = old
    client.each("update", "co")
    (co / "a.txt").write_bytes(b"author = b\n\ntitle = a\n")
    server.store = lambda top, archive: None  # type: ignore[method-assign]
    assert client.each("commit", "co") == ["U co/demo/a.txt"]
    assert (co / "a.txt").read_bytes() == old
    assert client.each("status", "co", verbose=False) == []


@pytest.mark.parametrize(
    ("header", "told"),
    [
        (None, []),
        (
            '[["demo/b.py", 1, "\'(\' was never closed"], ["a", 0, "\\u001b"]]',
            ["warning: co/demo/b.py:1: '(' was never closed", "warning: co/a: \\x1b"],
        ),
        ("[[1]]", ["warning: the server found faults, and this client cannot"]),
        ("{", ["warning: the server found faults, and this client cannot"]),
    ],
)
def test_faults_that_the_server_found_are_warnings(
    header: str | None, told: list[str]
) -> None:
    said: list[str] = []
    network: Any = SimpleNamespace(options=SimpleNamespace(warn=said.append))
    _tell_faults(network, {} if header is None else {FAULTS: header}, "co/demo")
    assert len(said) == len(told)
    assert all(line.startswith(start) for line, start in zip(said, told, strict=True))
