"""The table of docs/verbs.rst, which sets each verb beside those of other tools."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

import zope.app.fssync
from zope.app.fssync.cli.main import command_table

PAGE = Path(*zope.app.fssync.__path__).parents[3] / "docs" / "verbs.rst"

pytestmark = pytest.mark.skipif(
    not PAGE.exists(), reason="an installed package has no docs"
)

#: Commands that every program of this kind has.
BUILT_IN = {"completion", "help"}


def rows() -> list[list[str]]:
    """The rows of the table, of five columns each."""
    lines = PAGE.read_text().splitlines()
    borders = [n for n, line in enumerate(lines) if line.startswith("===")]
    borders = [n for n in borders if " " in lines[n]]
    edges = [0]
    for width in map(len, lines[borders[0]].split()):
        edges.append(edges[-1] + width + 1)
    return [
        [line[start:end].strip() for start, end in pairwise(edges)]
        for line in lines[borders[1] + 1 : borders[2]]
    ]


def test_the_table_has_every_verb_once() -> None:
    named = [row[0] for row in rows()]
    verbs = {line[0].__name__ for line in command_table} | BUILT_IN
    assert len(named) == len(set(named))
    missing, gone = sorted(verbs - set(named)), sorted(set(named) - verbs)
    assert not missing, (
        f"add to the table of docs/verbs.rst a line for each of {missing}, with what "
        "svn, git, hg and vlt have for it"
    )
    assert not gone, f"docs/verbs.rst names what is no verb: {gone}"


def test_no_cell_is_empty() -> None:
    assert all(len(row) == 5 and all(row) for row in rows())
