"""A demo server's data folder, whose server ends with the test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from zope.app.fssync.testing.demoserver import Demo


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    demo = Demo(tmp_path / "data")
    yield demo
    demo("stop")
