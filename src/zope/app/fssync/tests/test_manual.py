"""The manual is built without a warning, and its commands do what it says."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from operator import methodcaller
from pathlib import Path
from typing import Any

import pytest

import zope.app.fssync
from zope.app.fssync.cli.main import command_table
from zope.app.fssync.testing.demoserver import Demo
from zope.app.fssync.testing.demoserver import Place
from zope.app.fssync.testing.demoserver import demo as demo
from zope.app.fssync.testing.manualsearch import found
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

#: What readers look for, and the page with the answer.
QUESTIONS = {
    # Editors and authors of templates
    "resolve conflict": "howto/troubleshooting",
    "change title": "howto/daily",
    "ignore backup files": "howto/daily",
    "undo commit": "reference/commands/undo",
    "add new file": "tutorial",
    "editor code vim": "howto/daily",
    "git branch": "git",
    "working copy is locked": "howto/troubleshooting",
    # Owners of sites
    "give role permission": "howto/owner",
    "restore backup": "howto/owner",
    # Operators
    "nginx timeout": "howto/operator",
    "prometheus metrics": "howto/operator",
    "memory large commit": "howto/operator",
    "upgrade release": "howto/operator",
    "health load balancer": "howto/operator",
    "relstorage replica": "howto/operator",
    "certificate not valid": "howto/troubleshooting",
    # Integrators
    "synchronizer own class": "howto/extending",
    "hooks subscriber": "howto/deploy",
    "staging production": "howto/promote",
    "deploy job": "howto/deploy",
    # People who come from elsewhere
    "webdav": "howto/elsewhere",
    "zodbsync playback": "howto/elsewhere",
    "filevault vlt": "howto/elsewhere",
    "svn commands": "howto/elsewhere",
    "python 2 migrate": "howto/migrating",
}

#: Errors with many messages, which all have one cause and one remedy.
TOGETHER = {"PickleRefused", "SynchronizationError", "UsageError"}

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


def build(builder: str, place: Path) -> set[str]:
    """Build the manual, and return the names of what was made."""
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-W", "-b", builder, DOCS, place],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")
    return {path.name for path in place.iterdir()}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The manual in HTML."""
    place = tmp_path_factory.mktemp("manual")
    build("html", place)
    return place


def test_the_manual_is_built_without_a_warning(built: Path, tmp_path: Path) -> None:
    made = {path.name for path in built.iterdir()}
    assert made >= {"index.html", "search.html", "tutorial.html"}
    pages = {f"zsync-{verb.__name__}.1" for verb, *_ in command_table}
    assert build("man", tmp_path) >= pages


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_search_leads_to_the_answer(question: str, built: Path) -> None:
    assert QUESTIONS[question] in found(built, question)[:5]


def test_each_message_without_a_hint_is_explained(messages: list[Any]) -> None:
    patterns = list(map(pattern, quoted()))
    assert [
        each.text
        for each in messages
        if not (each.advice or each.kind in TOGETHER)
        and not any(map(methodcaller("fullmatch", each.text), patterns))
    ] == []


def test_each_message_that_is_explained_exists(messages: list[Any]) -> None:
    assert len(messages) > 500
    assert [
        text
        for text in quoted()
        if not any(pattern(text).fullmatch(each.text) for each in messages)
    ] == []


def test_the_reference_has_each_message(tmp_path: Path, messages: list[Any]) -> None:
    import messagepages

    (tmp_path / "reference").mkdir()
    messagepages.write_page(tmp_path)
    page = (tmp_path / messagepages.PAGE).read_text("utf-8")
    assert [each.text for each in messages if f"* ``{each.text}``\n" not in page] == []


@pytest.fixture
def messages(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The messages of all errors, as the manual lists them."""
    monkeypatch.syspath_prepend(str(DOCS))
    import messagepages

    found: list[Any] = messagepages.messages()
    return found


def quoted() -> list[str]:
    """The messages that the page on troubleshooting explains."""
    page = (DOCS / "howto" / "troubleshooting.rst").read_text("utf-8")
    return re.findall(r"^\| ``(.*)``$", page, re.M)


def pattern(text: str) -> re.Pattern[str]:
    """Return the expression for a message: three dots stand for anything."""
    return re.compile(".*".join(map(re.escape, re.split(r"\.{3,}", text))))


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
