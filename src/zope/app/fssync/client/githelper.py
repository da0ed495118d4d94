"""Use git's credential helpers: programs that keep passwords.

A helper gets the name of an action as its last argument and ``key=value`` lines on
standard input, and responds to ``get`` with such lines.  Text of a server or of a URL
is only passed by standard input, never in a command line.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import time
from collections.abc import Callable
from typing import NamedTuple

from zope.app.fssync.client.url import RootURL
from zope.fssync.errors import AccessDenied
from zope.fssync.errors import UsageError
from zope.fssync.terminal import escape

__all__ = ["Answer", "GitHelper", "command"]


class Answer(NamedTuple):
    user: str
    password: str


class GitHelper:
    """A helper that the setting ``credential.helper`` names."""

    def __init__(self, name: str, warn: Callable[[str], object]) -> None:
        self.name = name
        self._warn = warn

    def get(self, url: RootURL, user: str | None) -> Answer | None:
        """Return the login that the helper has for a server, of ``user`` if given.

        Anything but user and password in its response is ignored.
        """
        said = self._run("get", _lines(url, user))
        values = dict(line.split("=", 1) for line in said.splitlines() if "=" in line)
        if values.get("quit", "").lower() in ("1", "true"):
            raise AccessDenied(
                f"the credential helper '{escape(self.name)}' says to stop"
            )
        found, password = values.get("username"), values.get("password")
        if not found or password is None or (user is not None and found != user):
            return None
        return None if _is_expired(values) else Answer(found, password)

    def store(self, url: RootURL, user: str, password: str) -> None:
        """Store a password that a server has accepted."""
        self._run("store", _lines(url, user, password))

    def erase(self, url: RootURL, user: str, password: str | None = None) -> None:
        """Erase a password that a server has refused."""
        self._run("erase", _lines(url, user, password))

    def _run(self, action: str, lines: str) -> str:
        try:
            done = subprocess.run(
                command(self.name, action),
                input=lines.encode(),
                stdout=subprocess.PIPE,
                check=False,
            )
        except OSError as error:
            self._warn(
                f"warning: the credential helper '{escape(self.name)}' does not run: "
                f"{error.strerror}"
            )
            return ""
        # Some helpers also fail if they have no password.
        return done.stdout.decode("utf-8", "replace") if not done.returncode else ""


def command(name: str, action: str) -> list[str]:
    """Return the command line of the helper ``name``, by the rules of git."""
    if name.startswith("!"):
        return ["/bin/sh", "-c", f'{name[1:]} "$@"', name[1:], action]
    try:
        program, *arguments = map(os.path.expanduser, shlex.split(name))
    except ValueError as error:
        raise UsageError(
            f"the setting credential.helper cannot be read: {error}: '{escape(name)}'"
        ) from None
    if os.path.isabs(program):
        return [program, *arguments, action]
    # Run git, which finds its own directory of helpers outside of PATH.
    from shutil import which

    found = which(f"git-credential-{program}")
    start = [found] if found else ["git", f"credential-{program}"]
    return [*start, *arguments, action]


def _lines(url: RootURL, user: str | None, password: str | None = None) -> str:
    values = [("protocol", url.scheme), ("host", url.host_port)]
    if user is not None:
        values.append(("username", user))
    if password is not None:
        values.append(("password", password))
    for name, value in values:
        # An additional line could ask for another server.
        if not {"\n", "\r", "\0"}.isdisjoint(value):
            raise AccessDenied(f"a credential helper cannot be told this {name}")
    return "".join(f"{name}={value}\n" for name, value in values) + "\n"


def _is_expired(values: dict[str, str]) -> bool:
    end = values.get("password_expiry_utc", "")
    return end.isascii() and end.isdigit() and int(end[:15]) <= time.time()
