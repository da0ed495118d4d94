"""Exchanges over ssh, over a connection that is cut, and beside another client."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from zope.app.fssync.testing import ssh as support
from zope.app.fssync.tests.scenarios.changesonly.people import Person
from zope.app.fssync.tests.scenarios.changesonly.site import Server
from zope.app.fssync.tests.scenarios.compat.support import Client
from zope.fssync.errors import ServerUnreachable


class Relay:
    """Carries bytes to a server and back; cuts an answer off if it is told to."""

    def __init__(self, port: int) -> None:
        self.cut = False
        self._port = port
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._socket.accept()
                server = socket.create_connection(("127.0.0.1", self._port))
                for ends in ((client, server, False), (server, client, True)):
                    threading.Thread(target=self._carry, args=ends, daemon=True).start()

    def _carry(
        self, source: socket.socket, target: socket.socket, answers: bool
    ) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                if answers and self.cut:
                    self.cut = False
                    break
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def relay(server: Server) -> Iterator[Relay]:
    relay = Relay(server._server.effective_port)
    yield relay
    relay.close()


def change(site, data):
    with site.changing() as root:
        root["area"]["demo"]["docs"]["two.txt"].data = data


def test_a_commit_whose_reply_is_cut_off_is_answered_the_next_time(
    relay, site, wire, tmp_path
):
    copy = Person(relay.url, "manager", tmp_path / "manager")
    copy.write("docs/two.txt", b"mine\n")
    relay.cut = True
    wire.said.clear()
    with pytest.raises(ServerUnreachable):
        copy("commit")
    assert wire.said[-1].status.startswith("200")
    with site.changing() as root:
        assert root["area"]["demo"]["docs"]["two.txt"].data == b"mine\n"
    before = site.db.lastTransaction()
    copy("commit")
    assert site.db.lastTransaction() == before
    assert copy.update() == []


@pytest.mark.slow
def test_states_and_news_travel_over_ssh(server, site, wire, tmp_path):
    home = tmp_path / "home"
    person = support.Home(home)
    key = support.make_key(person.ssh / "id_rsa", kind="rsa")
    host_key = support.make_key(tmp_path / "host-key")
    command = support.demo_command(server.url, host_key, f"--authorized-keys={key}.pub")
    with support.process(*command, env=person.env, cwd=home) as gate:
        port = int(gate.wait_for(r"ready on .* port (\d+)")[1])
        person.trust(f"[127.0.0.1]:{port}", Path(f"{host_key}.pub"))
        zsync = Client(home, old=False)
        url = f"zsync+ssh://manager:managerpw@127.0.0.1:{port}"
        zsync("checkout", f"{url}/area/demo", "co")
        zsync("upgrade", "co")
        wire.said.clear()
        change(site, b"theirs\n")
        assert "U co/demo/docs/two.txt" in zsync("update", "co")
        assert wire.said[-1].state
        assert wire.said[-1].scope is not None
        change(site, b"theirs again\n")
        (home / "co/demo/docs/deep/one.txt").write_bytes(b"mine\n")
        done = zsync.run("commit", "co")
        assert done.returncode == 0
        assert "1 object is newer on the server" in done.stderr
        assert wire.said[-1].arguments["commit"]
        assert "U co/demo/docs/two.txt" in zsync("update", "co")
        # So does the past.
        newest = zsync("log", "-l", "1", "co/demo/docs/two.txt").split()[0]
        assert zsync("cat", "-r", newest, "co/demo/docs/two.txt") == "theirs again\n"
        old = zsync("cat", "-r", "PREV", "co/demo/docs/two.txt")
        assert old == "theirs\n"
        zsync("undo", "--server", newest, "co/demo")
        assert zsync("cat", "-r", "HEAD", "co/demo/docs/two.txt") == "theirs\n"


def test_a_conversion_keeps_the_state(person, site, wire):
    copy = person()
    for verb in ("downgrade", "upgrade"):
        copy(verb)
        change(site, verb.encode())
        wire.said.clear()
        copy.update()
        assert wire.said[0].scope is not None


def test_a_client_without_states_may_work_in_the_same_working_copy(person, site, wire):
    """As 3.6.0 does, in its layout: files become newer than the state says."""
    copy, other = person(), person()
    copy("downgrade")
    change(site, b"theirs\n")
    other("downgrade")
    other("update")
    other.write("docs/deep/one.txt", b"committed by the other\n")
    other("commit")
    state = copy.state_file.read_bytes()
    shutil.copytree(other.root, copy.root, dirs_exist_ok=True)
    copy.state_file.write_bytes(state)
    assert copy.differences() == {}
    wire.said.clear()
    assert copy.update() == []
    assert wire.said[0].scope is not None
    change(site, b"1\n2\n3\n4\n5\n6\n7\n")
    copy.update()
    copy.write("docs/two.txt", b"mine\n")
    copy("commit")
    copy.update()
