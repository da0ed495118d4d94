"""The Python that Plone is installed for, apart from that of all other tests.

It is made once for each release, in ``.plone`` at the top of the project, and made anew
when its pins change.  This package is installed there as a user installs it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from configparser import RawConfigParser
from contextlib import contextmanager
from pathlib import Path

import zope.app.fssync

__all__ = [
    "LATEST",
    "OLDEST",
    "RELEASE",
    "TOP",
    "environment",
    "locked",
    "plone_python",
    "state",
]

#: The top of the project.
TOP = Path(zope.app.fssync.__path__[0]).parents[3]

PLACE = TOP / ".plone"

#: The releases that are supported, and the file with the pins of each.
LATEST, OLDEST = "6.2", "6.1"
PINS = {LATEST: TOP / "versions-plone.cfg", OLDEST: TOP / "versions-plone-6.1.cfg"}

#: The release that most tests run with.
RELEASE = os.environ.get("FSSYNC_PLONE", LATEST)


def state(release: str, *more: str) -> str:
    """Return a digest of all that the environment of a release depends on."""
    project = tomllib.loads((TOP / "pyproject.toml").read_text())["project"]
    pins = PINS[release].read_text()
    said = (sys.version, str(TOP), project["entry-points"], pins, more)
    return hashlib.sha256(repr(said).encode()).hexdigest()[:16]


@contextmanager
def locked() -> Iterator[Path]:
    """Keep other processes of the tests from making the same."""
    PLACE.mkdir(exist_ok=True)
    with (PLACE / "lock").open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield PLACE


def environment() -> dict[str, str]:
    """Return the environment of processes of Plone: they import what pip installed."""
    kept = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
    kept.pop("PYTHONPATH", None)
    return kept


def plone_python(release: str) -> str:
    """Return the Python of the environment of a release, which is made if need be."""
    with locked() as place:
        name = "venv" if release == LATEST else f"venv-{release}"
        venv, stamp = place / name, place / f"{name}.stamp"
        python = venv / "bin" / "python"
        wanted = state(release)
        if not stamp.exists() or stamp.read_text() != wanted:
            stamp.unlink(missing_ok=True)
            shutil.rmtree(venv, ignore_errors=True)
            _install(venv, python, PINS[release])
            stamp.write_text(wanted)
    return str(python)


def _install(venv: Path, python: Path, versions: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    pins = RawConfigParser()
    pins.optionxform = str  # type: ignore[assignment, method-assign]
    pins.read(versions)
    requirements = venv / "pins.txt"
    requirements.write_text(
        "".join(f"{name}=={version}\n" for name, version in pins["versions"].items())
    )
    pip = [str(python), "-m", "pip", "install", "-q", "--no-compile"]
    for what in (
        ["--requirement", str(requirements)],
        ["--no-build-isolation", "--editable", str(TOP)],
    ):
        # Proxies may be needed here.
        done = subprocess.run(
            [*pip, "--no-deps", *what],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert done.returncode == 0, done.stdout
