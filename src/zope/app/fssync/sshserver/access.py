"""The logins that the demo ssh server accepts.

By key: a line of an authorized_keys file that only its owner can change.  By
password: one that Zope itself accepts.  What a request then may do, Zope decides
by the credentials in that request.
"""

from __future__ import annotations

import base64
import http.client
import os
import re
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from zope.app.fssync.protocol.views import COMMIT
from zope.app.fssync.sshserver.forward import ZopeServer
from zope.fssync.errors import Error
from zope.fssync.limits import SERVER

__all__ = ["Access", "AuthorizedKeys", "ZopePasswords"]

#: A view of zsync that Zope shows to nobody without a login.
PROTECTED = f"/{COMMIT}"

_KEY_TYPE = re.compile(r"(?:ssh|ecdsa|sk-ssh|sk-ecdsa)-[A-Za-z0-9@.-]+")
#: Options that take away what this server offers to nobody.
_HARMLESS = frozenset(
    {
        "restrict",
        "no-agent-forwarding",
        "no-port-forwarding",
        "no-pty",
        "no-user-rc",
        "no-x11-forwarding",
    }
)


class AuthorizedKeys:
    """The keys of an authorized_keys file, which is read again for each login."""

    def __init__(self, path: Path, log: Callable[[str], None]) -> None:
        self.path = path
        self.log = log

    def check_file(self) -> None:
        """Raise `Error` where the file is missing or others can change it."""
        try:
            status = self.path.stat()
        except OSError as error:
            raise Error(
                f"cannot read the authorized keys {self.path}: {error.strerror}",
                path=str(self.path),
            ) from None
        if os.name != "posix":
            return
        if status.st_uid not in (0, os.getuid()) or (
            stat.S_IMODE(status.st_mode) & 0o022
        ):
            raise Error(
                f"others can change the authorized keys {self.path}",
                path=str(self.path),
                advice=f"Take that right away: chmod go-w {self.path}",
            )

    def __contains__(self, blob: bytes) -> bool:
        try:
            self.check_file()
            text = self.path.read_text("utf-8", "replace")
        except (Error, OSError) as error:
            self.log(f"no key is accepted: {error}")
            return False
        return any(blob == known for known in map(self._blob, text.splitlines()))

    def _blob(self, line: str) -> bytes | None:
        """Return the key of a line, None where it has none to be used here."""
        fields = line.split()
        if not fields or fields[0].startswith("#"):
            return None
        if not _KEY_TYPE.fullmatch(fields[0]):
            options = fields.pop(0).lower().split(",")
            if not _HARMLESS.issuperset(options):
                # A restriction that is not kept here may not be ignored either.
                return None
        if len(fields) < 2 or not _KEY_TYPE.fullmatch(fields[0]):
            return None
        try:
            return base64.b64decode(fields[1], validate=True)
        except ValueError:
            return None


class ZopePasswords:
    """Has Zope check passwords, by a view that needs a login.

    A password counts only where it makes a difference: the same request
    without it must be refused.
    """

    def __init__(self, zope: ZopeServer, log: Callable[[str], None]) -> None:
        self.zope = zope
        self.log = log

    def check(self, user: str, password: str) -> bool:
        """Return True if Zope accepts the password of a user."""
        if not user or ":" in user or not password:
            return False
        token = base64.b64encode(f"{user}:{password}".encode()).decode("ascii")
        try:
            if self._status(None) != 401:
                self.log(f"{self.zope} does not ask for a password: none is accepted")
                return False
            status = self._status(token)
        except (OSError, http.client.HTTPException) as error:
            self.log(f"no password is accepted: no answer from {self.zope}: {error}")
            return False
        return status != 401 and status < 502

    def _status(self, token: str | None) -> int:
        connection = self.zope.connect(SERVER.password_time)
        try:
            headers = {"Connection": "close"}
            if token:
                headers["Authorization"] = f"Basic {token}"
            connection.request("GET", self.zope.prefix + PROTECTED, headers=headers)
            return connection.getresponse().status
        finally:
            connection.close()


@dataclass(frozen=True, slots=True)
class Access:
    """The ways in that are open; ``any_key`` lets in whoever has a key."""

    keys: AuthorizedKeys | None = None
    passwords: ZopePasswords | None = None
    any_key: bool = False

    @property
    def methods(self) -> str:
        """The ssh names of the ways in."""
        methods = []
        if self.any_key or self.keys is not None:
            methods.append("publickey")
        if self.passwords is not None:
            methods.append("password")
        return ",".join(methods)

    def by_key(self, blob: bytes) -> bool:
        """Return True if the owner of the public key ``blob`` may log in."""
        return self.any_key or (self.keys is not None and blob in self.keys)

    def by_password(self, user: str, password: str) -> bool:
        """Return True if ``user`` may log in by ``password``."""
        return self.passwords is not None and self.passwords.check(user, password)
