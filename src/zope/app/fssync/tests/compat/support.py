"""Both generations of client and server, for the tests that pair them.

The originals run where FSSYNC_PEER27 names a folder with ``venv/bin/python``, a
Python 2.7 that has zope.app.fssync 3.6.0 and zope.fssync 3.6.1, and FSSYNC_PEER
one with ``serve.py`` (their server) and ``zsync27`` (their client).
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import transaction
import waitress.server
from zope.app.wsgi import WSGIPublisherApplication

from zope.app.fssync.tests.serversite import ServerSite
from zope.app.fssync.tests.ssh import support

__all__ = [
    "Client",
    "OldServer",
    "old_server",
    "recorded",
    "requires_peer",
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

OURS = "import sys; from zope.app.fssync.main import main; sys.exit(main())"


def recorded(name: str) -> bytes:
    """What 3.6.0 wrote: a file below the data of the tests of the server."""
    return (files("zope.app.fssync.tests") / "data" / name).read_bytes()


class Client:
    """A person with a home directory and the zsync of one generation."""

    def __init__(self, home: Path, old: bool) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.home = home
        self.old = old
        self.env = {
            **{k: v for k, v in os.environ.items() if not k.startswith("SSH_")},
            "HOME": str(home),
            "LC_ALL": "C.UTF-8",
            "PYTHONPATH": "" if old else os.pathsep.join(filter(None, sys.path)),
        }

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run zsync, whatever comes of it."""
        if self.old:
            command = [str(PEER / "zsync27"), *arguments]
        else:
            command = [sys.executable, "-c", OURS, *arguments]
        return subprocess.run(
            command,
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


class LiveSite:
    """The site of a test, answering on a port."""

    def __init__(self, site: ServerSite, port: int) -> None:
        self.site = site
        self.port = port
        self.address = f"http://127.0.0.1:{port}"
        self.url = f"http://manager:managerpw@127.0.0.1:{port}"

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


class OldServer:
    """A running server of 3.6.0."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.address = f"http://127.0.0.1:{port}"
        self.url = f"http://zsync:zsync@127.0.0.1:{port}"


@contextlib.contextmanager
def old_server(place: Path, sample: str) -> Iterator[OldServer]:
    """Run the server of 3.6.0 with some of its sample trees."""
    place.mkdir(parents=True, exist_ok=True)
    port = support.free_port()
    with support.process(
        *(str(PYTHON27), "-W", "ignore", str(PEER / "serve.py"), str(port)),
        *(str(place / "Data.fs"), "--sample", sample),
        env={**os.environ, "LC_ALL": "C.UTF-8", "PYTHONPATH": ""},
        cwd=place,
    ) as server:
        server.wait_for("READY")
        yield OldServer(port)
