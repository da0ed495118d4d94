"""People with the client, and what they have in their working copies."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from zope.app.fssync.testing.ofs.instance import environment

__all__ = ["Person", "files"]


class Person:
    """Somebody with a home directory, and zsync."""

    def __init__(self, place: Path) -> None:
        self.place = place
        (place / "home").mkdir(parents=True)

    def zsync(self, *arguments: str, status: int = 0) -> str:
        code = "import sys; from zope.app.fssync.main import main; sys.exit(main())"
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            cwd=self.place,
            env={**environment(), "HOME": str(self.place / "home")},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=3000,
        )
        assert done.returncode == status, done.stdout
        return done.stdout


def files(tree: Path) -> dict[str, bytes]:
    """Return the content of all files, and of all that goes with them."""
    return {
        str(path.relative_to(tree)): path.read_bytes()
        for path in sorted(tree.rglob("*"))
        if path.is_file() and "Original" not in path.parts
    }
