"""zsync through a real OpenSSH server, and by way of one."""

from __future__ import annotations

import getpass
import io
import os
import signal
import sys
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from zope.app.fssync.client.interfaces import ITransport
from zope.app.fssync.client.transport import open_transport
from zope.app.fssync.client.url import RootURL
from zope.app.fssync.testing import ssh as support
from zope.app.fssync.testing.processes import free_port
from zope.app.fssync.testing.sshfixtures import StartDemo
from zope.fssync.errors import ServerRefused
from zope.fssync.errors import ServerUnreachable

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(support.sshd() is None, reason="there is no sshd"),
]

MB = 1 << 20
GET = "/demo/@@toFS.snarf"
POST = "/demo/@@fromFS.snarf?note=x"
AUTHORIZATION = [("Authorization", support.TOKEN)]

StartSSHD = Callable[..., support.Process]

#: The script, which leaves a note of the memory it needed and of its process.
SUBSYSTEM = """\
import os, sys
from pathlib import Path
notes = Path({notes!r})
notes.joinpath("pid").write_text(str(os.getpid()))
from zope.app.fssync.sshserver.subsystem import main
code = main(["--zope", {zope!r}, *sys.argv[1:]])
for line in open("/proc/self/status"):
    if line.startswith("VmHWM"):
        with notes.joinpath("peak").open("a") as file:
            print(int(line.split()[1]) * 1024, file=file)
sys.exit(code)
"""

CONFIG = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {host_key}
PidFile none
AuthorizedKeysFile {authorized}
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
LogLevel VERBOSE
"""


@pytest.fixture
def start_sshd(
    zope: support.StandInZope, home: support.Home, host_key: Path, tmp_path: Path
) -> Iterator[StartSSHD]:
    """Start sshd with a configuration and keys of its own."""
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    key = support.make_key(home.ssh / "id_ed25519")
    script = tmp_path / "subsystem.py"
    script.write_text(SUBSYSTEM.format(notes=str(tmp_path), zope=zope.url))
    with ExitStack() as stack:

        def start(*arguments: str, subsystem: bool = True) -> support.Process:
            port = free_port()
            config = tmp_path / "sshd_config"
            text = CONFIG.format(port=port, host_key=host_key, authorized=f"{key}.pub")
            if subsystem:
                words = " ".join([sys.executable, str(script), *arguments])
                text += f"Subsystem zsync {words}\n"
            config.write_text(text)
            server = stack.enter_context(
                support.process(
                    str(support.sshd()),
                    *("-D", "-e", "-f", str(config)),
                    env=home.env,
                    cwd=tmp_path,
                )
            )
            server.port = port
            server.wait_for("Server listening")
            home.trust(f"[127.0.0.1]:{port}", Path(f"{host_key}.pub"))
            return server

        yield start


def transport(server: support.Process) -> ITransport:
    user = getpass.getuser()
    return open_transport(
        RootURL.parse(f"zsync+ssh://{user}:zsync@127.0.0.1:{server.port}/demo")
    )


def test_requests_go_through_the_subsystem(
    start_sshd: StartSSHD, zope: support.StandInZope
) -> None:
    there = transport(start_sshd())
    for _ in range(2):
        answer = there.request("GET", GET, AUTHORIZATION)
        assert answer.status == 200
        assert len(answer.fp.read()) == 119
    body = b"x" * 300_000
    answer = there.request("POST", POST, AUTHORIZATION, io.BytesIO(body), len(body))
    assert answer.status == 200
    assert (zope.seen[-1].target, zope.seen[-1].size) == (POST, 300_000)
    there.close()


def test_requests_of_other_programs_are_refused(
    start_sshd: StartSSHD, zope: support.StandInZope
) -> None:
    there = transport(start_sshd())
    assert there.request("GET", "/demo/@@delete", []).status == 404
    assert there.request("GET", "/demo/@@checkin.snarf", []).status == 405
    body = b"x" * 10 * MB
    answer = there.request("POST", "/demo/@@delete", [], io.BytesIO(body), len(body))
    assert answer.status == 404
    assert zope.seen == []
    there.close()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_100_mb_go_both_ways_with_flat_memory(
    start_sshd: StartSSHD, zope: support.StandInZope, tmp_path: Path
) -> None:
    there = transport(start_sshd())
    zope.answer_size = 100 * MB
    answer = there.request("GET", GET, [])
    size = 0
    while block := answer.fp.read(1 << 16):
        size += len(block)
    assert size == 100 * MB
    zope.answer_size = 119
    with open("/dev/zero", "rb") as zeros:
        answer = there.request("POST", POST, AUTHORIZATION, zeros, 100 * MB)
    assert answer.status == 200
    assert zope.seen[-1].size == 100 * MB
    there.close()
    # One note from each of the two sessions, written when they have ended.
    notes = tmp_path / "peak"
    support.wait_until(lambda: notes.exists() and notes.read_text().count("\n") == 2)
    assert max(map(int, notes.read_text().split())) < 60 * MB


def test_a_subsystem_that_dies_is_an_error(
    start_sshd: StartSSHD, zope: support.StandInZope, tmp_path: Path
) -> None:
    zope.answer_size, zope.pause = 50 * MB, 0.05
    there = transport(start_sshd())
    answer = there.request("GET", GET, [])
    answer.fp.read(100_000)
    os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)
    with pytest.raises(ServerUnreachable, match="bytes are missing"):
        answer.fp.read()
    there.close()


def test_a_server_without_the_subsystem_is_told(start_sshd: StartSSHD) -> None:
    there = transport(start_sshd(subsystem=False))
    with pytest.raises(ServerRefused, match="has no ssh subsystem 'zsync'"):
        there.request("GET", GET, [])
    there.close()


def test_a_subsystem_that_cannot_start_is_told(start_sshd: StartSSHD) -> None:
    there = transport(start_sshd("--nonsense"))
    with pytest.raises(ServerUnreachable, match="before its answer was complete"):
        there.request("GET", GET, [])
    there.close()


def test_the_zope_user_can_be_bound_to_the_login(start_sshd: StartSSHD) -> None:
    there = transport(start_sshd("--same-user"))
    answer = there.request("GET", GET, AUTHORIZATION)
    assert answer.status == 403
    assert f"only the user {getpass.getuser()}".encode() in answer.fp.read()
    there.close()


def test_proxy_jump_leads_through_another_server(
    start_sshd: StartSSHD, start_demo: StartDemo, home: support.Home
) -> None:
    sshd, demo = start_sshd(subsystem=False), start_demo()
    (home.ssh / "config").write_text(
        f"Host inner\n  HostName 127.0.0.1\n  Port {demo.port}\n"
        f"  ProxyJump {getpass.getuser()}@127.0.0.1:{sshd.port}\n"
    )
    result = support.get("zsync+ssh://zsync:zsync@inner/demo", home.env)
    assert result.stdout.startswith("status 200"), result.stderr
    sshd.wait_for("Accepted publickey")


def test_a_jump_server_with_a_changed_key_is_refused(
    start_sshd: StartSSHD, start_demo: StartDemo, home: support.Home, tmp_path: Path
) -> None:
    sshd, demo = start_sshd(subsystem=False), start_demo()
    (home.ssh / "known_hosts").unlink()
    other = support.make_key(tmp_path / "other")
    home.trust(f"[127.0.0.1]:{sshd.port}", Path(f"{other}.pub"))
    (home.ssh / "config").write_text(
        f"Host inner\n  HostName 127.0.0.1\n  Port {demo.port}\n"
        f"  ProxyJump 127.0.0.1:{sshd.port}\n"
    )
    result = support.get("zsync+ssh://zsync:zsync@inner/demo", home.env)
    assert result.returncode == 6
    assert "THE HOST KEY HAS CHANGED" in result.stderr
