"""Passwords of the package keyring, whatever its backend does."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from zope.app.fssync.client import keyringstore
from zope.app.fssync.client.url import RootURL
from zope.fssync.errors import AccessDenied

URL = RootURL.parse("https://example.org/demo")


class Keyring:
    """Keeps one password for each service and user."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_credential(self, service: str, user: str | None) -> Any:
        for (name, login), password in self.kept.items():
            if name == service:
                return SimpleNamespace(username=login, password=password)
        return None

    def get_password(self, service: str, user: str) -> str | None:
        return self.kept.get((service, user))

    def set_password(self, service: str, user: str, password: str) -> None:
        self.kept[service, user] = password

    def delete_password(self, service: str, user: str) -> None:
        del self.kept[service, user]


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> Keyring:
    keyring = Keyring()
    monkeypatch.setitem(sys.modules, "keyring", keyring)
    return keyring


def test_stored_passwords_are_found_and_erased(keyring: Keyring) -> None:
    said: list[str] = []
    keyringstore.store(URL, "ann", "secret")
    assert keyringstore.find(URL, None, said.append) == ("ann", "secret")
    assert keyringstore.find(URL, "ann", said.append) == ("ann", "secret")
    assert keyringstore.erase(URL, "ann")
    assert not keyringstore.erase(URL, "ann")
    assert keyringstore.find(URL, "ann", said.append) is None
    assert said == []


def test_another_server_or_user_gets_nothing(keyring: Keyring) -> None:
    keyringstore.store(URL, "ann", "secret")
    other = RootURL.parse("http://example.org/demo")
    assert keyringstore.find(other, "ann", print) is None
    assert keyringstore.find(URL, "bob", print) is None


def test_a_backend_that_fails_is_told(
    keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object) -> None:
        raise RuntimeError("locked\x1b")

    for name in ("get_credential", "get_password", "set_password"):
        monkeypatch.setattr(keyring, name, fail)
    said: list[str] = []
    assert keyringstore.find(URL, "ann", said.append) is None
    assert said == ["warning: keyring does not answer: locked\\x1b"]
    with pytest.raises(AccessDenied, match="keeps nothing"):
        keyringstore.store(URL, "ann", "secret")
    with pytest.raises(AccessDenied, match="forgets nothing"):
        keyringstore.erase(URL, "ann")


def test_without_the_package_it_is_told_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(AccessDenied) as caught:
        keyringstore.find(URL, None, print)
    assert "pip install" in str(caught.value.advice)
