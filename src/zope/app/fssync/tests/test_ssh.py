"""`ssh.SSHConnection`, with the interface of `http.client.HTTPConnection`."""

from __future__ import annotations

import pytest

from zope.app.fssync.ssh import SSHConnection
from zope.fssync.errors import Error


def test_host_port_and_user_are_read() -> None:
    connection = SSHConnection("host:2200", "me:secret")
    assert (connection.host, connection.port) == ("host", 2200)
    assert connection.remote_user_name == "me"
    assert SSHConnection("host").remote_user_name is None


def test_without_a_request_there_is_no_response() -> None:
    connection = SSHConnection("host")
    connection.putrequest("GET", "/demo")
    connection.putheader("Accept", "*/*")
    with pytest.raises(Error, match=r"getresponse\(\) comes after endheaders\(\)"):
        connection.getresponse()
    with pytest.raises(Error, match=r"send\(\) comes after endheaders\(\)"):
        connection.send(b"data")
    connection.close()
