"""A demo server in a process, zsync at work on it, and the fixtures for both."""

from __future__ import annotations

import base64
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from zope.app.fssync.client.workingcopy import layout
from zope.app.fssync.demo.instance import Instance
from zope.app.fssync.demo.instance import Running
from zope.app.fssync.demo.tour import ENTRY
from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing.commands import run_zsync
from zope.app.fssync.testing.processes import environment
from zope.app.fssync.testing.processes import zsync_command

__all__ = [
    "LOGIN",
    "TIMEOUT",
    "Demo",
    "Place",
    "demo",
    "output",
    "place",
    "script",
    "template",
]

#: How long a command of the demonstration may take, in seconds.
TIMEOUT = 120

#: Who may do everything there.
LOGIN = "zsync:zsync"


def script(name: str, *args: str) -> list[str]:
    """The command line that a generated script stands for."""
    code = f"import sys; {ENTRY[name]}; sys.exit(main())"
    return [sys.executable, "-c", code, *args]


def output(
    command: list[str],
    expected: int = 0,
    *,
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
) -> str:
    """What a command prints, on both channels; it ends as expected."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env=env or environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TIMEOUT,
    )
    assert done.returncode == expected, done.stdout
    return done.stdout


class Demo:
    """``bin/demo --data DIR``, run in the parent of DIR."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.instance = Instance(data)

    def command(self, *args: str) -> list[str]:
        return script("bin/demo", *args, "--data", str(self.data))

    def __call__(self, *args: str, expected: int = 0) -> str:
        """What the command prints, on both channels."""
        return output(self.command(*args), expected)

    @property
    def running(self) -> Running:
        running = self.instance.running()
        assert running is not None
        return running

    def get(self, path: str, login: str | None = LOGIN) -> bytes:
        return self._request("GET", path, None, login)

    def put(self, path: str, body: bytes) -> None:
        """Change a file as somebody else would."""
        self._request("PUT", path, body, LOGIN)

    def post(self, path: str, fields: Mapping[str, str]) -> bytes:
        """Send a form as a browser does."""
        form = "application/x-www-form-urlencoded"
        return self._request("POST", path, urlencode(fields).encode(), LOGIN, form)

    def _request(
        self,
        method: str,
        path: str,
        body: bytes | None,
        login: str | None,
        content_type: str = "text/plain",
    ) -> bytes:
        request = urllib.request.Request(
            f"{self.running.url}/{path}", data=body, method=method
        )
        if body is not None:
            request.add_header("Content-Type", content_type)
        if login:
            token = base64.b64encode(login.encode()).decode()
            request.add_header("Authorization", f"Basic {token}")
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            return answer.read()


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
        return subprocess.Popen(
            zsync_command(*args),
            cwd=self.directory,
            env=environment(self.home),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **more,
        )

    def __call__(self, *args: str, status: int = 0) -> str:
        """What a command says in the end: its output, or why it failed."""
        env = environment(self.home)
        done = run_zsync(*args, cwd=self.directory, env=env)
        out, err = done.stdout.decode(), done.stderr.decode()
        return self._said(out, err, done.returncode, status)

    def in_process(self, *args: str, status: int = 0) -> str:
        """The same of a process, which has the locale of its environment."""
        with self.start(*args) as process:
            out, err = process.communicate(timeout=TIMEOUT)
        return self._said(out, err, process.returncode, status)

    def _said(self, out: str, err: str, returned: int, status: int) -> str:
        assert returned == status, out + err
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
def template(
    demo: Demo, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[], Path]:
    """Return a checkout to copy, of the layout that new working copies have then."""

    @cache
    def checked_out(number: int) -> Path:
        place = Place(tmp_path_factory.mktemp("template"), demo)
        place("checkout", place.url(), "co")
        return place.directory

    return lambda: checked_out(layout.NEW)


@pytest.fixture
def place(demo: Demo, template: Callable[[], Path], tmp_path: Path) -> Place:
    shutil.copytree(template(), tmp_path, dirs_exist_ok=True)
    place = Place(tmp_path, demo)
    place("update", "co")
    return place
