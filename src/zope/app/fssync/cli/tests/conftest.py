"""A server that repeats answers, and a checkout of a recorded tree for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from zope.app.fssync.cli.tests.caller import CHECKOUT
from zope.app.fssync.cli.tests.caller import Caller
from zope.app.fssync.testing.rawserver import RawServer


@pytest.fixture(scope="module")
def answering() -> Iterator[RawServer]:
    with RawServer([]) as server:
        yield server


@pytest.fixture(scope="module")
def checked_out(answering: RawServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home directory with a working copy, which each test has a copy of."""
    caller = Caller(tmp_path_factory.mktemp("checkout"), answering)
    caller("checkout", f"{caller.url}/demo", "co", answer=CHECKOUT)
    return caller.place


@pytest.fixture
def zsync(checked_out: Path, answering: RawServer, tmp_path: Path) -> Caller:
    shutil.copytree(checked_out, tmp_path, symlinks=True, dirs_exist_ok=True)
    answering.requests.clear()
    return Caller(tmp_path, answering)


@pytest.fixture
def demo(zsync: Caller) -> Path:
    return zsync.place / "co" / "demo"
