"""Virtual environments with nothing in them, and the shells of who walks there.

What pip takes is of the versions of ``versions.cfg``, and this package as it is here.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from configparser import RawConfigParser
from contextlib import contextmanager
from pathlib import Path

import zope.app.fssync
from zope.app.fssync.testing.processes import environment
from zope.fssync.version import __version__

__all__ = ["Walker", "build", "commands", "shown_files"]

#: The top of the project.
TOP = Path(zope.app.fssync.__path__[0]).parents[3]

#: What a distribution is built of.
SOURCES = ("pyproject.toml", "setup.py", "MANIFEST.in", "README.txt", "CHANGES.txt")

PATIENCE = 300


def commands(document: str) -> list[str]:
    """Return the commands that a document of the package shows."""
    return re.findall(r"^    \$ (.*)$", _text(document), re.MULTILINE)


def shown_files(document: str) -> Iterator[tuple[str, str]]:
    """Yield the files that a document of the package shows, by their names."""
    shown = re.compile(
        r"(?:^|\. )``(\w+\.\w+)`` [^\n]*::\n\n((?:(?:    .*)?\n)+)", re.M
    )
    for name, block in shown.findall(_text(document)):
        yield name, textwrap.dedent(block)


def _text(document: str) -> str:
    return Path(zope.app.fssync.__path__[0], document).read_text("utf-8")


def build(place: Path) -> Path:
    """Build the distribution, and return the folder that it is in."""
    source, target = place / "source", place / "dist"
    source.mkdir()
    # pip builds in the sources, which are not to be touched.
    for name in (*SOURCES, *(path.name for path in TOP.glob("L*.txt"))):
        shutil.copy(TOP / name, source)
    skip = shutil.ignore_patterns("*.pyc", "*.egg-info")
    shutil.copytree(TOP / "src", source / "src", ignore=skip)
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    run = subprocess.run(
        [*pip, "--no-build-isolation", "--wheel-dir", str(target), str(source)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
    )
    assert run.returncode == 0, run.stdout
    return target


class Walker:
    """Types commands of a document in a new virtual environment.

    ``free`` are the distributions whose version the document itself says.
    """

    def __init__(self, place: Path, dist: Path, free: frozenset[str]) -> None:
        self.place = place / "home"
        self.place.mkdir()
        subprocess.run([sys.executable, "-m", "venv", place / "venv"], check=True)
        constraints = place / "constraints.txt"
        constraints.write_text(_constraints(free))
        self._env = environment(
            self.place,
            PATH=f"{place / 'venv' / 'bin'}{os.pathsep}{os.environ['PATH']}",
            PIP_DISABLE_PIP_VERSION_CHECK="1",
            PIP_NO_COMPILE="1",
            PIP_CONSTRAINT=str(constraints),
            PIP_FIND_LINKS=str(dist),
            PIP_CACHE_DIR=_cache(),
        )
        del self._env["PYTHONPATH"]
        #: pip may need them, and nothing else does.
        self._proxies = {
            k: v for k, v in os.environ.items() if k.lower().endswith("_proxy")
        }

    def __call__(self, command: str, where: Path | None = None) -> str:
        """Type a command, and return what it says."""
        more = self._proxies if command.startswith("pip ") else {}
        done = subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=where or self.place,
            env={**self._env, **more},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}"
        return done.stdout

    @contextmanager
    def running(self, command: str, where: Path, ready: str) -> Iterator[None]:
        """Type a command that goes on, and wait until it says that it is ready."""
        process = subprocess.Popen(
            ["/bin/sh", "-c", f"exec {command}"],
            cwd=where,
            env=self._env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        said = []
        try:
            assert process.stdout is not None
            for line in process.stdout:
                said.append(line)
                if ready in line:
                    break
            else:
                raise AssertionError("".join(said))
            yield
        finally:
            process.terminate()
            process.communicate(timeout=PATIENCE)


def _constraints(free: frozenset[str]) -> str:
    pins = RawConfigParser()
    pins.optionxform = str  # type: ignore[assignment, method-assign]
    pins.read(TOP / "versions.cfg")
    versions = dict(pins["versions"])
    newer = f"versions:python{sys.version_info[0]}{sys.version_info[1]}"
    if pins.has_section(newer):
        versions.update(pins[newer])
    wanted = {k: v for k, v in versions.items() if k.lower() not in free}
    lines = [f"{name}=={version}\n" for name, version in wanted.items()]
    return "".join([*lines, f"zope.app.fssync=={__version__}\n"])


def _cache() -> str:
    found = subprocess.run(
        [sys.executable, "-m", "pip", "cache", "dir"],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return found.stdout.strip()
