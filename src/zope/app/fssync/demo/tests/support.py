"""What the tests of the demo server share: the command and a server of theirs."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

from zope.app.fssync.demo.instance import Instance
from zope.app.fssync.demo.instance import Running
from zope.app.fssync.demo.tour import ENTRY

TIMEOUT = 120
LOGIN = "zsync:zsync"


def script(name: str, *args: str) -> list[str]:
    """The command line that a generated script stands for."""
    code = f"import sys; {ENTRY[name]}; sys.exit(main())"
    return [sys.executable, "-c", code, *args]


def environment(**more: str) -> dict[str, str]:
    return dict(os.environ, PYTHONPATH=os.pathsep.join(filter(None, sys.path)), **more)


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

    def _request(
        self, method: str, path: str, body: bytes | None, login: str | None
    ) -> bytes:
        request = urllib.request.Request(
            f"{self.running.url}/{path}", data=body, method=method
        )
        if body is not None:
            request.add_header("Content-Type", "text/plain")
        if login:
            token = base64.b64encode(login.encode()).decode()
            request.add_header("Authorization", f"Basic {token}")
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            return answer.read()
