"""Both generations of client and server, for the tests that pair them.

The originals run where FSSYNC_PEER27 names a folder with ``venv/bin/python``, a
Python 2.7 that has zope.app.fssync 3.6.0 and zope.fssync 3.6.1, and FSSYNC_PEER
one with ``serve.py`` and ``sshserve.py`` (their servers) and ``zsync27`` (their
client).
"""

from __future__ import annotations

import base64
import contextlib
import os
import shutil
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import transaction
import waitress.server
from zope.app.wsgi import WSGIPublisherApplication

from zope.app.fssync.testing import ssh as support
from zope.app.fssync.testing.commands import run_zsync
from zope.app.fssync.testing.processes import free_port
from zope.app.fssync.testing.serversite import ServerSite

__all__ = [
    "Alternating",
    "Client",
    "LiveSite",
    "OldServer",
    "Zsync",
    "old_server",
    "old_ssh_server",
    "requires_peer",
    "seed_old",
    "serving",
]

PEER27 = Path(os.environ.get("FSSYNC_PEER27", os.devnull))
PEER = Path(os.environ.get("FSSYNC_PEER", os.devnull))
PYTHON27 = PEER27 / "venv" / "bin" / "python"

requires_peer = pytest.mark.skipif(
    not (PYTHON27.exists() and (PEER / "serve.py").exists()),
    reason="FSSYNC_PEER27 names no Python 2.7 with zope.app.fssync 3.6.0, "
    "or FSSYNC_PEER no folder with its serve.py and zsync27",
)


class Client:
    """A person with a home directory and the zsync of one generation.

    Working copies have the layout that both know.
    """

    def __init__(self, home: Path, old: bool) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.home = home
        self.old = old
        self.env = {
            **{k: v for k, v in os.environ.items() if not k.startswith("SSH_")},
            "HOME": str(home),
            "LC_ALL": "C.UTF-8",
            # What is compared are the lines of 3.6.0.
            "ZSYNC_COMPAT": "3.6",
            "PYTHONPATH": "" if old else os.pathsep.join(filter(None, sys.path)),
        }

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run zsync, whatever comes of it."""
        done = self._run(*arguments)
        if not self.old and arguments[0] == "checkout" and done.returncode == 0:
            assert self._run("downgrade", arguments[-1]).returncode == 0
        return done

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        if not self.old:
            done = run_zsync(*arguments, cwd=self.home, env=self.env)
            said = (done.stdout.decode(), done.stderr.decode())
            return subprocess.CompletedProcess(arguments, done.returncode, *said)
        return subprocess.run(
            [str(PEER / "zsync27"), *arguments],
            env=self.env,
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def __call__(self, *arguments: str) -> str:
        """Run zsync, which must succeed; return what it prints."""
        done = self.run(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


class Alternating:
    """Two clients with one home, who take turns."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._clients = [Client(home, old=True), Client(home, old=False)]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Let the next one run zsync."""
        self._clients.reverse()
        return self._clients[0].run(*arguments)

    def __call__(self, *arguments: str) -> str:
        """Let the next one run zsync, which must succeed."""
        self._clients.reverse()
        return self._clients[0](*arguments)


Zsync = Client | Alternating


class Server:
    """A server on a port, where somebody else works too."""

    #: The credentials of somebody who may do everything.
    login = ""

    def __init__(self, port: int) -> None:
        self.port = port
        self.address = f"http://127.0.0.1:{port}"
        self.url = f"http://{self.login}@127.0.0.1:{port}"

    def request(self, method: str, path: str, body: bytes | None = None) -> bytes:
        """Send a request that must succeed; return the body of the answer."""
        request = urllib.request.Request(
            f"{self.address}/{path}", data=body, method=method
        )
        token = base64.b64encode(self.login.encode()).decode()
        request.add_header("Authorization", f"Basic {token}")
        request.add_header("Content-Type", "text/plain")
        with urllib.request.urlopen(request, timeout=60) as answer:
            data: bytes = answer.read()
        return data

    def put(self, path: str, data: bytes) -> None:
        """Change a file there."""
        self.request("PUT", path, data)


class LiveSite(Server):
    """The site of a test, answering on a port."""

    login = "manager:managerpw"

    def __init__(self, site: ServerSite, port: int) -> None:
        super().__init__(port)
        self.site = site

    @property
    def root(self) -> Any:
        """The root folder as it is stored now."""
        transaction.abort()
        return self.site.root


@contextlib.contextmanager
def serving(site: ServerSite) -> Iterator[LiveSite]:
    """Let a site answer in threads of this process."""
    server = waitress.server.create_server(
        WSGIPublisherApplication(site.layer.db), host="127.0.0.1", port=0
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield LiveSite(site, server.effective_port)
    finally:
        server.close()
        thread.join(5)


class OldServer(Server):
    """A running server of 3.6.0."""

    login = "zsync:zsync"


def seed_old(place: Path, sample: str) -> Path:
    """Make a database with some sample trees of 3.6.0."""
    place.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [
            *(str(PYTHON27), "-W", "ignore", str(PEER / "serve.py"), "0"),
            *(str(place / "Data.fs"), "--sample", sample, "--seed-only"),
        ],
        env={**os.environ, "LC_ALL": "C.UTF-8", "PYTHONPATH": ""},
        check=True,
        capture_output=True,
    )
    return place / "Data.fs"


@contextlib.contextmanager
def old_server(place: Path, database: Path) -> Iterator[OldServer]:
    """Run the server of 3.6.0 with a copy of a database."""
    place.mkdir(parents=True, exist_ok=True)
    shutil.copy(database, place / "Data.fs")
    port = free_port()
    with support.process(
        *(str(PYTHON27), "-W", "ignore", str(PEER / "serve.py"), str(port)),
        str(place / "Data.fs"),
        env={**os.environ, "LC_ALL": "C.UTF-8", "PYTHONPATH": ""},
        cwd=place,
    ) as server:
        server.wait_for("READY")
        yield OldServer(port)


@contextlib.contextmanager
def old_ssh_server(server: OldServer, host_key: Path) -> Iterator[int]:
    """Run the ssh server of 3.6.0 in front of a server; yield its port."""
    port = free_port()
    with support.process(
        *(str(PYTHON27), "-W", "ignore", str(PEER / "sshserve.py")),
        *(str(port), str(server.port), str(host_key)),
        env={**os.environ, "LC_ALL": "C.UTF-8", "PYTHONPATH": ""},
        cwd=host_key.parent,
    ) as gateway:
        gateway.wait_for("READY")
        yield port
