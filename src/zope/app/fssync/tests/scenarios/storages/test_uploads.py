"""A large commit survives lost connections, killed servers and killed commands."""

from __future__ import annotations

import contextlib
import itertools
import os
import random
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from zope.app.fssync.client import connection
from zope.app.fssync.client import uploading
from zope.app.fssync.testing import ssh as support
from zope.app.fssync.testing.processes import environment
from zope.app.fssync.testing.processes import zsync_command
from zope.app.fssync.testing.sshfixtures import home as home
from zope.app.fssync.testing.sshfixtures import host_key as host_key
from zope.app.fssync.tests.scenarios.storages.line import Line
from zope.app.fssync.tests.scenarios.storages.people import LostReplies
from zope.app.fssync.tests.scenarios.storages.people import Person
from zope.app.fssync.tests.scenarios.storages.people import Servers
from zope.fssync.errors import Error
from zope.fssync.errors import ServerUnreachable
from zope.fssync.limits import LEAST_UPLOAD_PART
from zope.fssync.limits import UPLOAD_PART
from zope.fssync.limits import UPLOADED_SIZE

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_proxies")]

PART = LEAST_UPLOAD_PART
SIZE = 10 * PART

#: Seconds for a killed process to go away.
PATIENCE = 60


class Balancer(Line):
    """Sends each connection to the next process, and counts what clients send."""

    def __init__(self, servers: Servers) -> None:
        self._servers = itertools.cycle(servers.demos)
        self._lock = threading.Lock()
        self.sent = 0
        #: What happens once clients have sent so much more.
        self._then: tuple[int, Callable[[], object]] | None = None
        super().__init__("")

    def after(self, size: int, what: Callable[[], object]) -> None:
        self._then = self.sent + size, what

    def _connect(self) -> socket.socket:
        demo = next(self._servers)
        running = demo.instance.running()
        if running is None:
            raise ConnectionRefusedError
        return socket.create_connection(("127.0.0.1", running.port))

    def _pass_on(
        self, source: socket.socket, target: socket.socket, late: bool
    ) -> None:
        counted: Any = source if late else _Counted(source, self)
        super()._pass_on(counted, target, late)

    def count(self, size: int) -> None:
        with self._lock:
            self.sent += size
            then = self._then
            if then is None or self.sent < then[0]:
                return
            self._then = None
        then[1]()


class _Counted:
    """What a client sends."""

    def __init__(self, source: socket.socket, balancer: Balancer) -> None:
        self._source = source
        self._balancer = balancer

    def recv(self, size: int) -> bytes:
        data = self._source.recv(size)
        self._balancer.count(len(data))
        return data

    def shutdown(self, how: int) -> None:
        self._source.shutdown(how)


@pytest.fixture
def balancer(servers: Servers) -> Iterator[Balancer]:
    with contextlib.closing(Balancer(servers)) as found:
        yield found


@pytest.fixture
def ann(balancer: Balancer, tmp_path: Path) -> Person:
    return Person(f"http://zsync:zsync@127.0.0.1:{balancer.address[1]}/demo", tmp_path)


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "UPLOADED_SIZE", PART)
    monkeypatch.setattr(uploading, "UPLOAD_PART", PART)


def content(size: int = SIZE) -> bytes:
    return random.Random(size).randbytes(size)


def stored(servers: Servers, name: str = "big.bin") -> bytes:
    return servers.demos[0].get(f"demo/{name}")


def waiting(servers: Servers) -> int:
    """How many archives wait in the database."""
    db = servers.storage.open()
    with contextlib.closing(db), contextlib.closing(db.open()) as found:
        return len(found.root().get("zope.app.fssync.uploads", ()))


@pytest.mark.usefixtures("small_parts")
def test_parts_go_to_both_processes(
    servers: Servers, balancer: Balancer, ann: Person
) -> None:
    ann.add("big.bin", content())
    ann.commit()
    assert stored(servers) == content()
    assert waiting(servers) == 0
    logs = [Path(demo.data, "demo.log").read_text() for demo in servers.demos]
    assert all("@@upload.snarf" in log for log in logs)


@pytest.mark.usefixtures("small_parts")
def test_a_commit_goes_on_where_the_connection_was_cut(
    servers: Servers, balancer: Balancer, ann: Person
) -> None:
    ann.add("big.bin", content())
    before = balancer.sent
    balancer.after(SIZE // 2, balancer.cut)
    ann.commit()
    assert stored(servers) == content()
    # One part at most was sent twice.
    assert balancer.sent - before < SIZE + 2 * PART


@pytest.mark.usefixtures("small_parts")
def test_a_commit_goes_on_when_the_servers_were_killed(
    servers: Servers, balancer: Balancer, ann: Person
) -> None:
    ann.add("big.bin", content())

    def kill() -> None:
        for demo in servers.demos:
            os.kill(demo.running.pid, signal.SIGKILL)
        threading.Thread(target=start).start()

    def start() -> None:
        for demo in servers.demos:
            end = time.monotonic() + PATIENCE
            while demo.instance.running() is not None:
                assert time.monotonic() < end
                time.sleep(0.05)
        servers.start()

    before = balancer.sent
    balancer.after(SIZE // 2, kill)
    ann.commit()
    assert stored(servers) == content()
    assert balancer.sent - before < SIZE + 2 * PART
    assert waiting(servers) == 0


@pytest.mark.usefixtures("small_parts")
def test_changed_files_begin_anew(
    servers: Servers,
    balancer: Balancer,
    ann: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(uploading, "UPLOAD_TRIES", 0)
    ann.add("big.bin", content())
    balancer.after(SIZE // 2, balancer.cut)
    with pytest.raises(ServerUnreachable) as caught:
        ann.commit()
    assert "Nothing was committed" in str(caught.value.advice)
    ann.write("big.bin", content()[::-1])
    before = balancer.sent
    ann.commit()
    assert balancer.sent - before > SIZE
    assert stored(servers) == content()[::-1]


@pytest.mark.usefixtures("small_parts")
def test_a_commit_whose_answer_is_lost_is_not_sent_again(
    servers: Servers, balancer: Balancer, ann: Person
) -> None:
    ann.add("big.bin", content())
    with pytest.raises(ServerUnreachable):
        ann._run("commit", ann.top, network=LostLast)
    assert stored(servers) == content()
    before = balancer.sent
    with pytest.raises(Error, match="stored already"):
        ann.commit()
    assert balancer.sent - before < PART
    ann.update()
    ann.commit()
    assert waiting(servers) == 0


@pytest.mark.usefixtures("small_parts")
def test_parts_go_over_ssh(
    servers: Servers, home: support.Home, host_key: Path, tmp_path: Path
) -> None:
    demo = servers.demos[0]
    command = support.demo_command(demo.running.url, host_key)
    with support.process(*command, env=home.env, cwd=home.path) as server:
        port = int(server.wait_for(r"ready on .* port (\d+)")[1])
        home.trust(f"[127.0.0.1]:{port}", Path(f"{host_key}.pub"))
        ann = Person(f"zsync+ssh://zsync:zsync@127.0.0.1:{port}/demo", tmp_path)
        ann.add("ssh.bin", content())
        ann.commit()
    assert stored(servers, "ssh.bin") == content()
    assert "/demo/@@upload.snarf 200" in Path(demo.data, "demo.log").read_text()


class LostLast(LostReplies):
    """Loses the answer to a commit, and to none of its parts."""

    def httpreq(self, path: str, view: str, *args: Any, **more: Any) -> Any:
        if view.startswith("@@fromFS"):
            return super().httpreq(path, view, *args, **more)
        return connection.Network.httpreq(self, path, view, *args, **more)


def test_a_killed_command_is_continued_by_the_next_one(
    servers: Servers, balancer: Balancer, ann: Person, tmp_path: Path
) -> None:
    size = UPLOADED_SIZE + UPLOAD_PART
    at_first = [peak(demo.running.pid) for demo in servers.demos]
    ann.add("big.bin", content(size))
    env = environment(tmp_path, ZSYNC_USER="zsync", ZSYNC_PASSWORD="zsync")
    command = zsync_command("commit", "-q", "-m", "large", str(ann.top))
    with subprocess.Popen(command, env=env) as killed:
        balancer.after(3 * UPLOAD_PART, killed.kill)
    assert killed.returncode == -signal.SIGKILL
    before = balancer.sent
    used: list[int] = []
    with subprocess.Popen(command, env=env) as continued:
        balancer.after(UPLOAD_PART, lambda: used.append(peak(continued.pid)))
    assert continued.returncode == 0
    assert balancer.sent - before < size - UPLOAD_PART
    # Neither side has the archive in its memory.
    assert used[0] < size
    assert all(
        peak(demo.running.pid) < first + size // 2
        for demo, first in zip(servers.demos, at_first, strict=True)
    )
    assert stored(servers) == content(size)


def peak(pid: int) -> int:
    """The most memory that a process ever had, in bytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) << 10
    raise AssertionError("no VmHWM")
