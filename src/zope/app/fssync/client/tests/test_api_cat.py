"""What the server last sent of a file is within reach."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync.cli.main import main
from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing.clientside import URL
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.fssync.errors import Error


@pytest.fixture(params=["compact", "plain"])
def copy(request: pytest.FixtureRequest, client: Client, co: Path) -> Path:
    """A working copy in one of the layouts."""
    if request.param == "plain":
        client("downgrade", "co")
    return co


def cat(client: Client, path: str) -> bytes:
    written: list[bytes] = []
    client("cat", path, written.append)
    return b"".join(written)


def test_cat_shows_the_original_of_an_edited_file(client: Client, copy: Path) -> None:
    (copy / "a.txt").write_bytes(b"mine\n")
    before = snapshot(copy)
    assert cat(client, "co/demo/a.txt") == b"one\ntwo\nthree\n"
    assert snapshot(copy) == before


@pytest.mark.parametrize("mine", [b"mine\n", b"\0mine", None])
def test_cat_shows_the_side_of_the_server_in_a_conflict(
    client: Client, server: Server, copy: Path, mine: bytes | None
) -> None:
    if mine is None:
        client("remove", "co/demo/a.txt")
    else:
        (copy / "a.txt").write_bytes(mine)
    server.objects["demo/a.txt"] = b"theirs\n"
    assert client.each("update", "co") == ["C co/demo/a.txt"]
    assert cat(client, "co/demo/a.txt") == b"theirs\n"


@pytest.mark.layout(2)
def test_extras_have_it_too(client: Client, server: Server, home: Path) -> None:
    server.extras["demo/a.txt"] = b"'text/plain'\n"
    client("checkout", "co", url=URL)
    extra = "co/demo/@@Zope/Extra/a.txt/contentType"
    (home / extra).write_bytes(b"'text/html'\n")
    assert cat(client, extra) == b"'text/plain'\n"


@pytest.mark.parametrize("path", ["stray", "sub", "nosuch", "../outside"])
def test_cat_refuses_files_that_the_server_has_not_sent(
    client: Client, co: Path, path: str
) -> None:
    (co / "stray").write_bytes(b"stray\n")
    with pytest.raises(Error, match="the server has sent no file"):
        cat(client, f"co/demo/{path}")


def test_the_command_writes_bytes(
    co: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert main(["cat", "co/demo/a.txt", "co/demo/b.txt"]) == 0
    assert capfdbinary.readouterr().out == b"one\ntwo\nthree\nb\n"
