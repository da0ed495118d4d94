"""Commands as processes of their own, and people who run zsync."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from zope.app.fssync.testing.commands import run_zsync

__all__ = ["Person", "environment", "free_port", "zsync_command"]

_run = "import sys; from zope.app.fssync.main import main; sys.exit(main())"


def zsync_command(*arguments: str) -> list[str]:
    """Return the command line that runs zsync."""
    return [sys.executable, "-c", _run, *arguments]


def environment(home: Path | None = None, **more: str) -> dict[str, str]:
    """Return the environment of a process that imports what this one imports.

    Proxies are left out: the servers of tests are on this machine.
    """
    kept = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
    if home is not None:
        kept["HOME"] = str(home)
    return {**kept, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **more}


def free_port() -> int:
    """Return a port of this machine that nobody uses at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


class Person:
    """Somebody with a directory to work in, a home directory, and zsync."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.home = place / "home"
        self.home.mkdir(parents=True)
        #: The messages of the last command that was called, not run with `zsync`.
        self.said = ""

    def __call__(self, *arguments: str, status: int = 0) -> bytes:
        """Run zsync, which must end with a status; return its output."""
        done = self._run(arguments, status)
        self.said = done.stderr.decode()
        return done.stdout

    def zsync(self, *arguments: str, status: int = 0) -> str:
        """Run zsync as above; return what a terminal shows."""
        return self._run(arguments, status, merged=True).stdout.decode()

    def _run(
        self, arguments: Sequence[str], status: int, merged: bool = False
    ) -> subprocess.CompletedProcess[bytes]:
        env = environment(self.home)
        done = run_zsync(*arguments, cwd=self.place, env=env, merged=merged)
        assert done.returncode == status, (done.stdout + (done.stderr or b"")).decode()
        return done
