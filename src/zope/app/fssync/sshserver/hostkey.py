"""The host key of the demo ssh server: the system's, a given one, or its own.

A key of its own is made once, readable by its owner only, and kept, so that
clients meet the same key after every start.
"""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from zope.fssync.errors import Error

if TYPE_CHECKING:
    from paramiko import PKey

__all__ = ["SYSTEM_KEYS", "host_keys"]

SYSTEM_KEYS = tuple(
    Path(f"/etc/ssh/ssh_host_{kind}_key") for kind in ("ed25519", "ecdsa", "rsa")
)


def _load(path: Path) -> PKey:
    import paramiko

    try:
        return paramiko.PKey.from_path(path)
    except (OSError, ValueError, TypeError, paramiko.SSHException) as error:
        raise Error(
            f"cannot use the host key {path}: {error}",
            path=str(path),
            advice="Give an unencrypted private key with --host-key.",
        ) from None


def _readable_system_keys() -> list[Path]:
    return [path for path in SYSTEM_KEYS if os.access(path, os.R_OK)]


def _check_private(path: Path) -> None:
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise Error(
            f"others can read the host key {path}",
            path=str(path),
            advice=f"Take that right away: chmod 600 {path}",
        )


def _make(path: Path) -> None:
    """Make a new key at ``path``; leaves a key that is there alone."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    text = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.OpenSSH,
        serialization.NoEncryption(),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    # mkstemp makes the file for its owner only; link never replaces a file.
    descriptor, name = tempfile.mkstemp(prefix=path.name, dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text)
        os.link(name, path)
    except FileExistsError:
        return
    finally:
        os.unlink(name)


def host_keys(given: Path | None, own: Path) -> tuple[list[PKey], str]:
    """Return the keys to use, and their origin.

    ``given`` is used where there is one, else what can be read of the system's
    keys, else the key at ``own``, which is made where it is missing.
    """
    if given is not None:
        _check_private(given) if given.exists() else None
        return [_load(given)], str(given)
    system = _readable_system_keys()
    if system:
        return [_load(path) for path in system], str(system[0].parent)
    if not own.exists():
        try:
            _make(own)
        except OSError as error:
            raise Error(
                f"cannot keep a host key at {own}: {error.strerror}",
                path=str(own),
                advice="Give a key that exists with --host-key.",
            ) from None
    _check_private(own)
    return [_load(own)], str(own)
