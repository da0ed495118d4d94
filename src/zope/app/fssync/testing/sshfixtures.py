from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from zope.app.fssync.testing import ssh as support

__all__ = [
    "home",
    "host_key",
    "lasting_demo",
    "lasting_zope",
    "start_demo",
    "zope",
]

StartDemo = Callable[..., support.Process]


@pytest.fixture
def zope() -> Iterator[support.StandInZope]:
    server = support.StandInZope()
    yield server
    server.close()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> support.Home:
    home = support.Home(tmp_path / "home")
    monkeypatch.setenv("HOME", str(home.path))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    monkeypatch.delenv("ZSYNC_SSH_KEY", raising=False)
    return home


@pytest.fixture(scope="session")
def host_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return support.make_key(tmp_path_factory.mktemp("host") / "host_key")


@pytest.fixture(scope="module")
def lasting_zope() -> Iterator[support.StandInZope]:
    """A stand-in for Zope that serves all tests of a module."""
    server = support.StandInZope()
    yield server
    server.close()


@pytest.fixture(scope="module")
def lasting_demo(
    lasting_zope: support.StandInZope,
    host_key: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[StartDemo]:
    """Start a demo ssh server that serves all tests of a module."""
    home = support.Home(tmp_path_factory.mktemp("lasting") / "home")
    with ExitStack() as stack:

        def start(*options: str) -> support.Process:
            command = support.demo_command(lasting_zope.url, host_key, *options)
            server = stack.enter_context(
                support.process(*command, env=home.env, cwd=home.path)
            )
            server.port = int(server.wait_for(r"ready on .* port (\d+)")[1])
            return server

        yield start


@pytest.fixture
def start_demo(
    zope: support.StandInZope, home: support.Home, host_key: Path, tmp_path: Path
) -> Iterator[StartDemo]:
    """Start a demo ssh server; ``trusted`` makes its host key known."""
    with ExitStack() as stack:

        def start(*options: str, trusted: bool = True) -> support.Process:
            command = support.demo_command(zope.url, host_key, *options)
            server = stack.enter_context(
                support.process(*command, env=home.env, cwd=tmp_path)
            )
            server.port = int(server.wait_for(r"ready on .* port (\d+)")[1])
            if trusted:
                home.trust(f"[127.0.0.1]:{server.port}", Path(f"{host_key}.pub"))
            return server

        yield start
