"""Who may enter by a key, and who by a password of Zope."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from zope.app.fssync.sshserver.access import Access
from zope.app.fssync.sshserver.access import AuthorizedKeys
from zope.app.fssync.sshserver.access import ZopePasswords
from zope.app.fssync.sshserver.forward import ZopeServer
from zope.app.fssync.testing.processes import free_port
from zope.app.fssync.testing.ssh import StandInZope
from zope.fssync.errors import Error

BLOB = b"a public key"
LINE = f"ssh-ed25519 {base64.b64encode(BLOB).decode()}"


def keys(path: Path, text: str, said: list[str] | None = None) -> AuthorizedKeys:
    path.write_text(text)
    path.chmod(0o600)
    return AuthorizedKeys(path, ([] if said is None else said).append)


@pytest.mark.parametrize(
    ("text", "known"),
    [
        (f"{LINE} me@here\n", True),
        (f"# a comment\n\nno-pty,restrict {LINE}\n", True),
        (f'command="ls" {LINE}\n', False),
        (f"no-such-option {LINE}\n", False),
        (f"# {LINE}\n", False),
        ("ssh-ed25519\n", False),
        ("ssh-ed25519 no=base64=\n", False),
        (f"nonsense nonsense {LINE}\n", False),
    ],
)
def test_a_line_without_restrictions_lets_in(
    tmp_path: Path, text: str, known: bool
) -> None:
    assert (BLOB in keys(tmp_path / "keys", text)) is known
    assert b"another" not in keys(tmp_path / "keys", text)


def test_a_file_is_read_again_for_each_login(tmp_path: Path) -> None:
    found = keys(tmp_path / "keys", "")
    assert BLOB not in found
    found.path.write_text(LINE)
    assert BLOB in found


def test_a_file_that_others_can_change_lets_nobody_in(tmp_path: Path) -> None:
    said: list[str] = []
    found = keys(tmp_path / "keys", LINE, said)
    found.path.chmod(0o620)
    assert BLOB not in found
    assert said[0].startswith("no key is accepted: others can change the authorized")
    with pytest.raises(Error, match="others can change the authorized keys"):
        found.check_file()
    found.path.unlink()
    with pytest.raises(Error, match="cannot read the authorized keys"):
        found.check_file()


@pytest.fixture
def zope() -> Iterator[StandInZope]:
    server = StandInZope()
    yield server
    server.close()


def test_zope_checks_passwords(zope: StandInZope) -> None:
    said: list[str] = []
    passwords = ZopePasswords(ZopeServer.parse(zope.url), said.append)
    assert passwords.check("zsync", "zsync")
    assert not passwords.check("zsync", "wrong")
    assert not passwords.check("a:b", "c")
    assert not passwords.check("zsync", "")
    zope.asks_for_login = False
    assert not passwords.check("zsync", "zsync")
    assert said == [f"{zope.url} does not ask for a password: none is accepted"]


def test_without_zope_no_password_is_accepted() -> None:
    said: list[str] = []
    zope = ZopeServer("127.0.0.1", free_port())
    assert not ZopePasswords(zope, said.append).check("zsync", "zsync")
    assert said[0].startswith(f"no password is accepted: no answer from {zope}: ")


def test_the_ways_in_have_names(tmp_path: Path) -> None:
    known = keys(tmp_path / "keys", LINE)
    passwords = ZopePasswords(ZopeServer("127.0.0.1", 1), print)
    assert Access().methods == ""
    assert not Access().by_password("zsync", "zsync")
    assert Access(known, passwords).methods == "publickey,password"
    assert Access(known).by_key(BLOB)
    assert not Access(known).by_key(b"another")
    assert Access(any_key=True).by_key(b"another")
