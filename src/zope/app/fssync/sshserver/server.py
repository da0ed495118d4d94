"""The demo ssh server: connections, logins and sessions within fixed limits.

Strangers cannot keep others out: where too many connections have not logged in,
the oldest of them makes room.  It offers the subsystem `zsync` and nothing else.
"""

from __future__ import annotations

import selectors
import socket
import threading
import time
from collections.abc import Callable

import paramiko

from zope.app.fssync.protocol.sshframing import ByteStream
from zope.app.fssync.protocol.sshframing import RequestRefused
from zope.app.fssync.sshserver.access import Access
from zope.app.fssync.sshserver.forward import ZopeServer
from zope.app.fssync.sshserver.forward import serve
from zope.fssync.errors import Error
from zope.fssync.limits import ServerLimits

__all__ = ["SSHServer"]

SUBSYSTEM = "zsync"


class _Client(paramiko.ServerInterface):
    """One connection: what paramiko asks, and what the server counts."""

    def __init__(
        self, server: SSHServer, transport: paramiko.Transport, address: str
    ) -> None:
        self.server = server
        self.transport = transport
        self.address = address
        self.since = self.quiet_since = time.monotonic()
        self.authenticated = False
        self.opened = 0
        self.running = 0
        self.lock = threading.Lock()

    def get_banner(self) -> tuple[str, str]:
        # Told before the login, which may fail for this very reason.
        zope = self.server.zope
        if zope.answers():
            return "", "en"
        return f"The Zope behind this ssh server, {zope}, does not answer.\n", "en"

    def get_allowed_auths(self, username: str) -> str:
        return self.server.access.methods

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        # Asked for the mere offer of a key too: being logged in is seen in
        # the transport, not here.
        return self._verdict(self.server.access.by_key(key.asbytes()))

    def check_auth_password(self, username: str, password: str) -> int:
        accepted = self.server.access.by_password(username, password)
        if not accepted:
            self.server.log(f"{self.address} wrong password for {username!r}")
            time.sleep(self.server.limits.failure_delay)
        return self._verdict(accepted)

    def _verdict(self, accepted: bool) -> int:
        found: int = paramiko.AUTH_SUCCESSFUL if accepted else paramiko.AUTH_FAILED
        return found

    def check_channel_request(self, kind: str, chanid: int) -> int:
        found: int = paramiko.OPEN_SUCCEEDED
        with self.lock:
            if kind != "session":
                found = paramiko.OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED
            elif self.opened >= self.server.limits.sessions_per_connection:
                found = paramiko.OPEN_FAILED_RESOURCE_SHORTAGE
            else:
                self.opened += 1
        return found

    def check_channel_subsystem_request(
        self, channel: paramiko.Channel, name: str
    ) -> bool:
        with self.lock:
            # A channel carries one request; its name marks it as taken.
            if name != SUBSYSTEM or channel.get_name() == SUBSYSTEM:
                return False
            channel.set_name(SUBSYSTEM)
            self.running += 1
        threading.Thread(
            target=self._run, args=(channel,), name="zsync-session", daemon=True
        ).start()
        return True

    def _run(self, channel: paramiko.Channel) -> None:
        # paramiko queues each channel for accept(); taking it off keeps the
        # queue of a long connection empty.
        self.transport.accept(0)
        try:
            line = self._serve(channel)
        finally:
            channel.close()
            with self.lock:
                self.running -= 1
                self.opened -= 1
                self.quiet_since = time.monotonic()
        user = self.transport.get_username()
        self.server.log(f"{self.address} {user!r} {line}")

    def _serve(self, channel: paramiko.Channel) -> str:
        limits = self.server.limits
        channel.settimeout(limits.idle_time)

        def receive(size: int) -> bytes:
            try:
                found: bytes = channel.recv(size)
                return found
            except TimeoutError:
                raise RequestRefused(
                    408,
                    "Request Timeout",
                    "Request refused: nothing came for too long.",
                ) from None

        def write(data: bytes) -> None:
            try:
                channel.sendall(data)
            except (EOFError, paramiko.SSHException) as error:
                raise ConnectionError("the connection was lost") from error

        source = ByteStream(receive, channel.recv_ready)
        try:
            line = serve(
                source,
                write,
                channel.shutdown_write,
                self.server.zope,
                limits.body_size,
            )
            channel.send_exit_status(0)
        except (OSError, EOFError, paramiko.SSHException, Error) as error:
            return f"broken: {str(error) or type(error).__name__}"
        return line


class SSHServer:
    """Listens, and serves each connection in threads of its own."""

    def __init__(
        self,
        zope: ZopeServer,
        keys: list[paramiko.PKey],
        access: Access,
        limits: ServerLimits,
        log: Callable[[str], None],
    ) -> None:
        self.zope = zope
        self.keys = keys
        self.access = access
        self.limits = limits
        self.log = log
        self._clients: list[_Client] = []
        self._listeners: list[socket.socket] = []

    def bind(self, host: str, port: int) -> list[tuple[str, int]]:
        """Listen on every address of ``host``; return them with their port."""
        try:
            found = socket.getaddrinfo(
                host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )
            for family, _, _, _, address in found:
                self._listeners.append(
                    socket.create_server(
                        address[:2], family=family, backlog=self.limits.backlog
                    )
                )
        except OSError as error:
            self._close_listeners()
            raise Error(
                f"cannot listen on {host} port {port}: {error.strerror or error}",
                advice="Is another server using it?  Choose one with --port.",
            ) from None
        return [listener.getsockname()[:2] for listener in self._listeners]

    def run(self, wake: socket.socket) -> None:
        """Serve until ``wake`` can be read, then stop in good order."""
        selector = selectors.DefaultSelector()
        selector.register(wake, selectors.EVENT_READ)
        for listener in self._listeners:
            listener.setblocking(False)
            selector.register(listener, selectors.EVENT_READ)
        try:
            while True:
                for key, _ in selector.select(1.0):
                    if key.fileobj is wake:
                        return
                    self._accept(key.fileobj)  # type: ignore[arg-type]
                self._tidy()
        finally:
            selector.close()
            self._stop()

    def _accept(self, listener: socket.socket) -> None:
        try:
            connection, address = listener.accept()
        except OSError as error:
            # The client is gone again, or there are no more descriptors.
            self.log(f"not accepted: {error}")
            return
        self._tidy()
        self._make_room()
        if len(self._clients) >= self.limits.connections:
            self.log(f"{address[0]} turned away: too many connections")
            connection.close()
            return
        connection.setblocking(True)
        transport = paramiko.Transport(connection)
        transport.auth_timeout = self.limits.login_time
        for key in self.keys:
            transport.add_server_key(key)
        client = _Client(self, transport, address[0])
        self._clients.append(client)
        transport.set_keepalive(self.limits.keepalive)
        transport.start_server(event=threading.Event(), server=client)

    def _make_room(self) -> None:
        """Let the oldest connection without a login go, where there are too many."""
        waiting = [
            client
            for client in self._clients
            if not client.transport.is_authenticated()
        ]
        if len(waiting) >= self.limits.unauthenticated:
            self._drop(waiting[0], "made room for another before it logged in")

    def _tidy(self) -> None:
        now = time.monotonic()
        for client in list(self._clients):
            transport = client.transport
            if not transport.is_alive():
                self._clients.remove(client)
            elif not transport.is_authenticated():
                if now - client.since > self.limits.login_time:
                    self._drop(client, "took too long to log in")
            elif not client.authenticated:
                client.authenticated = True
                client.quiet_since = now
            elif not client.running and (
                now - client.quiet_since > self.limits.idle_time
            ):
                self._drop(client, "was idle for too long")

    def _drop(self, client: _Client, why: str) -> None:
        self.log(f"{client.address} {why}")
        self._clients.remove(client)
        try:
            # Ends paramiko's thread without waiting for it.
            client.transport.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            client.transport.close()

    def _close_listeners(self) -> None:
        for listener in self._listeners:
            listener.close()
        self._listeners.clear()

    def _stop(self) -> None:
        self._close_listeners()
        deadline = time.monotonic() + self.limits.stop_time
        while time.monotonic() < deadline and any(
            client.running for client in self._clients
        ):
            time.sleep(0.05)
        for client in self._clients:
            client.transport.close()
        self._clients.clear()
