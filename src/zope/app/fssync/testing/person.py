"""Somebody who runs zsync."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from zope.app.fssync.testing.commands import run_zsync
from zope.app.fssync.testing.processes import environment
from zope.app.fssync.testing.terminal import talk

__all__ = ["Person"]


class Person:
    """Somebody with a directory to work in, a home directory, and zsync.

    The home directory is by default in the other one.  Commands run in this process;
    keywords are variables of their environment.
    """

    def __init__(self, place: Path, home: Path | None = None) -> None:
        self.place = place
        self.home = place / "home" if home is None else home
        self.home.mkdir(parents=True, exist_ok=True)
        #: The messages of the last command that was called, not run with `zsync`.
        self.said = ""

    def __call__(
        self, *arguments: str, status: int = 0, stdin: str = "", **variables: Any
    ) -> str:
        """Run zsync, which must end with a status; return its output."""
        return self.output(*arguments, status=status, stdin=stdin, **variables).decode()

    def output(
        self, *arguments: str, status: int = 0, stdin: str = "", **variables: Any
    ) -> bytes:
        """Return the output, which need be no text."""
        env = environment(self.home, **variables)
        done = run_zsync(*arguments, cwd=self.place, env=env, stdin=stdin.encode())
        self.said = done.stderr.decode()
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout

    def zsync(self, *arguments: str, status: int = 0) -> str:
        """Run zsync as above; return what a terminal shows."""
        env = environment(self.home)
        done = run_zsync(*arguments, cwd=self.place, env=env, merged=True)
        shown = done.stdout.decode()
        assert done.returncode == status, shown
        return shown

    def talk(
        self,
        arguments: Sequence[str],
        *dialogue: tuple[bytes, bytes],
        cwd: Path | None = None,
        **variables: Any,
    ) -> tuple[int, bytes]:
        """Run zsync on a terminal, as `terminal.talk` does."""
        env = environment(self.home, **{"TERM": "xterm", **variables})
        return talk(arguments, *dialogue, cwd=cwd or self.place, env=env)
