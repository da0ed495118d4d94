"""Connections, logins and sessions, in this process."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import paramiko
import pytest

from zope.app.fssync.protocol.sshframing import request_head
from zope.app.fssync.sshserver.access import Access
from zope.app.fssync.sshserver.access import ZopePasswords
from zope.app.fssync.sshserver.forward import ZopeServer
from zope.app.fssync.sshserver.server import SSHServer
from zope.app.fssync.testing.ssh import TOKEN
from zope.app.fssync.testing.ssh import StandInZope
from zope.app.fssync.testing.ssh import wait_until
from zope.fssync.errors import Error
from zope.fssync.limits import SERVER

pytestmark = pytest.mark.slow

LIMITS = SERVER._replace(
    failure_delay=0, sessions_per_connection=1, unauthenticated=1, stop_time=1
)


class Serving:
    """A server that runs, and what it says."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.zope = StandInZope()
        there = ZopeServer.parse(self.zope.url)
        passwords = ZopePasswords(there, self.said.append)
        self.server = SSHServer(
            there,
            [paramiko.ECDSAKey.generate()],
            Access(passwords=passwords),
            LIMITS,
            self.said.append,
        )
        ((_, self.port),) = self.server.bind("127.0.0.1", 0)
        wake, self._alarm = socket.socketpair()
        self._thread = threading.Thread(target=self.server.run, args=(wake,))
        self._thread.start()

    def connect(self) -> paramiko.Transport:
        transport = paramiko.Transport(
            socket.create_connection(("127.0.0.1", self.port))
        )
        transport.start_client(timeout=10)
        return transport

    def stop(self) -> None:
        self._alarm.send(b"x")
        self._thread.join(10)
        self.zope.close()
        assert not self._thread.is_alive()


@pytest.fixture(scope="module")
def serving() -> Iterator[Serving]:
    serving = Serving()
    yield serving
    serving.stop()


def ask(transport: paramiko.Transport) -> bytes:
    channel = transport.open_session(timeout=10)
    channel.invoke_subsystem("zsync")
    channel.sendall(request_head("GET", "/a/@@toFS.snarf", [("Authorization", TOKEN)]))
    answer = b""
    while data := channel.recv(1 << 16):
        answer += data
    channel.close()
    return answer


def test_a_user_who_is_logged_in_is_served(serving: Serving) -> None:
    transport = serving.connect()
    assert transport.auth_password("zsync", "zsync") == []
    assert ask(transport).startswith(b"HTTP/1.0 200 OK\r\n")
    line = "127.0.0.1 'zsync' GET /a/@@toFS.snarf"
    wait_until(lambda: any(each.startswith(line) for each in serving.said))
    transport.close()


def test_a_wrong_password_is_told_in_the_log(serving: Serving) -> None:
    transport = serving.connect()
    with pytest.raises(paramiko.AuthenticationException):
        transport.auth_password("zsync", "wrong", fallback=False)
    assert "127.0.0.1 wrong password for 'zsync'" in serving.said
    transport.close()


def test_nothing_but_the_subsystem_is_offered(serving: Serving) -> None:
    transport = serving.connect()
    transport.auth_password("zsync", "zsync")
    with pytest.raises(paramiko.ChannelException):
        transport.open_channel("direct-tcpip", ("127.0.0.1", 1), ("127.0.0.1", 1))
    channel = transport.open_session(timeout=10)
    with pytest.raises(paramiko.SSHException):
        channel.exec_command("ls")
    with pytest.raises(paramiko.ChannelException):
        transport.open_session(timeout=10)
    transport.close()


def test_strangers_make_room_for_others(serving: Serving) -> None:
    first = serving.connect()
    second = serving.connect()
    assert second.auth_password("zsync", "zsync") == []
    assert "127.0.0.1 made room for another before it logged in" in serving.said
    for transport in (first, second):
        transport.close()


def test_a_port_that_is_taken_is_named(serving: Serving) -> None:
    other = SSHServer(serving.server.zope, [], Access(), LIMITS, print)
    with pytest.raises(Error, match=f"cannot listen on 127.0.0.1 port {serving.port}"):
        other.bind("127.0.0.1", serving.port)
