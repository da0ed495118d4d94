"""Keys come before the password, and what is refused is told."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import paramiko
import pytest

from zope.app.fssync.client.transport.ssh.config import Endpoint
from zope.app.fssync.client.transport.ssh.login import log_in
from zope.app.fssync.client.transport.ssh.terminal import Terminal
from zope.fssync.errors import AccessDenied
from zope.fssync.errors import ServerUnreachable

ENDPOINT = Endpoint("host", 22, "me", "host", 22)


class Server:
    """A transport to a server that accepts some ways in; it notes what is shown."""

    def __init__(self, ways: list[str], accepted: object = None) -> None:
        self.ways = ways
        self.accepted = accepted
        self.shown: list[Any] = []
        self.active = True
        self.banner: bytes | None = None
        self._in = False

    def _try(self, what: object) -> list[str]:
        self.shown.append(what)
        self._in = what == self.accepted
        if not self._in:
            raise paramiko.AuthenticationException("refused")
        return []

    def auth_none(self, user: str) -> list[str]:
        if self.accepted == user:
            return self._try(user)
        raise paramiko.BadAuthenticationType("no", self.ways)

    def auth_publickey(self, user: str, key: paramiko.PKey) -> list[str]:
        return self._try(key.asbytes())

    def auth_password(self, user: str, password: str, fallback: bool) -> list[str]:
        return self._try(password)

    def is_authenticated(self) -> bool:
        return self._in

    def is_active(self) -> bool:
        return self.active

    def get_banner(self) -> bytes | None:
        return self.banner


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    monkeypatch.delenv("ZSYNC_SSH_KEY", raising=False)
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    (tmp_path / ".ssh").mkdir()
    return tmp_path


@pytest.fixture
def key(home: Path) -> bytes:
    """A key of the person; what a server sees of it."""
    made = paramiko.ECDSAKey.generate()
    path = home / ".ssh" / "id_ecdsa"
    made.write_private_key_file(str(path))
    found: bytes = made.asbytes()
    return found


def enter(server: Server, password: str | None = None) -> None:
    log_in(server, ENDPOINT, password, Terminal())  # type: ignore[arg-type]


def test_a_server_that_asks_for_nothing_gets_nothing(key: bytes) -> None:
    server = Server([], "me")
    enter(server, "secret")
    assert server.shown == ["me"]


def test_a_key_comes_before_the_password(key: bytes) -> None:
    server = Server(["publickey", "password"], key)
    enter(server, "secret")
    assert server.shown == [key]


def test_the_password_follows(key: bytes) -> None:
    server = Server(["publickey", "password"], "secret")
    enter(server, "secret")
    assert server.shown == [key, "secret"]


def test_a_password_is_shown_only_where_one_is_accepted(key: bytes) -> None:
    server = Server(["publickey"])
    with pytest.raises(AccessDenied) as error:
        enter(server, "secret")
    assert server.shown == [key]
    said = str(error.value)
    assert said.startswith("host did not let me in (it accepts: publickey)\n")
    assert "id_ecdsa: not accepted" in said


def test_without_a_key_it_is_told_how_to_get_in() -> None:
    server = Server(["publickey"])
    server.banner = b"Members only.\n"
    with pytest.raises(AccessDenied, match="there is no key to show") as error:
        enter(server)
    assert "The server says: Members only." in str(error.value)
    assert "Make a key with ssh-keygen" in str(error.value)


def test_a_key_that_others_can_read_is_warned_of(
    home: Path, key: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    path = home / ".ssh" / "id_ecdsa"
    path.chmod(0o644)
    enter(Server(["publickey"], key))
    said = f"warning: others can read the private key {path}; run: chmod 600 {path}\n"
    assert capsys.readouterr().err == said


def test_a_file_that_is_no_key_is_named(home: Path) -> None:
    (home / ".ssh" / "id_rsa").write_text("nonsense")
    with pytest.raises(AccessDenied, match="id_rsa: not a private key"):
        enter(Server(["publickey"]))


def test_a_server_that_ends_the_connection(key: bytes) -> None:
    server = Server(["publickey"])
    server.active = False
    with pytest.raises(ServerUnreachable, match="during the login: refused"):
        enter(server)
