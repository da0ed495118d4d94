"""The demo ssh server and the transport, as real processes on loopback."""

from __future__ import annotations

import io
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import quote
from urllib.parse import unquote

import pytest
from zope.interface.verify import verifyObject

from zope.app.fssync.client.interfaces import IResponse
from zope.app.fssync.client.interfaces import ITransport
from zope.app.fssync.client.transport import TransportOptions
from zope.app.fssync.client.transport import open_transport
from zope.app.fssync.client.transport.ssh.sshconnection import SSHConnection
from zope.app.fssync.client.url import RootURL
from zope.app.fssync.testing import ssh as support
from zope.app.fssync.testing.processes import free_port
from zope.app.fssync.testing.sshfixtures import StartDemo
from zope.fssync.errors import ServerUnreachable

pytestmark = pytest.mark.slow

MB = 1 << 20
GET = "/demo/@@toFS.snarf"
POST = "/demo/@@fromFS.snarf?note=a%20note"
AUTHORIZATION = [("Authorization", support.TOKEN)]


def url(server: support.Process, user: str = "zsync:zsync@") -> str:
    return f"zsync+ssh://{user}127.0.0.1:{server.port}/demo"


def transport(server: support.Process, user: str = "zsync:zsync@") -> ITransport:
    return open_transport(RootURL.parse(url(server, user)))


def test_the_transport_keeps_its_contract(start_demo: StartDemo) -> None:
    there = transport(start_demo())
    verifyObject(ITransport, there)
    answer = there.request("GET", GET, AUTHORIZATION)
    verifyObject(IResponse, answer)
    assert answer.status == 200
    assert answer.reason == "OK"
    assert answer.headers["Content-Type"] == "application/x-snarf"
    assert len(answer.fp.read()) == 119
    answer.close()
    answer.close()
    there.close()


def test_a_person_without_any_key_gets_in_with_the_password_of_zope(
    start_demo: StartDemo, home: support.Home
) -> None:
    assert not list(home.ssh.glob("id_*"))
    result = support.get(url(start_demo()), home.env)
    assert result.stdout.startswith("status 200 bytes 119")


def test_a_wrong_password_is_refused_with_exit_code_4(
    start_demo: StartDemo, home: support.Home
) -> None:
    server = start_demo()
    result = support.get(url(server, "zsync:wrong@"), home.env)
    assert result.returncode == 4
    assert "did not let zsync in" in result.stderr
    assert "the password: not accepted" in result.stderr
    server.wait_for("wrong password for 'zsync'")


def test_the_password_counts_only_where_zope_asks_for_one(
    start_demo: StartDemo, home: support.Home, zope: support.StandInZope
) -> None:
    server = start_demo()
    zope.asks_for_login = False
    assert support.get(url(server), home.env).returncode == 4
    server.wait_for("does not ask for a password")


def test_a_request_reaches_zope_as_it_was_sent(
    start_demo: StartDemo, zope: support.StandInZope
) -> None:
    there = transport(start_demo())
    zope.seen.clear()
    body = b"8 a\n" + b"x" * 100_000
    headers = [("Content-Type", "application/x-snarf"), *AUTHORIZATION]
    answer = there.request("POST", POST, headers, io.BytesIO(body), len(body))
    answer.fp.read()
    there.close()
    seen = zope.seen[-1]
    assert (seen.method, seen.target, seen.size) == ("POST", POST, len(body))
    assert seen.start == body[: len(seen.start)]
    sent = {name.lower(): value for name, value in seen.headers}
    assert sent["content-type"] == "application/x-snarf"
    assert sent["authorization"] == support.TOKEN
    assert sent["host"] == f"127.0.0.1:{zope.server_port}"


def test_shell_characters_reach_zope_as_a_name(
    start_demo: StartDemo, zope: support.StandInZope, tmp_path: Path
) -> None:
    there = transport(start_demo())
    victim = tmp_path / "victim"
    for name in (f"$(touch {victim})", f"';touch {victim};'", f'"`touch {victim}`|&'):
        zope.seen.clear()
        target = f"/demo/{quote(name.replace('/', '_'), safe='')}/@@toFS.snarf"
        there.request("GET", target, AUTHORIZATION).fp.read()
        assert unquote(zope.seen[-1].target) == unquote(target)
    there.close()
    assert not victim.exists()


def test_one_connection_serves_all_requests_of_a_run(start_demo: StartDemo) -> None:
    server = start_demo()
    first, second = transport(server), transport(server)
    for there in (first, second, first):
        there.request("GET", GET, AUTHORIZATION).fp.read()
    assert first._shared is second._shared
    connection = first._shared._connection
    first.close()
    assert connection.alive
    second.close()
    assert not connection.alive


def test_different_users_do_not_share_a_connection(
    start_demo: StartDemo, home: support.Home
) -> None:
    support.make_key(home.ssh / "id_ed25519")
    server = start_demo(f"--authorized-keys={home.ssh / 'id_ed25519.pub'}")
    one, other = transport(server, "one@"), transport(server, "other@")
    one.request("GET", GET, []).fp.read()
    other.request("GET", GET, []).fp.read()
    assert one._shared is not other._shared
    one.close()
    other.close()
    server.wait_for("'one' GET")
    server.wait_for("'other' GET")


def test_sessions_run_side_by_side(
    start_demo: StartDemo, zope: support.StandInZope
) -> None:
    server = start_demo()
    slow, quick = transport(server), transport(server)

    def ask_in_vain() -> None:
        with pytest.raises(ServerUnreachable):
            slow.request("GET", "/hang/@@toFS.snarf", [])

    worker = threading.Thread(target=ask_in_vain)
    slow.request("GET", GET, []).close()
    worker.start()
    assert zope.hanging.wait(support.TIMEOUT)
    assert quick.request("GET", GET, []).fp.read()
    server.popen.kill()
    worker.join(support.TIMEOUT)
    assert not worker.is_alive()
    quick.close()
    slow.close()


def test_the_connection_class_of_3_6_0_works_as_before(start_demo: StartDemo) -> None:
    server = start_demo()
    connection = SSHConnection(f"127.0.0.1:{server.port}", "zsync:zsync")
    for _ in range(2):
        connection.putrequest("POST", POST)
        connection.putheader("Content-type", "application/x-snarf")
        connection.putheader("Content-Length", 5)
        connection.putheader("Authorization", support.TOKEN)
        connection.endheaders()
        connection.send(b"12")
        connection.send(b"345")
        answer = connection.getresponse()
        assert (answer.status, answer.reason) == (200, "OK")
        assert answer.getheader("Content-Type") == "application/x-snarf"
        assert ("content-length", "119") in answer.getheaders()
        assert len(answer.read()) == 119
    connection.close()


def test_answers_without_a_length_arrive_whole(start_demo: StartDemo) -> None:
    there = transport(start_demo())
    answer = there.request("GET", "/chunked/@@toFS.snarf", [])
    assert answer.headers["content-length"] == "50"
    assert answer.fp.read() == b"hello" * 10
    there.close()


def test_an_answer_that_zope_breaks_off_is_an_error(start_demo: StartDemo) -> None:
    there = transport(start_demo())
    answer = there.request("GET", "/broken/@@toFS.snarf", [])
    with pytest.raises(ServerUnreachable, match="bytes are missing"):
        answer.fp.read()
    there.close()


def test_no_zope_is_told_to_the_client(
    start_demo: StartDemo, home: support.Home
) -> None:
    support.make_key(home.ssh / "id_ed25519")
    server = start_demo(
        f"--zope=http://127.0.0.1:{free_port()}",
        f"--authorized-keys={home.ssh / 'id_ed25519.pub'}",
    )
    there = transport(server)
    body = b"x" * 3 * MB
    answer = there.request("POST", POST, [], io.BytesIO(body), len(body))
    assert answer.status == 502
    assert b"The ssh server got no answer from http://127.0.0.1" in answer.fp.read()
    there.close()


def test_a_server_killed_in_the_middle_is_an_error(
    start_demo: StartDemo, zope: support.StandInZope
) -> None:
    zope.answer_size, zope.pause = 50 * MB, 0.05
    server = start_demo()
    there = transport(server)
    answer = there.request("GET", GET, [])
    answer.fp.read(100_000)
    server.popen.kill()
    with pytest.raises(ServerUnreachable, match="broke off"):
        answer.fp.read()
    there.close()


def test_silence_ends_in_time(start_demo: StartDemo) -> None:
    where = RootURL.parse(url(start_demo()))
    options = TransportOptions(read_timeout=0.3, answer_timeout=0.3)
    there = open_transport(where, options)
    with pytest.raises(ServerUnreachable, match="sent nothing for too long"):
        there.request("GET", "/hang/@@toFS.snarf", [])
    there.close()


def test_a_silent_host_is_given_up(home: support.Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        where = RootURL.parse(
            f"zsync+ssh://zsync@127.0.0.1:{listener.getsockname()[1]}/demo"
        )
        there = open_transport(where, TransportOptions(connect_timeout=0.3))
        with pytest.raises(ServerUnreachable, match="does not talk ssh"):
            there.request("GET", GET, [])
        there.close()


def test_a_lost_connection_is_made_anew_for_the_next_request(
    start_demo: StartDemo,
) -> None:
    server = start_demo("--idle-timeout=0.3")
    there = transport(server)
    there.request("GET", GET, []).fp.read()
    server.wait_for("was idle for too long")
    assert there.request("GET", GET, []).status == 200
    there.close()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_100_mb_go_both_ways_with_flat_memory(
    start_demo: StartDemo, zope: support.StandInZope, home: support.Home
) -> None:
    server = start_demo()
    support.get(url(server), home.env)
    before = server.peak_memory()
    zope.answer_size = 100 * MB
    result = support.get(url(server), home.env)
    assert f"bytes {100 * MB}\n" in result.stdout
    peak = int(result.stdout.split()[-1])
    assert peak < 90 * MB
    assert server.peak_memory() - before < 30 * MB
    zope.answer_size = 119
    own = support.peak_memory(os.getpid())
    there = transport(server)
    with open("/dev/zero", "rb") as zeros:
        answer = there.request("POST", POST, AUTHORIZATION, zeros, 100 * MB)
    assert answer.status == 200
    assert zope.seen[-1].size == 100 * MB
    there.close()
    assert server.peak_memory() - before < 30 * MB
    assert support.peak_memory(os.getpid()) - own < 30 * MB


def test_an_address_of_ipv6_will_do(
    start_demo: StartDemo, home: support.Home, host_key: Path
) -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    server = start_demo("--host=::1")
    home.trust(f"[::1]:{server.port}", Path(f"{host_key}.pub"))
    result = support.get(f"zsync+ssh://zsync:zsync@[::1]:{server.port}/demo", home.env)
    assert result.stdout.startswith("status 200"), result.stderr


def test_a_newcomer_is_told_that_zope_does_not_run(
    start_demo: StartDemo, home: support.Home
) -> None:
    server = start_demo(f"--zope=http://127.0.0.1:{free_port()}")
    server.wait_for("does not answer; start it")
    result = support.get(url(server), home.env)
    assert result.returncode == 4
    assert "The Zope behind this ssh server, http://127.0.0.1:" in result.stderr
    assert "does not answer" in result.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_demo_stops_cleanly_on_a_signal(
    start_demo: StartDemo, number: signal.Signals
) -> None:
    server = start_demo()
    there = transport(server)
    there.request("GET", GET, []).fp.read()
    server.popen.send_signal(number)
    assert server.popen.wait(support.TIMEOUT) == 0
    server.wait_for("stopped")
    there.close()


def test_a_port_in_use_is_an_error(start_demo: StartDemo, home: support.Home) -> None:
    port = start_demo().port
    result = subprocess.run(
        [sys.executable, "-m", "zope.app.fssync.demo_server", f"--port={port}"],
        capture_output=True,
        text=True,
        env=home.env,
        timeout=support.TIMEOUT,
        cwd=home.path,
    )
    assert result.returncode == 1
    assert f"cannot listen on 127.0.0.1 port {port}" in result.stderr
    assert "--port" in result.stderr


def test_any_key_is_accepted_only_on_demand_and_with_a_warning(
    start_demo: StartDemo, home: support.Home
) -> None:
    support.make_key(home.ssh / "id_ed25519")
    strict = start_demo()
    assert support.get(url(strict, "zsync@"), home.env).returncode == 4
    assert not support.match_any("WARNING", strict.lines)
    loose = start_demo("--any-key")
    loose.wait_for("WARNING: --any-key lets in everybody")
    assert support.get(url(loose, "zsync@"), home.env).returncode == 0


def test_keys_of_the_user_are_authorized_where_only_he_can_change_the_list(
    start_demo: StartDemo, home: support.Home
) -> None:
    key = support.make_key(home.ssh / "id_ed25519")
    listed = home.ssh / "authorized_keys"
    listed.write_text("# mine\n" + Path(f"{key}.pub").read_text())
    listed.chmod(0o600)
    server = start_demo("--no-passwords")
    assert support.get(url(server, "zsync@"), home.env).returncode == 0
    listed.chmod(0o622)
    assert support.get(url(server, "zsync@"), home.env).returncode == 4
    server.wait_for("others can change the authorized keys")


@pytest.mark.parametrize(
    "options", ["no-pty,restrict ", 'command="true" ', 'from="10.0.0.1" ']
)
def test_restrictions_of_a_key_are_never_ignored(
    start_demo: StartDemo, home: support.Home, options: str
) -> None:
    key = support.make_key(home.ssh / "id_ed25519")
    listed = home.ssh / "authorized_keys"
    listed.write_text(options + Path(f"{key}.pub").read_text())
    listed.chmod(0o600)
    server = start_demo("--no-passwords")
    expected = 0 if "restrict" in options else 4
    assert support.get(url(server, "zsync@"), home.env).returncode == expected


def test_without_keys_and_passwords_it_does_not_start(
    home: support.Home, host_key: Path, tmp_path: Path
) -> None:
    result = subprocess.run(
        support.demo_command("http://127.0.0.1:1", host_key, "--no-passwords"),
        capture_output=True,
        text=True,
        env=home.env,
        cwd=tmp_path,
        timeout=support.TIMEOUT,
    )
    assert result.returncode == 1
    assert "nobody could log in" in result.stderr


def test_a_host_key_of_its_own_is_made_once_and_kept_private(tmp_path: Path) -> None:
    from zope.app.fssync.sshserver import hostkey
    from zope.fssync.errors import Error

    own = tmp_path / "parts" / "key"
    found = hostkey.SYSTEM_KEYS
    hostkey.SYSTEM_KEYS = ()
    try:
        (first,), origin = hostkey.host_keys(None, own)
        (second,), _ = hostkey.host_keys(None, own)
        own.chmod(0o644)
        with pytest.raises(Error, match="others can read"):
            hostkey.host_keys(None, own)
        own.chmod(0o600)
    finally:
        hostkey.SYSTEM_KEYS = found
    assert first == second
    assert origin == str(own)
    assert stat.S_IMODE(own.stat().st_mode) == 0o600
    assert [path.name for path in own.parent.iterdir()] == ["key"]
