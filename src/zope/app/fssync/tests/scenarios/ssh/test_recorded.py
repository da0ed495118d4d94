"""What 3.6.0 sent over ssh, byte for byte, to both servers and to our client."""

from __future__ import annotations

import http.client
import io
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import paramiko
import pytest

from zope.app.fssync.protocol.sshframing import ByteStream
from zope.app.fssync.protocol.sshframing import read_response_head
from zope.app.fssync.testing import DATA
from zope.app.fssync.testing import ssh as support
from zope.app.fssync.testing.sshfixtures import StartDemo
from zope.fssync.limits import CHUNK

pytestmark = pytest.mark.slow

SSH = DATA / "ssh"
REQUESTS = sorted(SSH.glob("*.request"))

Ask = Callable[[bytes], bytes]


@pytest.fixture(params=["demo", "subsystem"])
def ask(
    request: pytest.FixtureRequest, zope: support.StandInZope, start_demo: StartDemo
) -> Ask:
    """Send the bytes of a session to a server; get all that comes back."""
    if request.param == "subsystem":
        return lambda data: (
            subprocess.run(
                [
                    *(sys.executable, "-m", "zope.app.fssync.sshserver.subsystem"),
                    *("--zope", zope.url),
                ],
                input=data,
                capture_output=True,
                check=True,
                timeout=support.TIMEOUT,
            ).stdout
        )
    port = start_demo().port

    def over_ssh(data: bytes) -> bytes:
        with paramiko.Transport(("127.0.0.1", port)) as transport:
            transport.connect(username="zsync", password="zsync")
            channel = transport.open_session()
            channel.invoke_subsystem("zsync")
            channel.sendall(data)
            found = b""
            while block := channel.recv(1 << 16):
                found += block
            return found

    return over_ssh


@pytest.mark.parametrize("path", REQUESTS, ids=lambda path: path.name)
def test_requests_of_3_6_0_reach_zope(
    ask: Ask, zope: support.StandInZope, path: Path
) -> None:
    data = path.read_bytes()
    head, _, body = data.partition(b"\r\n\r\n")
    found = ask(data)
    seen = zope.seen[-1]
    assert f"{seen.method} {seen.target}".encode() == head.splitlines()[0]
    assert seen.size == len(body)
    assert seen.start == body[:20_000]
    assert dict(seen.headers)["authorization"] == support.TOKEN
    # As the client of 3.6.0 reads an answer.
    here, there = socket.socketpair()
    with here, there:
        there.sendall(found)
        there.shutdown(socket.SHUT_WR)
        answer = http.client.HTTPResponse(here)
        answer.begin()
        assert answer.status == 200
        assert answer.getheader("content-type") == "application/x-snarf"
        assert len(answer.read()) == 119


@pytest.mark.parametrize(
    "path", sorted(SSH.glob("*.response")), ids=lambda path: path.name
)
def test_answers_of_3_6_0_are_read(path: Path) -> None:
    source = io.BytesIO(path.read_bytes())
    stream = io.BufferedReader(ByteStream(source.read), CHUNK)
    status, reason, headers, length = read_response_head(stream, "peer")
    missing = path.name.startswith("004")
    assert (status, reason) == ((404, "Not Found") if missing else (200, "Ok"))
    kind = "text/html;charset=utf-8" if missing else "application/x-snarf"
    assert headers["Content-Type"] == kind
    assert len(stream.read()) == length
