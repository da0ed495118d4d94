"""Somebody who runs git, and zsync by way of it."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

from zope.app.fssync.testing.processes import environment

__all__ = ["Clone", "GitPerson", "write_helper"]

_TIMEOUT = 120

_HELPER = """\
#!{python}
import sys
from zope.app.fssync.cli.git_remote import main
sys.exit(main())
"""


def write_helper(programs: Path) -> Path:
    """Write the program that git runs for ``zsync::`` into a directory; return it."""
    helper = programs / "git-remote-zsync"
    helper.write_text(_HELPER.format(python=sys.executable), encoding="utf-8")
    helper.chmod(helper.stat().st_mode | stat.S_IXUSR)
    return helper


class GitPerson:
    """Somebody with a directory to work in, a home directory, git and its helper."""

    def __init__(self, place: Path, name: str = "Jane") -> None:
        self.place = place
        home, programs = place / f"home-{name}", place / f"bin-{name}"
        for each in (home, programs):
            each.mkdir(parents=True)
        #: The program that git runs for ``zsync::``.
        self.helper = write_helper(programs)
        self.environment = environment(
            home,
            GIT_CONFIG_NOSYSTEM="1",
            LC_ALL="C.UTF-8",
            **{f"GIT_{who}_NAME": name for who in ("AUTHOR", "COMMITTER")},
            **{
                f"GIT_{who}_EMAIL": f"{name.lower()}@example.org"
                for who in ("AUTHOR", "COMMITTER")
            },
        )
        self.environment["PATH"] = f"{programs}:{self.environment['PATH']}"
        self("config", "--global", "pull.rebase", "false")
        self("config", "--global", "init.defaultBranch", "main")

    def __call__(
        self, *arguments: str, status: int = 0, cwd: Path | None = None
    ) -> str:
        """Run git, which must end with a status; return all that it says."""
        done = subprocess.run(
            ["git", *arguments],
            cwd=cwd or self.place,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_TIMEOUT,
        )
        assert done.returncode == status, done.stdout
        assert "Traceback" not in done.stdout, done.stdout
        return done.stdout

    def clone(self, url: str, name: str, *options: str) -> Clone:
        """Clone a folder of a server."""
        self("clone", "--quiet", *options, f"zsync::{url}", name)
        return Clone(self, self.place / name)


class Clone:
    """A clone that somebody works in."""

    def __init__(self, person: GitPerson, place: Path) -> None:
        self.person = person
        self.place = place

    def __call__(self, *arguments: str, status: int = 0) -> str:
        return self.person(*arguments, status=status, cwd=self.place)

    def write(self, path: str, content: str | bytes) -> None:
        place = self.place / path
        place.parent.mkdir(parents=True, exist_ok=True)
        data = content.encode() if isinstance(content, str) else content
        place.write_bytes(data)

    def read(self, path: str) -> str:
        return (self.place / path).read_text(encoding="utf-8")

    def commit(self, message: str) -> None:
        """Commit everything as it is."""
        self("add", "--all")
        self("commit", "--quiet", "--message", message)

    def push(self) -> subprocess.CompletedProcess[str]:
        """Push, which may be rejected."""
        done = subprocess.run(
            ["git", "push"],
            cwd=self.place,
            env=self.person.environment,
            capture_output=True,
            text=True,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def push_all_the_same(self) -> list[str]:
        """Push until it is done; return why it was rejected before."""
        rejected = []
        while (done := self.push()).returncode:
            rejected.append(done.stderr)
            self("pull", "--quiet", "--rebase")
        return rejected

    def files(self) -> set[str]:
        """The files of the last commit."""
        return set(self("ls-files", "-z").split("\0")) - {""}

    def head(self, name: str = "HEAD") -> str:
        return self("rev-parse", name).strip()

    def status(self) -> str:
        """The state of the branch, and what is not committed."""
        return self("status", "--short", "--branch").strip()

    def log(self, form: str = "%s", *options: str) -> list[str]:
        """The commits, the newest first."""
        return self("log", f"--format={form}", *options).splitlines()
