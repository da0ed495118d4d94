"""Requests of a program that uses the connection of 3.6.0 by itself."""

from __future__ import annotations

from typing import Any

import pytest

from zope.app.fssync.client.transport.ssh import transport
from zope.app.fssync.client.transport.ssh.sshconnection import SSHConnection
from zope.app.fssync.client.transport.ssh.tests.channels import Connection


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Connection]:
    found: list[Connection] = []

    def make(*arguments: Any) -> Connection:
        found.append(Connection(*arguments))
        return found[-1]

    monkeypatch.setattr(transport, "Connection", make)
    return found


def test_requests_follow_one_another(made: list[Connection]) -> None:
    connection = SSHConnection("host:2200", "me:secret")
    for body in (b"", b"body"):
        connection.putrequest("POST", "/a")
        connection.putheader("Content-Length", len(body))
        connection.endheaders()
        connection.send(body)
        response = connection.getresponse()
        assert (response.status, response.reason) == (200, "OK")
        assert response.getheader("content-type") == "text/plain"
        assert ("content-length", "5") in response.getheaders()
        assert (response.read(2), response.read()) == (b"he", b"llo")
    (one,) = made
    assert (one.endpoint.user, one.endpoint.port, one.password) == (
        "me",
        2200,
        "secret",
    )
    assert one.channels[0].closed
    assert one.channels[1].sent.endswith(b"\r\n\r\nbody")
    connection.close()
    assert not one.alive
