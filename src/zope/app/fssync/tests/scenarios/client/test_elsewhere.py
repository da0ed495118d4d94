"""The client on a system without what only POSIX has, simulated in one process."""

from __future__ import annotations

import subprocess
import sys

import pytest

from zope.app.fssync.testing.demoserver import TIMEOUT
from zope.app.fssync.testing.demoserver import Place
from zope.app.fssync.testing.processes import environment

pytestmark = pytest.mark.slow

#: What the standard library imports by the name of the system is imported before.
ELSEWHERE = """
import asyncio, getpass, http.client, importlib.metadata, inspect, logging, os, pathlib
import platform, random, shutil, ssl, subprocess, sys, tempfile, types, uuid, webbrowser
import zope.annotation, zope.component, zope.filerepresentation, zope.lifecycleevent
import zope.location

MISSING = {"fcntl", "grp", "pwd", "resource", "termios", "tty"}

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name in MISSING:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())
for name in MISSING:
    sys.modules.pop(name, None)
locks = types.ModuleType("msvcrt")
locks.LK_NBLCK = 2
locks.locking = lambda descriptor, mode, size: None
sys.modules["msvcrt"] = locks
for name in (
    "O_CLOEXEC", "O_DIRECTORY", "O_NOFOLLOW", "O_NONBLOCK", "chown", "fchmod", "fchown",
    "fork", "getegid", "geteuid", "getgid", "getuid", "killpg", "mkfifo", "sync",
    "uname",
):
    delattr(os, name)
os.supports_dir_fd = os.supports_fd = os.supports_follow_symlinks = set()
os.name = "nt"

from zope.app.fssync.main import main

sys.exit(main(sys.argv[1:]))
"""


def zsync(place: Place, *args: str) -> str:
    """What a command says there, on both channels."""
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE, *args],
        cwd=place.directory,
        env=environment(place.home),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_a_day_of_work_needs_nothing_of_posix(place: Place) -> None:
    top = place.directory / "elsewhere"
    zsync(place, "checkout", "-q", place.url(), "elsewhere")
    notes = top / "notes"
    (notes / "todo.txt").write_text("- nothing\n")
    (notes / "new.txt").write_text("- new\n")
    zsync(place, "add", "-q", "elsewhere/notes/new.txt")
    zsync(place, "commit", "-q", "-m", "Elsewhere", "elsewhere")
    zsync(place, "move", "-q", "elsewhere/notes/new.txt", "elsewhere/notes/old.txt")
    zsync(place, "commit", "-q", "elsewhere")
    assert zsync(place, "update", "elsewhere") == "Up to date.\n"
    assert zsync(place, "status", "elsewhere") == ""
    assert zsync(place, "doctor", "-q", "elsewhere").count("damage") == 0
    zsync(place, "login", "-q", place.url())
    assert place.demo.get("demo/notes/old.txt") == b"- new\n"
    assert place.demo.get("demo/notes/todo.txt") == b"- nothing\n"
    zsync(place, "remove", "-q", "elsewhere/notes/old.txt")
    zsync(place, "commit", "-q", "elsewhere")
