"""Which login is tried at a server, one after the other."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from zope.app.fssync.client.credentials import PasswordManager
from zope.app.fssync.client.logins import Logins
from zope.app.fssync.client.logins import Sources
from zope.app.fssync.client.logins import secret_of
from zope.app.fssync.client.url import RootURL
from zope.fssync.errors import AccessDenied
from zope.fssync.errors import Error

URL = RootURL.parse("http://localhost:8080/demo")

NOTHING = Sources()


@pytest.fixture(autouse=True)
def nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has set anything, and nobody is at a terminal."""
    for name in ("ZSYNC_USER", "ZSYNC_PASSWORD", "ZSYNC_PASSWORD_FILE", "NETRC"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"typed\r\nmore\n")))


@pytest.fixture
def keeper(tmp_path: Path) -> PasswordManager:
    return PasswordManager(str(tmp_path / "tokens"))


class Tried(Logins):
    """Logins with what they say."""

    def __init__(self, keeper: PasswordManager, sources: Sources = NOTHING) -> None:
        self.said: list[str] = []
        super().__init__(keeper, sources, self.said.append, self.said.append)

    def now(self, url: RootURL = URL) -> tuple[str, str, str] | None:
        """Return user, password and source of the login that is used."""
        login = self.current(url)
        return login and (login.user, secret_of(login.token), login.source)


def test_without_any_no_name_is_given(keeper: PasswordManager) -> None:
    logins = Tried(keeper)
    assert logins.now() is None
    assert not logins.refused(URL)


def test_the_url_counts_before_the_environment(
    keeper: PasswordManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZSYNC_USER", "ann")
    monkeypatch.setenv("ZSYNC_PASSWORD", "hers")
    mine = RootURL.parse("http://me:mine@localhost:8080/demo")
    assert Tried(keeper).now(mine) == ("me", "mine", "URL")
    assert Tried(keeper).now() == ("ann", "hers", "given")


def test_the_environment_is_for_the_first_server(
    keeper: PasswordManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZSYNC_USER", "ann")
    monkeypatch.setenv("ZSYNC_PASSWORD", "hers")
    logins = Tried(keeper)
    assert logins.now() is not None
    assert logins.now(RootURL.parse("http://other/demo")) is None
    assert logins.now(RootURL.parse("http://localhost:8080/more")) is not None


def test_a_stored_login_is_used_until_it_is_refused(keeper: PasswordManager) -> None:
    logins = Tried(keeper)
    place = logins.keep(URL, "me", keeper.createToken("me:mine"))
    assert place == "token file"
    assert logins.now() == ("me", "mine", "token file")
    assert not logins.refused(URL)
    assert logins.drop(URL, "me")
    assert not logins.drop(URL, "me")


def test_several_stored_logins_are_not_guessed_from(keeper: PasswordManager) -> None:
    for user in ("ann", "bob"):
        keeper.addToken("http", "localhost:8080", user, keeper.createToken(f"{user}:x"))
    assert Tried(keeper).now() is None
    bob = RootURL.parse("http://bob@localhost:8080/demo")
    assert Tried(keeper).now(bob) == ("bob", "x", "token file")


def test_a_password_of_standard_input_is_its_first_line(
    keeper: PasswordManager,
) -> None:
    logins = Tried(keeper, Sources(stdin=True))
    mine = RootURL.parse("http://me@localhost:8080/demo")
    assert logins.now(mine) == ("me", "typed", "given")


def test_a_password_for_nobody_is_told(
    keeper: PasswordManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZSYNC_PASSWORD", "hers")
    logins = Tried(keeper)
    assert logins.now() is None
    assert logins.said[0].startswith("warning: there is a password for nobody; name ")


@pytest.mark.parametrize(
    ("content", "text"),
    [(b"", "there is no password in "), (b"\xff", "the password is no text in UTF-8")],
)
def test_a_file_without_a_password_is_refused(
    keeper: PasswordManager,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    content: bytes,
    text: str,
) -> None:
    (tmp_path / "password").write_bytes(content)
    monkeypatch.setenv("ZSYNC_USER", "me")
    monkeypatch.setenv("ZSYNC_PASSWORD_FILE", str(tmp_path / "password"))
    with pytest.raises(AccessDenied, match=text):
        Tried(keeper).now()


def test_a_held_login_is_kept_nowhere(keeper: PasswordManager) -> None:
    logins = Tried(keeper)
    logins.hold(RootURL.parse("http://me:mine@localhost:8080/other"))
    assert logins.now() == ("me", "mine", "URL")
    assert keeper.logins() == []


def test_a_damaged_token_has_no_password() -> None:
    with pytest.raises(Error, match="the stored token is damaged"):
        secret_of("x")
