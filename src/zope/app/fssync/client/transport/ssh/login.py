"""Logging in: keys first, then the password of the URL.

Order: the key the person named in the environment, the agent's keys, other key
files, the password; key files that need a passphrase and were not named come
last, so that nobody is asked for what is not needed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field

import paramiko

from zope.app.fssync.client.transport.ssh.config import Endpoint
from zope.app.fssync.client.transport.ssh.keys import Identity
from zope.app.fssync.client.transport.ssh.keys import KeyUnusable
from zope.app.fssync.client.transport.ssh.keys import agent_keys
from zope.app.fssync.client.transport.ssh.keys import identities
from zope.app.fssync.client.transport.ssh.terminal import Terminal
from zope.fssync.errors import AccessDenied
from zope.fssync.errors import ServerUnreachable
from zope.fssync.limits import SIZES

__all__ = ["log_in"]


def log_in(
    transport: paramiko.Transport,
    endpoint: Endpoint,
    password: str | None,
    terminal: Terminal,
) -> None:
    """Authenticate ``transport``; raises `AccessDenied`, naming all that was tried."""
    _Login(transport, endpoint, password, terminal).run()


@dataclass
class _Login:
    transport: paramiko.Transport
    endpoint: Endpoint
    password: str | None
    terminal: Terminal
    allowed: set[str] = field(default_factory=set)
    tried: list[str] = field(default_factory=list)
    seen: set[bytes] = field(default_factory=set)
    agent: list[paramiko.AgentKey] = field(default_factory=list)

    def run(self) -> None:
        if self._attempt(lambda: self.transport.auth_none(self.endpoint.user)):
            return
        if self._with_keys() or self._with_password():
            return
        raise self._denied()

    def _attempt(self, authenticate: Callable[[], object]) -> bool:
        """Try one way in; notes which ways the server leaves open."""
        try:
            more = authenticate()
        except paramiko.BadAuthenticationType as error:
            self.allowed = set(error.allowed_types)
            return False
        except paramiko.AuthenticationException as error:
            if not self.transport.is_active():
                raise self._cut_off(str(error)) from None
            return False
        except (OSError, EOFError, paramiko.SSHException) as error:
            raise self._cut_off(str(error)) from None
        if self.transport.is_authenticated():
            return True
        # One factor of several was accepted.
        self.allowed = set(more) if isinstance(more, (list, set)) else set()
        return False

    def _with_keys(self) -> bool:
        locked: list[Identity] = []
        if "publickey" not in self.allowed:
            return False
        self.agent, trouble = agent_keys(self.endpoint)
        if trouble:
            self.tried.append(trouble)
        files = list(identities(self.endpoint))
        chosen = [identity for identity in files if identity.chosen]
        others = [identity for identity in files if not identity.chosen]
        if self._with_files(chosen, locked=None) or self._with_agent():
            return True
        if self._with_files(others, locked):
            return True
        if locked and self._with_password():
            return True
        return self._with_files(locked, locked=None)

    def _with_agent(self) -> bool:
        return any(self._with_key(key, f"agent: {key.comment}") for key in self.agent)

    def _with_files(self, files: list[Identity], locked: list[Identity] | None) -> bool:
        """Try key files; those with a passphrase go to ``locked``, if it is given."""
        for identity in files:
            try:
                key = identity.load()
                if key is None:
                    key = self._agent_has(identity)
                if key is None and locked is not None:
                    locked.append(identity)
                    continue
                key = key or identity.unlock(self.terminal)
            except KeyUnusable as error:
                self.tried.append(f"{identity.path}: {error}")
                continue
            if identity.exposed:
                self.terminal.say(
                    f"warning: others can read the private key {identity.path}; "
                    f"run: chmod 600 {identity.path}\n"
                )
            if self._with_key(key, str(identity.path)):
                return True
        return False

    def _agent_has(self, identity: Identity) -> paramiko.PKey | None:
        """Return the agent's key for a file, which then needs no passphrase."""
        blob = identity.public_blob()
        return next((key for key in self.agent if key.asbytes() == blob), None)

    def _with_key(self, key: paramiko.PKey, name: str) -> bool:
        blob = key.asbytes()
        if blob in self.seen or "publickey" not in self.allowed:
            return False
        self.seen.add(blob)
        user = self.endpoint.user
        if self._attempt(lambda: self.transport.auth_publickey(user, key)):
            return True
        self.tried.append(f"{name}: not accepted")
        return False

    def _with_password(self) -> bool:
        password, self.password = self.password, None
        if not password or "password" not in self.allowed:
            return False
        user = self.endpoint.user
        if self._attempt(
            lambda: self.transport.auth_password(user, password, fallback=False)
        ):
            return True
        self.tried.append("the password: not accepted")
        return False

    def _cut_off(self, why: str) -> ServerUnreachable | AccessDenied:
        if not self.tried:
            return ServerUnreachable(
                f"{self.endpoint} ended the connection during the login: {why}"
            )
        return AccessDenied(
            f"{self.endpoint} ended the connection after {len(self.tried)} attempts "
            f"to log in as {self.endpoint.user}{self._list()}",
            advice="Name the right key with ZSYNC_SSH_KEY, so that others are not "
            "tried before it.",
        )

    def _list(self) -> str:
        """Return the methods that were tried, and the message of the server."""
        return "".join(f"\n  {line}" for line in self.tried) + self._banner()

    def _banner(self) -> str:
        banner = self.transport.get_banner() or b""
        text = banner[: SIZES.banner].decode("utf-8", "replace").strip()
        return f"\nThe server says: {text}" if text else ""

    def _denied(self) -> AccessDenied:
        who = f"{self.endpoint} did not let {self.endpoint.user} in"
        ways = ", ".join(sorted(self.allowed)) or "nothing"
        if not self.tried:
            return AccessDenied(
                f"{who}: there is no key to show (it accepts: {ways}){self._banner()}",
                advice="Make a key with ssh-keygen and have it authorized there, name"
                " one with ZSYNC_SSH_KEY, or, where it accepts passwords, write the"
                " password into the URL or use zsync login.",
            )
        return AccessDenied(
            f"{who} (it accepts: {ways}){self._list()}",
            advice="Have one of your keys authorized there, or name another with "
            "ZSYNC_SSH_KEY.",
        )
