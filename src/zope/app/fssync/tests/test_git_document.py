"""The commands of docs/git.rst, run against a demo server."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

import zope.app.fssync
from zope.app.fssync.testing.demoserver import Demo
from zope.app.fssync.testing.demoserver import Place
from zope.app.fssync.testing.demoserver import demo as demo
from zope.app.fssync.testing.processes import environment
from zope.app.fssync.testing.processes import zsync_command

PAGE = Path(*zope.app.fssync.__path__).parents[3] / "docs" / "git.rst"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PAGE.exists(), reason="an installed package has no docs"),
]

SETTINGS = """\
[user]
name = Somebody
email = somebody@example.com
"""


def commands() -> list[tuple[str, str]]:
    """The commands of the page, each with what it prints."""
    found: list[tuple[str, str]] = []
    for line in PAGE.read_text("utf-8").splitlines():
        if line.startswith("    $ "):
            found.append((line[6:], ""))
        elif line.startswith("    ") and found:
            command, shown = found[-1]
            found[-1] = command, f"{shown}{line[4:]}\n"
    return found


def script(url: str) -> str:
    """A script with the commands, which tells where the output of each begins."""
    words = " ".join(f"'{word}'" for word in zsync_command())
    function = f'zsync() {{ {words} "$@"; }}'
    lines = [line.replace("http://server", url) for line, _ in commands()]
    told = [f"printf '\\0'\n{line}" for line in lines]
    return "\n".join(["set -e", function, *told])


def test_the_commands_do_what_the_page_says(demo: Demo, tmp_path: Path) -> None:
    place = Place(tmp_path, demo)
    shop = tmp_path / "shop"
    shop.mkdir()
    (shop / "todo.txt").write_text("- open the shop\n")
    place("import", "shop", place.url("/demo/shop"))
    (place.home / ".gitconfig").write_text(SETTINGS)
    home = tmp_path / "there"
    home.mkdir()
    done = subprocess.run(
        ["bash", "-c", script(place.url(""))],
        cwd=home,
        env=environment(place.home),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    outputs = done.stdout.split("\0")[1:]
    for (command, wanted), shown in zip(commands(), outputs, strict=False):
        if not command.startswith("zsync checkout"):
            assert (command, shown) == (command, wanted)
    assert done.returncode == 0, done.stdout
    assert b"- count them\n" in demo.get("/demo/shop/todo.txt")
