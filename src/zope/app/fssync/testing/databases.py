"""Database servers of the tests: real processes, each with a directory of its own.

A storage is what `zope.conf` says; a server process of the demonstration that is
given the same section works on the same database.
"""

from __future__ import annotations

import contextlib
import gc
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from typing import NamedTuple

import pytest
import ZODB.config

from zope.app.fssync.testing.processes import free_port
from zope.app.fssync.testing.ssh import process

__all__ = [
    "PostgreSQL",
    "Storage",
    "file_storage",
    "postgresql",
    "relational",
    "served",
]

#: Where Debian installs the servers of PostgreSQL, which are on no path.
DEBIAN = Path("/usr/lib/postgresql")


class Storage(NamedTuple):
    """A storage that processes share, as sections of their configurations."""

    section: str
    imports: str = ""
    #: How many processes may have it open.
    processes: int = 2
    #: True if it keeps old states of objects.
    has_history: bool = True
    #: Where its server listens, if it has one of ZEO.
    address: tuple[str, int] = ("", 0)

    def open(self) -> Any:
        """Open its database in this process."""
        text = f"{self.imports}\n<zodb>\n{self.section}\n</zodb>"
        return ZODB.config.databaseFromString(text)

    def pack(self) -> None:
        """Pack it, as the administrator's script does."""
        db = self.open()
        # RelStorage collects garbage for each step from the root to a leaf: what the
        # process of a test has loaded need not be looked at.
        gc.freeze()
        try:
            db.pack()
        finally:
            gc.unfreeze()
            db.close()


def file_storage(place: Path) -> Storage:
    """A file, which one process at a time has open."""
    return Storage(
        f"<filestorage>\npath {place}/Data.fs\nblob-dir {place}/blobs\n</filestorage>",
        processes=1,
    )


@contextlib.contextmanager
def served(place: Path, shared: bool = False) -> Iterator[Storage]:
    """A ZEO server and what its clients say; blobs may be in a shared directory."""
    port = free_port()
    (place / "zeo.conf").write_text(
        f"<zeo>\naddress 127.0.0.1:{port}\n</zeo>\n"
        f"<filestorage>\npath Data.fs\nblob-dir {place}/blobs\n</filestorage>\n"
    )
    address = f"127.0.0.1:{port}"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with process(
        *(sys.executable, "-m", "ZEO.runzeo", "-C", "zeo.conf"),
        env=environment,
        cwd=place,
    ):
        yield Storage(
            f"<clientstorage>\nserver {address}\nserver-sync true\n"
            f"blob-dir {place}/{'blobs' if shared else 'cache'}\n"
            f"shared-blob-dir {str(shared).lower()}\n"
            "wait-timeout 60\n</clientstorage>",
            "%import ZEO",
            address=("127.0.0.1", port),
        )


def relational(dsn: str, history: bool, place: Path, more: str = "") -> Storage:
    """A database of PostgreSQL, with old states of objects or without.

    Blobs are in the database, and in a cache in ``place``; ``more`` is more settings.
    """
    return Storage(
        f"<relstorage>\nkeep-history {str(history).lower()}\n"
        f"blob-dir {place}/blobs\nshared-blob-dir false\n{more}\n"
        f"<postgresql>\ndriver psycopg2\ndsn {dsn}\n</postgresql>\n</relstorage>",
        "%import relstorage",
        has_history=history,
    )


class PostgreSQL:
    """A server of PostgreSQL, in a directory of its own."""

    def __init__(self, programs: Path, place: str) -> None:
        self._programs = programs
        # Its server refuses to run as root.
        self._user = "postgres" if os.getuid() == 0 else None
        self.place = place
        if self._user:
            shutil.chown(place, self._user, self._user)

    def run(self, program: str, *arguments: str) -> str:
        """Run one of its programs, and return what it prints."""
        command = [str(self._programs / program), *arguments]
        done = subprocess.run(
            command,
            user=self._user,
            cwd=self.place,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout

    def initialize(self) -> None:
        """Make a server without databases."""
        options = ("-U", "zodb", "-A", "trust", "--no-sync", "--no-locale")
        self.run("initdb", "-D", f"{self.place}/data", *options)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = [str(self._programs / "postgres"), "-D", f"{self.place}/data"]
        command += ["-k", self.place, "-c", "listen_addresses=", "-c", "fsync=off"]
        with open(f"{self.place}/log", "ab") as log:
            self._server = subprocess.Popen(
                command,
                user=self._user,
                cwd=self.place,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + 60
        ready = [str(self._programs / "pg_isready"), "-q", "-h", self.place]
        while subprocess.call(ready, cwd=self.place):
            assert self._server.poll() is None, Path(self.place, "log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it, and all connections; SIGQUIT has it repair its data at the start."""
        self._server.send_signal(how)
        self._server.wait(60)

    def sql(self, command: str, name: str = "postgres") -> str:
        """Return what a command in SQL yields."""
        login = ("-h", self.place, "-U", "zodb", "-d", name)
        return self.run("psql", *login, "-qAtc", command).strip()

    @contextlib.contextmanager
    def replica(self) -> Iterator[PostgreSQL]:
        """Run a server that follows this one, and is for reading."""
        place = _place()
        try:
            found = PostgreSQL(self._programs, place)
            login = ("-h", self.place, "-U", "zodb")
            data = f"{place}/data"
            found.run("pg_basebackup", *login, "-D", data, "-R", "-N", "-c", "fast")
            found.start()
            yield found
            found.stop(signal.SIGQUIT)
        finally:
            shutil.rmtree(place)

    def __call__(self, name: str) -> str:
        """Make a database, and return its DSN."""
        self.run("createdb", "-h", self.place, "-U", "zodb", name)
        return f"dbname={name} user=zodb host={self.place}"


def _place() -> str:
    """Make a directory: in memory, and with a short path, as sockets need it."""
    memory = Path("/dev/shm")  # noqa: S108
    return tempfile.mkdtemp(prefix="pg", dir=memory if memory.is_dir() else None)


@contextlib.contextmanager
def postgresql() -> Iterator[PostgreSQL]:
    """Run a server of PostgreSQL."""
    found = sorted(DEBIAN.glob("*/bin/initdb"))
    initdb = shutil.which("initdb") or (found[-1] if found else None)
    if initdb is None:
        pytest.fail("PostgreSQL is missing: install the Debian package postgresql")
    place = _place()
    try:
        server = PostgreSQL(Path(initdb).resolve().parent, place)
        server.initialize()
        server.start()
        yield server
        # Its data are thrown away.
        server.stop(signal.SIGQUIT)
    finally:
        shutil.rmtree(place)
