"""Transports to one server share a connection."""

from __future__ import annotations

import io
from typing import Any

import pytest
from zope.interface.verify import verifyObject

from zope.app.fssync.client.interfaces import ITransport
from zope.app.fssync.client.transport import TransportOptions
from zope.app.fssync.client.transport.ssh import transport
from zope.app.fssync.client.transport.ssh.tests.channels import Channel
from zope.app.fssync.client.transport.ssh.tests.channels import Connection
from zope.app.fssync.client.transport.ssh.transport import SSHTransport
from zope.app.fssync.client.url import RootURL
from zope.fssync.errors import ServerUnreachable

URL = RootURL.parse("zsync+ssh://me:secret@127.0.0.1:2200/demo")


@pytest.fixture(autouse=True)
def made(monkeypatch: pytest.MonkeyPatch) -> list[Connection]:
    """All connections that were made."""
    found: list[Connection] = []

    def make(*arguments: Any) -> Connection:
        found.append(Connection(*arguments))
        return found[-1]

    monkeypatch.setattr(transport, "Connection", make)
    return found


def to(url: RootURL = URL) -> SSHTransport:
    return SSHTransport(url, options=TransportOptions())


def test_a_request_says_how_long_it_is(made: list[Connection]) -> None:
    there = to()
    assert verifyObject(ITransport, there)
    answer = there.request("POST", "/a", [("X", "y")], io.BytesIO(b"body"), 4)
    assert answer.fp.read() == b"hello"
    head, _, body = made[0].channels[0].sent.partition(b"\r\n\r\n")
    assert b"Content-Length: 4\r\n" in head
    assert b"Host: 127.0.0.1:2200\r\n" in head
    assert body == b"body"
    there.close()


def test_the_last_of_two_closes_the_connection(made: list[Connection]) -> None:
    first, second = to(), to()
    for each in (first, second):
        each.request("GET", "/a", [])
    assert len(made) == 1
    first.close()
    assert made[0].alive
    second.close()
    second.close()
    assert not made[0].alive


def test_the_password_of_the_request_counts_before_that_of_the_url(
    made: list[Connection],
) -> None:
    for headers in ([], [("Authorization", "Basic bWU6b3RoZXI=")]):
        there = to()
        there.request("GET", "/a", headers)
        there.close()
    assert [each.password for each in made] == ["secret", "other"]


def refuse(timeout: float) -> Channel:
    raise ServerUnreachable("it opened no session")


def test_a_kept_connection_that_is_gone_is_made_anew(
    made: list[Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    there = to()
    there.request("GET", "/a", [])
    monkeypatch.setattr(made[0], "open_session", refuse)
    assert there.request("GET", "/a", []).fp.read() == b"hello"
    assert len(made) == 2
    made[1].alive = False
    there.request("GET", "/a", [])
    assert len(made) == 3
    there.close()


def test_a_new_connection_is_not_tried_twice(
    made: list[Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        Connection, "open_session", lambda self, timeout: refuse(timeout)
    )
    there = to()
    with pytest.raises(ServerUnreachable, match="it opened no session"):
        there.request("GET", "/a", [])
    assert len(made) == 1
    there.close()
