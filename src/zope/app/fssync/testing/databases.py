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
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from typing import NamedTuple

import pytest
import ZODB.config

from zope.app.fssync.testing.processes import free_port
from zope.app.fssync.testing.ssh import process

__all__ = ["Storage", "file_storage", "postgresql", "relational", "served"]

#: Where Debian installs the servers of PostgreSQL, which are on no path.
DEBIAN = Path("/usr/lib/postgresql")


class Storage(NamedTuple):
    """A storage that processes share, as sections of their configurations."""

    section: str
    imports: str = ""
    #: How many processes may have it open.
    processes: int = 2
    #: Does it keep old states of objects?
    has_history: bool = True

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
        )


def relational(dsn: str, history: bool, place: Path) -> Storage:
    """A database of PostgreSQL, with old states of objects or without.

    Blobs are in the database, and in a cache in ``place``.
    """
    return Storage(
        f"<relstorage>\nkeep-history {str(history).lower()}\n"
        f"blob-dir {place}/blobs\nshared-blob-dir false\n"
        f"<postgresql>\ndriver psycopg2\ndsn {dsn}\n</postgresql>\n</relstorage>",
        "%import relstorage",
        has_history=history,
    )


@contextlib.contextmanager
def postgresql() -> Iterator[Callable[[str], str]]:
    """Run a server of PostgreSQL; yield what makes a database and tells its DSN."""
    found = sorted(DEBIAN.glob("*/bin/initdb"))
    initdb = shutil.which("initdb") or (found[-1] if found else None)
    if initdb is None:
        pytest.fail("PostgreSQL is missing: install the Debian package postgresql")
    programs = Path(initdb).resolve().parent
    # Its server refuses to run as root.
    user = "postgres" if os.getuid() == 0 else None
    # A path to a socket has to be short.
    place = tempfile.mkdtemp(prefix="pg")
    if user:
        shutil.chown(place, user, user)

    def run(program: str, *arguments: str) -> None:
        command = [str(programs / program), *arguments]
        subprocess.run(command, user=user, cwd=place, check=True, capture_output=True)

    data = f"{place}/data"
    run("initdb", "-D", data, "-U", "zodb", "-A", "trust", "--no-sync", "--no-locale")
    command = [str(programs / "postgres"), "-D", data, "-k", place]
    command += ["-c", "listen_addresses=", "-c", "fsync=off"]
    with open(f"{place}/log", "wb") as log:
        server = subprocess.Popen(
            command,
            user=user,
            cwd=place,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + 60
        ready = [str(programs / "pg_isready"), "-q", "-h", place]
        while subprocess.call(ready, cwd=place):
            assert server.poll() is None, Path(place, "log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.05)

        def database(name: str) -> str:
            run("createdb", "-h", place, "-U", "zodb", name)
            return f"dbname={name} user=zodb host={place}"

        yield database
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(60)
        shutil.rmtree(place)
