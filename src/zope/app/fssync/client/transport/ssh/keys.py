"""The person's ssh keys: the agent's, the named ones, the default ones.

A passphrase is asked for only when the key it protects is about to be used.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm

from zope.app.fssync.client.transport.ssh.config import Endpoint
from zope.app.fssync.client.transport.ssh.terminal import Terminal
from zope.fssync.errors import AccessDenied
from zope.fssync.limits import PASSPHRASE_TRIES

__all__ = ["Identity", "KeyUnusable", "agent_keys", "identities"]

#: Names a key file that is tried first.
VARIABLE = "ZSYNC_SSH_KEY"
DEFAULT_NAMES = ("id_ed25519", "id_ecdsa", "id_rsa")


class KeyUnusable(Exception):
    """Why a key file is of no use, for the list that the person gets to see."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A key file; ``chosen`` if the person named it."""

    path: Path
    chosen: bool

    def load(self) -> paramiko.PKey | None:
        """Return the key, None where it needs a passphrase."""
        return self._load(None)

    def unlock(self, terminal: Terminal) -> paramiko.PKey:
        """Return the key after asking for its passphrase."""
        if not terminal.interactive:
            raise KeyUnusable(
                "it has a passphrase, and there is no terminal to ask for it "
                f"(put the key into the agent: ssh-add {self.path})"
            )
        for _ in range(PASSPHRASE_TRIES):
            passphrase = terminal.secret(f"Passphrase for the key {self.path}: ")
            if not passphrase:
                raise KeyUnusable("no passphrase was given")
            key = self._load(passphrase)
            if key is not None:
                return key
            terminal.say("Wrong passphrase.\n")
        raise KeyUnusable(f"{PASSPHRASE_TRIES} wrong passphrases")

    def _load(self, passphrase: str | None) -> paramiko.PKey | None:
        password = None if passphrase is None else passphrase.encode("utf-8")
        try:
            return paramiko.PKey.from_path(self.path, password)
        except (TypeError, paramiko.PasswordRequiredException):
            # The way of the library to say that there is no passphrase.
            return None
        except (ValueError, UnsupportedAlgorithm, paramiko.SSHException) as error:
            if passphrase is not None:
                return None
            raise KeyUnusable(f"not a private key that can be used: {error}") from None
        except paramiko.UnknownKeyType:
            raise KeyUnusable("a key of a kind that is not supported") from None
        except OSError as error:
            raise KeyUnusable(error.strerror or str(error)) from None

    @property
    def exposed(self) -> bool:
        """Return True if other users can read the file."""
        return os.name == "posix" and bool(self.path.stat().st_mode & 0o077)

    def public_blob(self) -> bytes | None:
        """Return the public key beside the file, None if there is none."""
        try:
            found: bytes | None = paramiko.PublicBlob.from_file(
                f"{self.path}.pub"
            ).key_blob
            return found
        except (OSError, ValueError):
            return None


def agent_keys(endpoint: Endpoint) -> tuple[list[paramiko.AgentKey], str | None]:
    """Return the keys of the agent, and the message of an error of the agent."""
    try:
        keys = list(paramiko.Agent().get_keys())
    except (OSError, paramiko.SSHException) as error:
        return [], f"the agent: {error}"
    if endpoint.identities_only:
        wanted = [Identity(path, True).public_blob() for path in endpoint.identities]
        keys = [key for key in keys if key.blob in wanted]
    return keys, None


def identities(endpoint: Endpoint) -> Iterator[Identity]:
    """Yield the key files to try, those the person named first."""
    seen: set[Path] = set()
    named = os.environ.get(VARIABLE)
    if named:
        path = Path(named).expanduser()
        if not path.is_file():
            raise AccessDenied(
                f"{VARIABLE} names a key that is not there: {path}",
                path=str(path),
                advice=f"Set {VARIABLE} to the file with your private key.",
            )
        seen.add(path)
        yield Identity(path, True)
    for path in endpoint.identities:
        if path not in seen:
            seen.add(path)
            yield Identity(path, True)
    if endpoint.identities_only and endpoint.identities:
        return
    folder = Path("~/ssh" if sys.platform == "win32" else "~/.ssh").expanduser()
    for name in DEFAULT_NAMES:
        path = folder / name
        if path not in seen and path.is_file():
            yield Identity(path, False)
