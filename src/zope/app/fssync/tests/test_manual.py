"""The manual is built without a warning, and its commands do what it says."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import zope.app.fssync
from zope.app.fssync.cli.main import command_table
from zope.app.fssync.testing.demoserver import Demo
from zope.app.fssync.testing.demoserver import Place
from zope.app.fssync.testing.demoserver import demo as demo
from zope.app.fssync.testing.pages import commands
from zope.app.fssync.testing.pages import run_page

DOCS = Path(*zope.app.fssync.__path__).parents[3] / "docs"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DOCS.exists(), reason="an installed package has no docs"),
]

#: What a page that includes another document shows is run by the test of that one.
PAGES = sorted(
    str(page.relative_to(DOCS)) for page in DOCS.rglob("*.rst") if commands(page)
)

#: Where what runs on a server is.
SERVER_SIDE = [
    *(DOCS.parent / "src/zope/app/fssync" / name for name in ("server", "hosts")),
    DOCS.parent / "src/zope/fssync",
]

SETTINGS = """\
[user]
name = Somebody
email = somebody@example.com
"""


def test_there_are_pages_for_each_kind_of_reader() -> None:
    assert {"tutorial.rst", "git.rst", "howto/daily.rst", "howto/operator.rst"} <= {
        *PAGES
    }


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_do_what_the_page_says(
    page: str, demo: Demo, tmp_path: Path
) -> None:
    place = Place(tmp_path, demo)
    (place.home / ".gitconfig").write_text(SETTINGS)
    folder = f"/demo/{Path(page).stem}"
    assert run_page(DOCS / page, place, folder) == commands(DOCS / page)
    if page == "git.rst":
        assert b"- count them\n" in demo.get(f"{folder}/shop/todo.txt")


@pytest.mark.parametrize("builder", ["html", "man"])
def test_the_manual_is_built_without_a_warning(builder: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-W", "-b", builder, DOCS, tmp_path],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")
    made = {path.name for path in tmp_path.iterdir()}
    if builder == "man":
        assert made >= {f"zsync-{verb.__name__}.1" for verb, *_ in command_table}
    else:
        assert made >= {"index.html", "search.html", "tutorial.html"}


def test_each_line_of_the_log_is_explained() -> None:
    said = {
        re.sub("%[rs]", "...", text)
        for directory in SERVER_SIDE
        for module in directory.rglob("*.py")
        if "tests" not in module.parts
        for text in logged(module)
    }
    page = (DOCS / "howto" / "operator.rst").read_text()
    said.discard("...")
    assert len(said) > 10
    assert {each for each in said if f"``{each}``" not in page} == set()


def logged(module: Path) -> list[str]:
    """The messages that a module gives to its log."""
    return [
        str(node.args[0].value)
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "log"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    ]
