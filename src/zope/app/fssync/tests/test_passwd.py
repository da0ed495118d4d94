"""`passwd.PasswordManager`, which keeps passwords in a file as 3.6.0 does."""

from __future__ import annotations

from pathlib import Path

from zope.app.fssync.passwd import DEFAULT_FILENAME
from zope.app.fssync.passwd import PasswordManager


def test_a_password_goes_there_and_back(tmp_path: Path) -> None:
    file = tmp_path / "passwords"
    kept = PasswordManager(str(file))
    kept.addToken("http", "localhost:8080", "me", "token")
    assert (
        PasswordManager(str(file)).getToken("http", "localhost:8080", "me") == "token"
    )
    assert file.stat().st_mode & 0o777 == 0o600
    assert kept.removeToken("http", "localhost:8080", "me")
    assert kept.findToken("http", "localhost:8080", "me") is None


def test_the_file_is_that_of_3_6_0() -> None:
    assert Path(DEFAULT_FILENAME).name == ".zsyncpass"
