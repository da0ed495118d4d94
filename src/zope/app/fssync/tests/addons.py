"""Add-ons installed beside the project, with a demo server that includes them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from zope.app.fssync.testing.demoserver import TIMEOUT
from zope.app.fssync.testing.demoserver import Demo
from zope.app.fssync.testing.demoserver import output
from zope.app.fssync.testing.demoserver import script
from zope.app.fssync.testing.processes import environment

__all__ = ["Installed", "installed"]

HERE = Path(__file__).parent

SITE_ZCML_MARK = '<!-- Your own packages: <include package="..." /> -->'


class Installed:
    """One add-on in a directory of its own, as pip puts it there."""

    def __init__(self, target: Path, work: Path) -> None:
        self.target = target
        self.work = work

    @contextmanager
    def serving(self, zcml: str) -> Iterator[Demo]:
        """A running demo server whose site.zcml has these lines too."""
        demo = Demo(self.work / "data")
        demo.instance.prepare()
        site = demo.data / "site.zcml"
        text = site.read_text("utf-8")
        assert SITE_ZCML_MARK in text
        site.write_text(text.replace(SITE_ZCML_MARK, zcml), "utf-8")
        before = sys.path
        # The server's path is that of the process which starts it.
        sys.path = [str(self.target), *sys.path]
        try:
            demo("start", "--port", "0")
        finally:
            sys.path = before
        try:
            yield demo
        finally:
            demo("stop")

    def run(self, *command: str, expected: int = 0) -> str:
        """What a command prints; its scripts are those of the add-on."""
        env = environment(HOME=str(self.work))
        env["PYTHONPATH"] = os.pathsep.join([str(self.target), env["PYTHONPATH"]])
        scripts = str(self.target / "bin")
        env["PATH"] = os.pathsep.join([scripts, os.environ["PATH"]])
        return output(list(command), expected, cwd=self.work, env=env)

    def zsync(self, *arguments: str, expected: int = 0) -> str:
        """What the zsync of the project prints."""
        return self.run(*script("bin/zsync", *arguments), expected=expected)


def installed(name: str, work: Path) -> Installed:
    """Build and install the add-on whose sources are in the directory ``name``."""
    # pip builds in the sources, which are not to be touched.
    source, target = work / name, work / "site-packages"
    for path in (HERE / name).rglob("*"):
        if path.is_file() and path.suffix != ".pyc":
            copy = source / path.relative_to(HERE / name)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install"]
    offline = ["--no-deps", "--no-build-isolation", "--no-index", "--no-compile"]
    done = subprocess.run(
        [*pip, *offline, "--quiet", f"--target={target}", str(source)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TIMEOUT,
    )
    assert done.returncode == 0, done.stdout
    return Installed(target, work)
