"""The server that a URL means by way of ~/.ssh/config.

Names come from URLs that anybody may have written: none of them may be taken
for an option, or for more than one word, by a program on the way.
"""

from __future__ import annotations

import getpass
import os
import sys
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from zope.fssync.errors import Error
from zope.fssync.errors import UsageError
from zope.fssync.limits import JUMPS

__all__ = ["Endpoint", "check_host", "check_user", "endpoint"]

DEFAULT_PORT = 22
_FORBIDDEN = frozenset("\"'`\\$;|&<>()")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An ssh server, and what the configuration says about reaching it.

    ``known_as`` is the name of its host key; ``jumps`` are servers on the way.
    """

    host: str
    port: int
    user: str
    known_as: str
    known_port: int
    identities: tuple[Path, ...] = ()
    identities_only: bool = False
    proxy_command: str | None = None
    jumps: tuple[str, ...] = ()

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORT else f"{host}:{self.port}"


def _check_word(word: str, what: str) -> None:
    if (
        not word
        or word.startswith("-")
        or any(char in _FORBIDDEN or char.isspace() for char in word)
        or not word.isprintable()
    ):
        raise UsageError(
            f"not a {what} for ssh: {word!r}",
            advice="It may not start with '-', and holds no blanks, quotes or "
            "control characters.",
        )


def check_host(host: str) -> str:
    """Return ``host`` if it can be the name or address of a host."""
    _check_word(host, "host")
    if ":" in host or "%" in host:
        try:
            ip_address(host)
        except ValueError:
            raise UsageError(f"not a host for ssh: {host!r}") from None
    return host


def check_user(user: str) -> str:
    """Return ``user`` if it can be the name of a user."""
    _check_word(user, "user")
    return user


def _lookup(host: str) -> dict[str, str | list[str]]:
    """Return what ~/.ssh/config says about ``host``."""
    import paramiko

    folder = Path("~/ssh" if sys.platform == "win32" else "~/.ssh").expanduser()
    path = folder / "config"
    try:
        return dict(paramiko.SSHConfig.from_path(str(path)).lookup(host))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, ImportError, paramiko.SSHException) as error:
        raise Error(f"cannot use {path}: {error}", path=str(path)) from None


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and 0 < int(text[:6]) < 65536:
        return int(text)
    raise Error(f"not a port: {text!r}", advice="Look into ~/.ssh/config.")


def _word(found: dict[str, str | list[str]], name: str) -> str | None:
    value = found.get(name)
    return value if isinstance(value, str) and value.lower() != "none" else None


def _words(found: dict[str, str | list[str]], name: str) -> list[str]:
    value = found.get(name) or []
    return [value] if isinstance(value, str) else value


def endpoint(host: str, port: int | None, user: str | None) -> Endpoint:
    """Return where ``host`` really is; a given user or port goes before the file."""
    check_host(host)
    if user is not None:
        check_user(user)
    found = _lookup(host)
    real_host = check_host(_word(found, "hostname") or host)
    if port is None:
        port = _port(_word(found, "port") or str(DEFAULT_PORT))
    alias = _word(found, "hostkeyalias")
    jumps = tuple((_word(found, "proxyjump") or "").replace(" ", "").split(","))
    return Endpoint(
        host=real_host,
        port=port,
        user=check_user(user or _word(found, "user") or getpass.getuser()),
        known_as=alias or real_host,
        known_port=DEFAULT_PORT if alias else port,
        identities=tuple(
            Path(os.path.expanduser(name)) for name in _words(found, "identityfile")
        ),
        identities_only=(_word(found, "identitiesonly") or "").lower() == "yes",
        proxy_command=_word(found, "proxycommand"),
        jumps=jumps if jumps != ("",) else (),
    )


def jump_endpoint(text: str, depth: int) -> Endpoint:
    """Return the server that one entry of ProxyJump names: ``[user@]host[:port]``."""
    if depth > JUMPS:
        raise Error("ProxyJump in ~/.ssh/config leads in a circle")
    text = text.removeprefix("ssh://")
    user, at, host_port = text.rpartition("@")
    if host_port.startswith("["):
        host, _, rest = host_port[1:].partition("]")
        port = rest.removeprefix(":")
    else:
        host, _, port = host_port.partition(":")
    return endpoint(host, _port(port) if port else None, user if at else None)
