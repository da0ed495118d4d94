"""What every command promises: examples, a document, a row beside other tools."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from zope.app.fssync.cli import verbs
from zope.app.fssync.testing.demoserver import TIMEOUT
from zope.app.fssync.testing.demoserver import Place

DOCUMENT = Path(__file__).parents[7] / "docs" / "verbs.rst"

#: How each command is called, one after the other, on a working copy of URL.
RUNS: dict[str, list[str]] = {
    "login": ["URL"],
    "config": ["--list"],
    "help": ["status"],
    "completion": ["bash"],
    "list": ["URL"],
    "types": ["URL"],
    "checkout": ["URL", "other"],
    "export": ["URL", "attached/notes"],
    "import": ["plain", "URL/imported"],
    "status": ["co"],
    "mkdir": ["co/notes/new"],
    "add": ["co/notes/added.txt"],
    "copy": ["co/notes/todo.txt", "co/notes/copied.txt"],
    "move": ["co/notes/copied.txt", "co/notes/moved.txt"],
    "diff": ["co"],
    "prop": ["set", "co/notes/todo.txt", "title", "A title"],
    "ignore": ["co/notes/old~"],
    "commit": ["-m", "all", "co"],
    "update": ["co"],
    "log": ["co"],
    "undo": ["--list", "co"],
    "annotate": ["co/notes/todo.txt"],
    "cat": ["co/notes/todo.txt"],
    "info": ["co"],
    "explain": ["co/notes/todo.txt"],
    "remove": ["co/notes/moved.txt"],
    "revert": ["co"],
    "resolve": ["--list", "co"],
    "merge": ["other/notes", "co/notes"],
    "checkin": ["URL-copy", "co/notes"],
    "promote": ["-n", "--since", "HEAD", "URL", "URL-copy"],
    "watch": ["--once", "co"],
    "cleanup": ["co"],
    "doctor": ["co"],
    "downgrade": ["co"],
    "upgrade": ["co"],
    "attach": ["URL", "attached"],
    "relocate": ["URL", "URL", "co"],
    "logout": ["URL"],
    "edit": ["--app", "true", "URL/todo.txt"],
}

NAMES = sorted({verb.name for verb in verbs.declared()})


@pytest.mark.parametrize("name", NAMES)
def test_help_has_two_examples(name: str) -> None:
    verb = verbs.of_name(name)
    assert verb is not None
    assert len(verb.examples) >= 2


def test_each_is_compared_with_svn_git_hg_and_vlt() -> None:
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    start, head, end = [i for i, line in enumerate(lines) if line.startswith("====")][
        -3:
    ]
    widths = [len(rule) for rule in lines[start].split()]
    rows = {}
    for line in [lines[start + 1], *lines[head + 1 : end]]:
        cells = []
        for width in widths:
            cells.append(line[:width].strip())
            line = line[width + 1 :]
        rows[cells[0]] = cells[1:]
    assert rows.pop("zsync") == ["svn", "git", "hg", "vlt"]
    assert sorted(rows) == sorted([*NAMES, "completion", "help"])
    assert all(all(cells) for cells in rows.values())


@pytest.mark.slow
def test_each_answers_with_a_document_as_a_process(place: Place) -> None:
    assert sorted(RUNS) == sorted([*NAMES, "completion", "help"])
    for directory in ("plain", "attached"):
        (place.directory / directory).mkdir()
    for file in ("plain/p.txt", "co/notes/added.txt", "co/notes/old~"):
        (place.directory / file).write_text("new\n")
    for name, args in RUNS.items():
        words = [place.url() + a[3:] if a.startswith("URL") else a for a in args]
        with place.start(name, "--json", *words) as process:
            out, err = process.communicate(timeout=TIMEOUT)
        assert process.returncode == 0, (name, err)
        document = json.loads(out)
        assert {"format", "items", "messages", "transaction"} <= document.keys()
        assert (document["command"], document["exit"]) == (name, 0)
