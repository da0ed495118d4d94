"""One connection to one ssh server: opened, checked, logged in, closed.

Nothing secret is sent before the host key is trusted.  Servers on the way are
checked and logged in to like any other, but never see the password of the URL.
"""

from __future__ import annotations

import logging
import shlex
import socket
import subprocess
import weakref
from dataclasses import replace

import paramiko

from zope.app.fssync.client.transport.ssh.config import Endpoint
from zope.app.fssync.client.transport.ssh.config import jump_endpoint
from zope.app.fssync.client.transport.ssh.knownhosts import KnownHosts
from zope.app.fssync.client.transport.ssh.knownhosts import host_key_name
from zope.app.fssync.client.transport.ssh.login import log_in
from zope.app.fssync.client.transport.ssh.terminal import Terminal
from zope.fssync.errors import Error
from zope.fssync.errors import ServerRefused
from zope.fssync.errors import ServerUnreachable
from zope.fssync.limits import SSHTimes

__all__ = ["Connection"]

SUBSYSTEM = "zsync"

# Our errors report what went wrong; without a handler the library would print
# tracebacks on the terminal.
logging.getLogger("paramiko").addHandler(logging.NullHandler())


class Connection:
    """An authenticated connection, which opens a session for each request."""

    def __init__(
        self,
        endpoint: Endpoint,
        password: str | None,
        terminal: Terminal,
        hosts: KnownHosts,
        timeouts: SSHTimes,
        depth: int = 0,
    ) -> None:
        self.endpoint = endpoint
        self._terminal = terminal
        self._hosts = hosts
        self._timeouts = timeouts
        self._jumps: list[Connection] = []
        self._proxy: subprocess.Popen[bytes] | None = None
        self._transport: paramiko.Transport | None = None
        try:
            self._transport = self._start(self._socket(depth))
            self._check_host()
            log_in(self._transport, endpoint, password, terminal)
            self._transport.set_keepalive(timeouts.keepalive)
        except BaseException:
            self.close()
            raise
        # A connection that nobody closed ends with the program at the latest.
        self._finalizer = weakref.finalize(self, _end, self._transport, self._proxy)

    @property
    def alive(self) -> bool:
        """True if a session can be opened."""
        return self._transport is not None and self._transport.is_authenticated()

    def open_session(self, timeout: float) -> paramiko.Channel:
        """Return a channel on which the server expects a request."""
        assert self._transport is not None
        try:
            channel = self._transport.open_session(timeout=timeout)
        except (OSError, EOFError, paramiko.SSHException) as error:
            raise ServerUnreachable(
                f"{self.endpoint} opened no session: {_why(error)}"
            ) from error
        channel.settimeout(timeout)
        try:
            channel.invoke_subsystem(SUBSYSTEM)
        except (OSError, EOFError, paramiko.SSHException) as error:
            channel.close()
            if not self.alive:
                raise ServerUnreachable(
                    f"{self.endpoint} opened no session: {_why(error)}"
                ) from error
            raise ServerRefused(
                f"{self.endpoint} has no ssh subsystem {SUBSYSTEM!r}",
                advice="Is it the ssh server of a Zope?  ssh.txt of this package says"
                " how to set one up.",
            ) from None
        return channel

    def close(self) -> None:
        """End the connection and those on the way to it."""
        _end(self._transport, self._proxy)
        self._transport = None
        for jump in reversed(self._jumps):
            jump.close()
        self._jumps.clear()

    def _socket(self, depth: int) -> socket.socket | paramiko.Channel:
        endpoint = self.endpoint
        if endpoint.proxy_command:
            return self._proxied(endpoint.proxy_command)
        if endpoint.jumps:
            return self._jumped(endpoint, depth)
        try:
            return socket.create_connection(
                (endpoint.host, endpoint.port), self._timeouts.connect
            )
        except (OSError, UnicodeError) as error:
            raise ServerUnreachable(
                f"cannot reach {endpoint}: {_why(error)}",
                advice="Check host and port of the URL, and whether the server runs.",
            ) from error

    def _proxied(self, command: str) -> socket.socket:
        """Start the ProxyCommand, without a shell, on one end of a pair of sockets."""
        words = shlex.split(command)
        if words[:1] == ["exec"]:
            del words[0]
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                self._proxy = subprocess.Popen(
                    words, stdin=theirs.fileno(), stdout=theirs.fileno()
                )
        except (OSError, IndexError, ValueError) as error:
            ours.close()
            raise ServerUnreachable(
                f"the ProxyCommand for {self.endpoint} cannot be started: {_why(error)}"
            ) from error
        return ours

    def _jumped(self, endpoint: Endpoint, depth: int) -> paramiko.Channel:
        """Reach the server through those of ProxyJump, from the first to the last."""
        *before, last = endpoint.jumps
        jump = jump_endpoint(last, depth)
        if before:
            jump = replace(jump, jumps=tuple(before), proxy_command=None)
        connection = Connection(
            jump, None, self._terminal, self._hosts, self._timeouts, depth + 1
        )
        self._jumps.append(connection)
        assert connection._transport is not None
        try:
            return connection._transport.open_channel(
                "direct-tcpip",
                (endpoint.host, endpoint.port),
                ("127.0.0.1", 0),
                timeout=self._timeouts.connect,
            )
        except (OSError, EOFError, paramiko.SSHException) as error:
            raise ServerUnreachable(
                f"cannot reach {endpoint} from {jump}: {_why(error)}"
            ) from error

    def _start(self, sock: socket.socket | paramiko.Channel) -> paramiko.Transport:
        """Agree on keys and ciphers; the kinds of host keys known come first."""
        transport = paramiko.Transport(sock)
        transport.banner_timeout = min(self._timeouts.banner, self._timeouts.connect)
        transport.auth_timeout = self._timeouts.login
        options = transport.get_security_options()
        known = self._hosts.key_types(self._name)
        options.key_types = sorted(
            options.key_types,
            key=lambda kind: (
                ("ssh-rsa" if kind.startswith("rsa-sha2-") else kind) not in known
            ),
        )
        try:
            transport.start_client(timeout=self._timeouts.connect)
            if not transport.initial_kex_done:
                raise TimeoutError
        except (OSError, EOFError, paramiko.SSHException) as error:
            transport.close()
            raise ServerUnreachable(
                f"{self.endpoint} does not talk ssh: {_why(error)}",
                advice="Are host and port those of an ssh server?",
            ) from error
        return transport

    @property
    def _name(self) -> str:
        return host_key_name(self.endpoint.known_as, self.endpoint.known_port)

    def _check_host(self) -> None:
        assert self._transport is not None
        key = self._transport.get_remote_server_key()
        self._hosts.check(self._name, key.get_name(), key.asbytes(), self._terminal)


def _end(
    transport: paramiko.Transport | None, proxy: subprocess.Popen[bytes] | None
) -> None:
    if transport is not None:
        transport.close()
    if proxy is not None and proxy.poll() is None:
        proxy.terminate()
        proxy.wait()


def _why(error: BaseException) -> str:
    if isinstance(error, Error):
        return error.message
    reason = getattr(error, "strerror", None) or str(error)
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, EOFError):
        return "the connection was closed"
    return reason or type(error).__name__
