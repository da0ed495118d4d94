"""Passwords of the package keyring, where a person has set ``credential.keyring``.

Its import takes longer than a command, so nobody else pays for it.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

from zope.app.fssync.client.url import RootURL
from zope.fssync.errors import AccessDenied
from zope.fssync.terminal import escape

__all__ = ["erase", "find", "store"]


def find(
    url: RootURL, user: str | None, warn: Callable[[str], object]
) -> tuple[str, str] | None:
    """Return user and password for the server of ``url``."""
    keyring = _keyring()
    try:
        found = keyring.get_credential(_service(url), user)
    except Exception as error:  # whatever a backend of another package raises
        warn(f"warning: keyring does not answer: {escape(str(error))}")
        return None
    if found is None or user not in (None, found.username):
        return None
    return found.username, found.password


def store(url: RootURL, user: str, password: str) -> None:
    keyring = _keyring()
    try:
        keyring.set_password(_service(url), user, password)
    except Exception as error:
        raise AccessDenied(f"keyring keeps nothing: {escape(str(error))}") from error


def erase(url: RootURL, user: str) -> bool:
    """Forget a password; returns whether there was one."""
    keyring = _keyring()
    try:
        known = keyring.get_password(_service(url), user) is not None
        if known:
            keyring.delete_password(_service(url), user)
    except Exception as error:
        raise AccessDenied(f"keyring forgets nothing: {escape(str(error))}") from error
    return known


def _service(url: RootURL) -> str:
    return f"zsync {url.scheme}://{url.host_port}"


def _keyring() -> ModuleType:
    try:
        import keyring
    except ImportError:
        raise AccessDenied(
            "the setting credential.keyring is on, and there is no package keyring",
            advice="Run: pip install 'zope.app.fssync[keyring]'",
        ) from None
    module: ModuleType = keyring
    return module
