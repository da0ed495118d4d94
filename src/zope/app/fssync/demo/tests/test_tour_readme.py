"""README.txt is tried out: its commands, in its order, as they stand there.

Two things differ from what a reader does: the server listens on a free port,
and bin/ holds scripts for the Python that runs the tests.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from zope.app.fssync.demo.tour import ENTRY
from zope.app.fssync.demo.tour import Tour
from zope.app.fssync.demo.tour import TourFailed
from zope.app.fssync.testing.demoserver import TIMEOUT
from zope.app.fssync.testing.demoserver import Demo
from zope.app.fssync.testing.demoserver import output
from zope.app.fssync.testing.processes import environment
from zope.app.fssync.testing.processes import free_port

pytestmark = pytest.mark.slow

README = "README.txt"
SECTIONS = ("Start", "When two people edit")


def blocks(text: str, heading: str) -> list[str]:
    """The literal blocks of a section."""
    start = re.search(rf"^{heading}\n-+\n", text, re.MULTILINE)
    assert start, f"README.txt has no section {heading}"
    section = re.split(r"^.+\n-{3,}\n", text[start.end() :], flags=re.MULTILINE)[0]
    found = re.findall(r"(?:^(?: {4}.*)?\n)+", section, re.MULTILINE)
    return [re.sub(r"^ {4}", "", b, flags=re.MULTILINE).strip() for b in found]


def commands(text: str) -> list[str]:
    """What the reader types; a block may show answers below ``$ ...``."""
    typed = []
    for block in blocks(text, SECTIONS[0]) + blocks(text, SECTIONS[1]):
        if block.startswith("$ "):
            typed.append(block.partition("\n")[0][2:])
        elif block:
            typed += block.splitlines()
    return typed


class Walk:
    """A folder with the scripts, in which the reader types."""

    def __init__(self, place: Path, port: int) -> None:
        self.place = place
        self.port = port
        self.hello = place / "parts/checkout/demo/hello.txt"
        (place / "bin").mkdir()
        for name, entry in ENTRY.items():
            script = place / name
            script.write_text(f"#!{sys.executable}\nimport sys\n{entry}\n")
            with script.open("a") as f:
                f.write("sys.exit(main())\n")
            script.chmod(0o755)

    def __call__(self, typed: str, expected: int = 0) -> str:
        command = typed.removeprefix("python3 bootstrap.py && ")
        command = command.replace("localhost:8080", f"localhost:{self.port}")
        if command == "bin/demo start":
            command += f" --port {self.port}"
        env = environment(HOME=str(self.place))
        return output(shlex.split(command), expected, cwd=self.place, env=env)


@pytest.fixture
def walk(tmp_path: Path) -> Iterator[Walk]:
    walk = Walk(tmp_path, free_port())
    yield walk
    Demo(tmp_path / "parts/demo")("stop")


def test_the_walk_works_as_written(walk: Walk, pytestconfig: pytest.Config) -> None:
    readme = (pytestconfig.rootpath / README).read_text(encoding="utf-8")
    typed = iter(commands(readme))
    server = Demo(walk.place / "parts/demo")

    assert "/manage" in walk(next(typed))  # start
    assert "demo/hello.txt" in walk(next(typed))  # sample
    assert "Checked out " in walk(next(typed))  # checkout

    walk(next(typed))  # sed
    for _ in ("status", "diff"):
        command = next(typed)
        assert f"$ {command}\n{walk(command)}".strip() in blocks(readme, SECTIONS[0])
    assert "Committed 1 object" in walk(next(typed))  # commit
    assert server.get("demo/hello.txt") == walk.hello.read_bytes()
    assert next(typed) == "bin/demo tour"

    server.put("demo/hello.txt", b"Good day!\n\nThe rest\nof the text.\n")
    walk.hello.write_text("Good evening!\n\nThe rest\nof the text.\n")
    refused = next(typed)  # commit
    assert f"$ {refused}\n{walk(refused, expected=5)}".strip() in blocks(
        readme, SECTIONS[1]
    )
    assert "C  parts/checkout/demo/hello.txt" in walk(next(typed), expected=3)
    assert "<<<<<<<" in walk.hello.read_text()
    walk.hello.write_text("Good night!\n\nThe rest\nof the text.\n")
    walk(next(typed))  # resolve
    assert "Committed 1 object" in walk(next(typed))  # commit
    assert server.get("demo/hello.txt") == walk.hello.read_bytes()
    walk(next(typed))  # prop set
    assert "title: Welcome\n" in walk(next(typed))  # prop list
    assert "Committed 1 object" in walk(next(typed))  # commit
    assert list(typed) == []


def test_the_tour_ends_well_and_leaves_nothing_behind(
    demo: Demo, tmp_path: Path
) -> None:
    tmp = tmp_path / "tmp"
    tmp.mkdir()
    done = subprocess.run(
        demo.command("tour"),
        env=environment(TMPDIR=str(tmp), HOME=str(tmp)),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TIMEOUT,
    )
    assert done.returncode == 0, done.stdout
    assert "every step did what it should" in done.stdout
    assert os.listdir(tmp) == []


def test_a_tour_that_goes_wrong_says_so(tmp_path: Path) -> None:
    tour = Tour(tmp_path)
    with pytest.raises(TourFailed, match="exit code 0"):
        tour.run("bin/zsync commit ./nowhere")
