"""A host key is made once, and is for its owner only."""

from __future__ import annotations

from pathlib import Path

import paramiko
import pytest

from zope.app.fssync.sshserver import hostkey
from zope.app.fssync.sshserver.hostkey import host_keys
from zope.fssync.errors import Error


@pytest.fixture(autouse=True)
def no_system_keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(hostkey, "SYSTEM_KEYS", (tmp_path / "system",))


def test_a_key_is_made_once(tmp_path: Path) -> None:
    own = tmp_path / "parts" / "key"
    (first,), origin = host_keys(None, own)
    assert origin == str(own)
    assert own.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in own.parent.iterdir()] == ["key"]
    (again,), _ = host_keys(None, own)
    assert again.asbytes() == first.asbytes()


def test_a_given_key_comes_before_that_of_the_system(tmp_path: Path) -> None:
    for name in ("given", "system"):
        paramiko.ECDSAKey.generate().write_private_key_file(str(tmp_path / name))
    own = tmp_path / "own"
    _, origin = host_keys(tmp_path / "given", own)
    assert origin == str(tmp_path / "given")
    _, origin = host_keys(None, own)
    assert origin == str(tmp_path)
    assert not own.exists()


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    own = tmp_path / "key"
    host_keys(None, own)
    own.chmod(0o640)
    with pytest.raises(Error, match="others can read the host key") as error:
        host_keys(own, tmp_path / "other")
    assert error.value.advice == f"Take that right away: chmod 600 {own}"


@pytest.mark.parametrize("content", [None, b"nonsense"])
def test_an_invalid_key_is_named(tmp_path: Path, content: bytes | None) -> None:
    given = tmp_path / "given"
    if content is not None:
        given.write_bytes(content)
        given.chmod(0o600)
    with pytest.raises(Error, match=f"cannot use the host key {given}: "):
        host_keys(given, tmp_path / "own")


def test_a_place_where_none_can_be_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Error, match="cannot keep a host key at"):
        host_keys(None, tmp_path / "file" / "key")
