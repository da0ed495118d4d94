"""Clients that want to harm: the demo server refuses them and goes on serving."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path

import paramiko
import pytest

from zope.app.fssync.testing import ssh as support

pytestmark = pytest.mark.slow

MB = 1 << 20
GOOD = b"GET /demo/@@toFS.snarf\r\n\r\n"
POST = b"POST /demo/@@fromFS.snarf?note=x"


@pytest.fixture(scope="module")
def zope() -> Iterator[support.StandInZope]:
    server = support.StandInZope()
    yield server
    server.close()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> support.Home:
    return support.Home(tmp_path_factory.mktemp("hostile") / "home")


@pytest.fixture(scope="module")
def server(
    zope: support.StandInZope, home: support.Home, host_key: Path
) -> Iterator[support.Process]:
    """One server for all: none of them may do it any harm."""
    command = support.demo_command(zope.url, host_key, "--idle-timeout=1")
    with support.process(*command, env=home.env, cwd=home.path) as server:
        server.port = int(server.wait_for(r"ready on .* port (\d+)")[1])
        home.trust(f"[127.0.0.1]:{server.port}", Path(f"{host_key}.pub"))
        yield server
        assert server.end() == 0


@pytest.fixture
def connection(server: support.Process) -> Iterator[paramiko.Transport]:
    transport = paramiko.Transport(("127.0.0.1", server.port))
    transport.connect(username="zsync", password="zsync")
    yield transport
    transport.close()


def answer(connection: paramiko.Transport, *parts: bytes) -> bytes:
    """Send the bytes of a request and return all that comes back."""
    channel = connection.open_session(timeout=support.TIMEOUT)
    channel.settimeout(support.TIMEOUT)
    channel.invoke_subsystem("zsync")
    try:
        for part in parts:
            channel.sendall(part)
    except OSError:
        assert channel.closed
    found = b""
    while data := channel.recv(1 << 16):
        found += data
    channel.close()
    return found


def status(found: bytes) -> int:
    assert found.startswith(b"HTTP/1.0 "), found[:200]
    return int(found.split()[1])


REFUSED = {
    "other view": (b"GET /demo/@@contents.html", 404),
    "no view": (b"GET /demo", 404),
    "view without at": (b"GET /demo/toFS.snarf", 404),
    "view in the middle": (b"GET /demo/@@toFS.snarf/x", 404),
    "a second view": (b"GET /@@delete/@@toFS.snarf", 404),
    "management": (b"GET /manage", 404),
    "skin": (b"GET /++skin++Debug/demo/@@toFS.snarf", 404),
    "virtual host": (b"GET /++vh++http:evil:80/++/@@toFS.snarf", 404),
    "quoted namespace": (b"GET /%2B%2Bskin%2B%2BX/@@toFS.snarf", 404),
    "quoted view": (b"GET /%40%40delete/@@toFS.snarf", 404),
    "other method": (b"PUT /demo/@@toFS.snarf", 405),
    "delete": (b"DELETE /demo/@@fromFS.snarf", 405),
    "wrong method": (b"GET /demo/@@checkin.snarf", 405),
    "post to read": (b"POST /demo/@@toFS.snarf", 405),
    "lower case": (b"get /demo/@@toFS.snarf", 400),
    "absolute URL": (b"GET http://example.org/demo/@@toFS.snarf", 400),
    "other server": (b"GET //example.org/@@toFS.snarf", 400),
    "authority": (b"CONNECT example.org:80", 400),
    "star": (b"OPTIONS *", 400),
    "up": (b"GET /demo/../@@toFS.snarf", 400),
    "quoted up": (b"GET /demo/%2e%2e/@@toFS.snarf", 400),
    "quoted slash": (b"GET /demo%2Fx/@@toFS.snarf", 400),
    "backslash": (b"GET /demo%5Cx/@@toFS.snarf", 400),
    "empty component": (b"GET /demo//@@toFS.snarf", 400),
    "quoted line end": (b"GET /demo%0d%0aX-A:b/@@toFS.snarf", 400),
    "quoted nul": (b"GET /demo%00/@@toFS.snarf", 400),
    "not UTF-8": (b"GET /demo%ff/@@toFS.snarf", 400),
    "fragment": (b"GET /demo/@@toFS.snarf#x", 400),
    "version": (b"GET /demo/@@toFS.snarf HTTP/1.1", 400),
    "method argument": (b"GET /demo/@@toFS.snarf?delete:method=1", 400),
    "quoted argument": (b"GET /demo/@@toFS.snarf?delete%3Aaction=1", 400),
    "not an argument": (b"GET /demo/@@toFS.snarf?x", 400),
    "many arguments": (b"GET /demo/@@toFS.snarf?" + b"a=1&" * 30 + b"a=1", 400),
    "header injection": (b"GET /demo/@@toFS.snarf\nX-A: b", 400),
    "folded header": (b"GET /demo/@@toFS.snarf\r\nA: b\r\n c", 400),
    "blank before colon": (b"GET /demo/@@toFS.snarf\r\nA : b", 400),
    "no colon": (b"GET /demo/@@toFS.snarf\r\nA", 400),
    "nul in header": (b"GET /demo/@@toFS.snarf\r\nA: \0", 400),
    "bare CR in header": (b"GET /demo/@@toFS.snarf\r\nA: b\rC: d", 400),
    "two passwords": (
        b"GET /demo/@@toFS.snarf\r\nAuthorization: a\r\nauthorization: b",
        400,
    ),
    "two lengths": (POST + b"\r\nContent-Length: 3\r\nContent-Length: 4", 400),
    "chunked": (POST + b"\r\nTransfer-Encoding: chunked", 400),
    "no length": (POST, 411),
    "negative length": (POST + b"\r\nContent-Length: -1", 400),
    "signed length": (POST + b"\r\nContent-Length: +1", 400),
    "odd length": (POST + b"\r\nContent-Length: 1_0", 400),
    "hex length": (POST + b"\r\nContent-Length: 0x10", 400),
    "far too long": (POST + b"\r\nContent-Length: 999999999999999", 413),
    "GET with a body": (b"GET /demo/@@toFS.snarf\r\nContent-Length: 1", 400),
    "empty": (b"", 400),
}


@pytest.mark.parametrize("name", REFUSED)
def test_hostile_clients_is_refused_and_zope_hears_nothing(
    connection: paramiko.Transport, zope: support.StandInZope, name: str
) -> None:
    request, expected = REFUSED[name]
    zope.seen.clear()
    assert status(answer(connection, request, b"\r\n\r\n")) == expected
    assert zope.seen == []


def test_only_known_headers_reach_zope(
    connection: paramiko.Transport, zope: support.StandInZope
) -> None:
    head = (
        b"GET /demo/@@toFS.snarf\r\nHost: evil\r\nHost: evil\r\nX-Forwarded-For: 1\r\n"
        b"Cookie: a\r\nConnection: upgrade\r\nX-HTTP-Method-Override: PUT\r\n"
        b"X-Zsync-Format: 2\r\n\r\n"
    )
    assert status(answer(connection, head)) == 200
    names = sorted(name.lower() for name, _ in zope.seen[-1].headers)
    assert names == ["connection", "host", "x-zsync-format"]
    assert dict(zope.seen[-1].headers)["Host"] == f"127.0.0.1:{zope.server_port}"


@pytest.mark.parametrize(
    "flood",
    [b"GET /" + b"a" * MB, b"G" * MB, b"GET /demo/@@toFS.snarf\r\nA: " + b"b" * MB],
    ids=["long path", "no newline", "long header"],
)
def test_an_endless_line_is_cut_short(
    connection: paramiko.Transport, server: support.Process, flood: bytes
) -> None:
    before = server.peak_memory()
    assert status(answer(connection, *[flood] * 20)) == 400
    assert server.peak_memory() - before < 20 * MB
    assert status(answer(connection, GOOD)) == 200


def test_endless_headers_are_cut_short(connection: paramiko.Transport) -> None:
    head = b"GET /demo/@@toFS.snarf\r\n" + b"A: b\r\n" * 100_000
    assert status(answer(connection, head)) == 400
    assert status(answer(connection, GOOD)) == 200


def test_an_endless_body_is_cut_short(
    connection: paramiko.Transport, server: support.Process, zope: support.StandInZope
) -> None:
    before = server.peak_memory()
    zope.seen.clear()
    head = POST + b"\r\nContent-Length: 1000\r\n\r\n"
    assert status(answer(connection, head, *[b"x" * MB] * 20)) == 400
    assert server.peak_memory() - before < 20 * MB
    assert not any(seen.method == "POST" for seen in zope.seen)


def test_a_body_that_is_too_short_never_becomes_a_request(
    connection: paramiko.Transport, zope: support.StandInZope
) -> None:
    zope.seen.clear()
    channel = connection.open_session(timeout=support.TIMEOUT)
    channel.settimeout(support.TIMEOUT)
    channel.invoke_subsystem("zsync")
    channel.sendall(POST + b"\r\nContent-Length: 1000\r\n\r\n" + b"x" * 999)
    channel.shutdown_write()
    found = channel.recv(4096)
    assert status(found) == 400
    assert b"1 of 1000 bytes are missing" in found
    assert zope.seen == []


def test_a_silent_session_ends(connection: paramiko.Transport) -> None:
    found = answer(connection, b"GET /demo/@@toFS.snarf\r\n")
    assert status(found) == 408


def test_no_more_sessions_than_allowed(connection: paramiko.Transport) -> None:
    channels = [connection.open_session(timeout=support.TIMEOUT) for _ in range(10)]
    with pytest.raises(paramiko.ChannelException):
        connection.open_session(timeout=support.TIMEOUT)
    for channel in channels:
        channel.invoke_subsystem("zsync")
        channel.sendall(GOOD)
        assert channel.recv(100).startswith(b"HTTP/1.0 200")


def test_nothing_but_the_subsystem_is_offered(connection: paramiko.Transport) -> None:
    for ask in (
        lambda channel: channel.exec_command("id"),
        lambda channel: channel.invoke_shell(),
        lambda channel: channel.get_pty(),
        lambda channel: channel.invoke_subsystem("sftp"),
    ):
        channel = connection.open_session(timeout=support.TIMEOUT)
        with pytest.raises(paramiko.SSHException):
            ask(channel)
    with pytest.raises(paramiko.SSHException):
        connection.open_channel("direct-tcpip", ("127.0.0.1", 22), ("127.0.0.1", 1))
    with pytest.raises(paramiko.SSHException):
        connection.request_port_forward("127.0.0.1", 0)


@pytest.fixture(params=["nothing", "wrong password", "forged success"])
def stranger(
    server: support.Process, request: pytest.FixtureRequest
) -> Iterator[paramiko.Transport]:
    """A connection that has not logged in, whatever it says of that."""
    transport = paramiko.Transport(("127.0.0.1", server.port))
    transport.start_client(timeout=support.TIMEOUT)
    if request.param == "wrong password":
        with pytest.raises(paramiko.AuthenticationException):
            transport.auth_password("zsync", "wrong")
    elif request.param == "forged success":
        # libssh believed it: CVE-2018-10933.
        message = paramiko.Message()
        message.add_byte(paramiko.common.cMSG_USERAUTH_SUCCESS)
        transport._send_message(message)
    yield transport
    transport.close()


def test_before_a_login_there_are_no_channels(
    stranger: paramiko.Transport, zope: support.StandInZope
) -> None:
    """Servers that forgot to ask: CVE-2018-7750."""
    zope.seen.clear()
    for kind, address in (
        ("session", None),
        ("direct-tcpip", ("127.0.0.1", zope.server_port)),
        ("x11", ("127.0.0.1", 1)),
    ):
        with pytest.raises((paramiko.SSHException, EOFError)):
            stranger.open_channel(
                kind, address, ("127.0.0.1", 1), timeout=support.TIMEOUT
            )
    assert zope.seen == []


def test_before_a_login_there_are_no_requests(
    stranger: paramiko.Transport, zope: support.StandInZope
) -> None:
    zope.seen.clear()
    with pytest.raises((paramiko.SSHException, EOFError)):
        stranger.request_port_forward("127.0.0.1", 0)
    # A request for a channel that was never opened.
    message = paramiko.Message()
    message.add_byte(paramiko.common.cMSG_CHANNEL_REQUEST)
    message.add_int(0)
    message.add_string("subsystem")
    message.add_boolean(True)
    message.add_string("zsync")
    with contextlib.suppress(paramiko.SSHException, EOFError, OSError):
        stranger._send_message(message)
    assert zope.seen == []


def test_after_strangers_it_serves_on(connection: paramiko.Transport) -> None:
    assert status(answer(connection, GOOD)) == 200


def test_the_exchange_of_keys_is_strict(connection: paramiko.Transport) -> None:
    """Else somebody in between could cut messages out: CVE-2023-48795."""
    assert connection.agreed_on_strict_kex


def test_200_idle_connections_keep_nobody_out(
    server: support.Process, home: support.Home
) -> None:
    url = f"zsync+ssh://zsync:zsync@127.0.0.1:{server.port}/demo"
    assert support.get(url, home.env).returncode == 0
    before = server.peak_memory()
    idle = []
    try:
        for _ in range(200):
            idle.append(socket.create_connection(("127.0.0.1", server.port), 10))
        assert support.get(url, home.env).returncode == 0
        server.wait_for("made room for another")
        threads = Path(f"/proc/{server.popen.pid}/task")
        assert len(list(threads.iterdir())) < 60
        assert server.peak_memory() - before < 30 * MB
    finally:
        for connection in idle:
            connection.close()


def test_garbage_instead_of_ssh_is_no_obstacle(
    server: support.Process, home: support.Home
) -> None:
    for garbage in (b"GET / HTTP/1.0\r\n\r\n", b"\0" * 100_000, b"SSH-2.0-x\r\n" * 9):
        with socket.create_connection(("127.0.0.1", server.port), 10) as connection:
            connection.sendall(garbage)
    url = f"zsync+ssh://zsync:zsync@127.0.0.1:{server.port}/demo"
    assert support.get(url, home.env).returncode == 0
