"""What goes wrong before a server has let anybody in."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from zope.app.fssync.client.transport.ssh.config import Endpoint
from zope.app.fssync.client.transport.ssh.connection import Connection
from zope.app.fssync.client.transport.ssh.knownhosts import KnownHosts
from zope.app.fssync.client.transport.ssh.terminal import Terminal
from zope.app.fssync.testing.processes import free_port
from zope.fssync.errors import ServerUnreachable
from zope.fssync.limits import SSHTimes

LOCAL = "127.0.0.1"


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server((LOCAL, 0)) as listener:
        yield listener


def connect(tmp_path: Path, port: int, **more: object) -> Connection:
    endpoint = Endpoint(LOCAL, port, "me", LOCAL, port, **more)  # type: ignore[arg-type]
    hosts = KnownHosts([], tmp_path / "known")
    return Connection(endpoint, None, Terminal(), hosts, SSHTimes(connect=0.2))


def test_nobody_listens(tmp_path: Path) -> None:
    port = free_port()
    with pytest.raises(ServerUnreachable, match=f"cannot reach {LOCAL}:{port}: Conn"):
        connect(tmp_path, port)


def test_a_server_that_says_nothing(tmp_path: Path, listener: socket.socket) -> None:
    with pytest.raises(ServerUnreachable, match="does not talk ssh") as error:
        connect(tmp_path, listener.getsockname()[1])
    assert "Are host and port those of an ssh server?" in str(error.value)


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("exec /no/such/program", "No such file or directory"),
        ("exec", "list index out of range"),
    ],
)
def test_a_proxy_command_that_does_not_start(
    tmp_path: Path, command: str, why: str
) -> None:
    with pytest.raises(ServerUnreachable, match=f"cannot be started: {why}"):
        connect(tmp_path, 22, proxy_command=command)


def test_a_proxy_command_that_ends_at_once(tmp_path: Path) -> None:
    with pytest.raises(ServerUnreachable, match=f"{LOCAL} does not talk ssh"):
        connect(tmp_path, 22, proxy_command="true")
