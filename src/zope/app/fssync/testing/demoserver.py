"""Real `zsync` processes at work on a demo server, and the fixtures for them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from zope.app.fssync.demo.tests.support import Demo
from zope.app.fssync.testing import snapshot

__all__ = ["Place", "demo", "place", "template"]

ZSYNC = "import sys; from zope.app.fssync.main import main; sys.exit(main())"


class Place:
    """A working directory with a checkout of /demo/notes in ``co``."""

    def __init__(self, directory: Path, demo: Demo) -> None:
        self.directory = directory
        self.demo = demo
        self.notes = directory / "co" / "notes"
        self.todo = self.notes / "todo.txt"
        self.home = directory / "home"
        self.home.mkdir(exist_ok=True)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.demo.running.port}"

    def url(self, path: str = "/demo/notes", user: str = "zsync:zsync@") -> str:
        return f"http://{user}{self.host}{path}"

    def start(self, *args: str, **more: Any) -> subprocess.Popen[str]:
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.lower().endswith("_proxy")
        }
        return subprocess.Popen(
            [sys.executable, "-c", ZSYNC, *args],
            cwd=self.directory,
            env=dict(
                environment,
                HOME=str(self.home),
                PYTHONPATH=os.pathsep.join(filter(None, sys.path)),
            ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **more,
        )

    def __call__(self, *args: str, status: int = 0, **more: Any) -> str:
        """What a command says in the end: its output, or why it failed."""
        process = self.start(*args, **more)
        out, err = process.communicate(timeout=60)
        assert process.returncode == status, out + err
        assert "Traceback" not in err
        assert "zsync:zsync" not in out + err
        return err if status else out

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """Neither the files here nor the database change in the block."""
        before = self._all()
        yield
        assert self._all() == before

    def _all(self) -> tuple[dict[str, Any], bytes]:
        # A database of this kind is only ever added to.
        return snapshot(self.directory), (self.demo.data / "Data.fs").read_bytes()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A demo server with the sample content."""
    demo = Demo(tmp_path_factory.mktemp("demo") / "data")
    demo("start", "--port", "0")
    demo("sample")
    yield demo
    demo("stop")


@pytest.fixture(scope="session")
def template(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = Place(tmp_path_factory.mktemp("template"), demo)
    place("checkout", place.url(), "co")
    return place.directory


@pytest.fixture
def place(demo: Demo, template: Path, tmp_path: Path) -> Place:
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    place = Place(tmp_path, demo)
    place("update", "co")
    return place
