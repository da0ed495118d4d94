"""Trust host keys by the known_hosts files, and by what a person answers.

An unknown key needs the "yes" of a person.  A revoked key, and one that differs from
the known key, is never used.  Lines are added to files, and never changed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import re
import sys
from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from zope.app.fssync.client.transport.ssh.terminal import Terminal
from zope.fssync.errors import Error
from zope.fssync.errors import ServerUnreachable
from zope.fssync.limits import SIZES

__all__ = ["HostKeyRefused", "KnownHosts", "fingerprint", "host_key_name"]


class HostKeyRefused(ServerUnreachable):
    """The server could not prove to be the one that is meant."""


def fingerprint(blob: bytes) -> str:
    """Return the SHA256 fingerprint of a public key, as ssh-keygen -l prints it."""
    digest = base64.b64encode(hashlib.sha256(blob).digest()).decode("ascii")
    return "SHA256:" + digest.rstrip("=")


def host_key_name(host: str, port: int) -> str:
    """Return the name that known_hosts files use for a host and port."""
    return host if port == 22 else f"[{host}]:{port}"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a known_hosts file that names a key."""

    path: Path
    number: int
    marker: str
    hosts: str
    key_type: str
    blob: bytes

    @property
    def place(self) -> str:
        return f"{self.path}:{self.number}"

    def names(self, name: str) -> bool:
        """Return True if this line is about the host ``name``."""
        if self.hosts.startswith("|"):
            return _hash_matches(self.hosts, name)
        patterns = self.hosts.lower().split(",")
        if any(p[:1] == "!" and _glob_matches(p[1:], name) for p in patterns):
            return False
        return any(_glob_matches(p, name) for p in patterns)


def _hash_matches(hashed: str, name: str) -> bool:
    parts = hashed.split("|")
    if len(parts) != 4 or parts[1] != "1":
        return False
    try:
        salt, digest = (base64.b64decode(part, validate=True) for part in parts[2:])
    except ValueError:
        return False
    found = hmac.new(salt, name.encode("utf-8"), hashlib.sha1).digest()
    return hmac.compare_digest(found, digest)


def _glob_matches(pattern: str, name: str) -> bool:
    """Only ``*`` and ``?`` are special; brackets are not."""
    parts = re.split(r"(\*+|\?)", pattern)
    expression = "".join(
        ".*" if part[:1] == "*" else "." if part == "?" else re.escape(part)
        for part in parts
    )
    return re.fullmatch(expression, name) is not None


def _parse(path: Path, number: int, text: str) -> Line | None:
    """Return what a line says, None where it says nothing."""
    fields = text.split()
    if not fields or fields[0].startswith("#"):
        return None
    marker = fields.pop(0) if fields[0].startswith("@") else ""
    try:
        hosts, key_type, encoded = fields[:3]
        blob = base64.b64decode(encoded, validate=True)
    except (ValueError, binascii.Error):
        if marker == "@revoked":
            raise HostKeyRefused(
                f"the revoked key in {path}:{number} cannot be read",
                path=str(path),
                advice="Mend or remove that line; zsync does not skip it.",
            ) from None
        return None
    return Line(path, number, marker, hosts, key_type, blob)


class KnownHosts:
    """The known_hosts files of the system and the user, and the file of zsync."""

    def __init__(self, files: Iterable[Path], own: Path) -> None:
        self.files = [*files, own]
        self.own = own

    @classmethod
    def of_user(cls) -> KnownHosts:
        """Return the files where ssh and zsync 3.6.0 keep them."""
        folder = Path("~/ssh" if sys.platform == "win32" else "~/.ssh").expanduser()
        files = [Path("/etc/ssh/ssh_known_hosts"), folder / "known_hosts"]
        return cls(files, folder / "fssync_known_hosts")

    def _lines(self) -> Iterator[Line]:
        for path in self.files:
            try:
                with path.open("rb") as file:
                    data = file.read(SIZES.known_hosts)
            except FileNotFoundError:
                continue
            except OSError as error:
                # It could hold the revocation of the very key that is shown.
                raise HostKeyRefused(
                    f"cannot read the known hosts in {path}: {error.strerror}",
                    path=str(path),
                ) from None
            for number, text in enumerate(
                data.decode("utf-8", "replace").split("\n"), 1
            ):
                line = _parse(path, number, text)
                if line is not None:
                    yield line

    def key_types(self, name: str) -> list[str]:
        """Return the types of the keys known for ``name``, to be asked for first."""
        return [
            line.key_type
            for line in self._lines()
            if not line.marker and line.names(name.lower())
        ]

    def check(self, name: str, key_type: str, blob: bytes, terminal: Terminal) -> None:
        """Return if the key is that of the host ``name``; raises `HostKeyRefused`."""
        lines = list(self._lines())
        for line in lines:
            if line.marker == "@revoked" and line.blob == blob:
                raise _revoked(name, line, blob)
        about = [line for line in lines if line.names(name.lower())]
        plain = [line for line in about if not line.marker]
        if any(line.blob == blob for line in plain):
            return
        if plain:
            same_type = [line for line in plain if line.key_type == key_type]
            raise _changed(name, (same_type or plain)[0], key_type, blob)
        authority = next((a for a in about if a.marker == "@cert-authority"), None)
        self._ask(name, key_type, blob, terminal, authority)

    def _ask(
        self,
        name: str,
        key_type: str,
        blob: bytes,
        terminal: Terminal,
        authority: Line | None,
    ) -> None:
        """Have the person decide on an unknown key, and keep the decision."""
        print_ = fingerprint(blob)
        note = ""
        if authority is not None:
            note = (
                f"{authority.place} trusts an authority for this host, "
                "but zsync cannot check certificates of hosts.\n"
            )
        if not terminal.interactive:
            raise HostKeyRefused(
                f"{note}the host key of {name} is not known ({key_type}, {print_}), "
                "and there is no terminal to ask on",
                advice="Run the command once in a terminal, or compare the fingerprint "
                f"and add the key to {self.own}.",
            )
        accepted = terminal.confirm(
            f"{note}The authenticity of host '{name}' can't be established.\n"
            f"Its {key_type} key has the fingerprint {print_}.\n",
            "Are you sure you want to continue connecting (yes/no)? ",
        )
        if not accepted:
            raise HostKeyRefused(f"the host key of {name} was not accepted")
        self._save(name, key_type, blob)
        terminal.say(f"Added the key of '{name}' to {self.own}.\n")

    def _save(self, name: str, key_type: str, blob: bytes) -> None:
        encoded = base64.b64encode(blob).decode("ascii")
        text = f"{name} {key_type} {encoded}\n"
        try:
            self.own.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            flags = os.O_RDWR | os.O_APPEND | os.O_CREAT
            with os.fdopen(os.open(self.own, flags, 0o600), "r+b", buffering=0) as file:
                size = file.seek(0, os.SEEK_END)
                if size:
                    file.seek(size - 1)
                    if file.read(1) != b"\n":
                        text = "\n" + text
                file.write(text.encode("utf-8"))
        except OSError as error:
            raise Error(
                f"cannot keep the host key in {self.own}: {error.strerror}",
                path=str(self.own),
            ) from None


def _revoked(name: str, line: Line, blob: bytes) -> HostKeyRefused:
    return HostKeyRefused(
        f"REVOKED HOST KEY: {name} showed the key {fingerprint(blob)}, "
        f"which {line.place} declares revoked",
        path=str(line.path),
        advice="Somebody may have stolen it. Nothing was sent. Ask who runs the host.",
    )


def _changed(name: str, line: Line, key_type: str, blob: bytes) -> HostKeyRefused:
    return HostKeyRefused(
        f"THE HOST KEY HAS CHANGED: {name} showed the {key_type} key "
        f"{fingerprint(blob)}, but {line.place} has the {line.key_type} key "
        f"{fingerprint(line.blob)}",
        path=str(line.path),
        advice="Somebody may be listening in. Nothing was sent. If the host really has "
        f"a new key, remove line {line.number} of {line.path} and connect again.",
    )
