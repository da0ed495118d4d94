"""A server that was restarted still knows what clients have."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from zope.app.fssync.testing.demoserver import Demo
from zope.app.fssync.testing.demoserver import Place


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    demo = Demo(tmp_path / "data")
    yield demo
    demo("stop")


def test_an_update_after_a_restart_brings_changes_only(
    demo: Demo, tmp_path: Path
) -> None:
    demo("start", "--port", "0")
    demo("sample")
    place = Place(tmp_path, demo)
    port = str(demo.running.port)
    place("checkout", place.url("/demo"), "co")
    demo("stop")
    demo("start", "--port", port)
    demo.put("demo/readme.txt", b"theirs\n")
    before = sent(demo)
    assert "readme.txt" in place("update", "co")
    changes = sent(demo) - before
    place("checkout", place.url("/demo"), "other")
    assert 0 < changes < (sent(demo) - before - changes) / 4


def sent(demo: Demo) -> int:
    """Return the bytes that the server has sent in archives."""
    lines = demo.get("@@zsync-metrics").decode().splitlines()
    found = [line for line in lines if line.startswith("zsync_sent_bytes")]
    return sum(int(float(line.rpartition(" ")[2])) for line in found)
