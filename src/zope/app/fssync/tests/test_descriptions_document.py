"""The examples of docs/descriptions.rst."""

from __future__ import annotations

from pathlib import Path

import pytest

import zope.app.fssync
from zope.fssync.description import dump
from zope.fssync.description import load
from zope.fssync.description import partforms
from zope.fssync.description import parts
from zope.fssync.description import valueforms
from zope.fssync.description.literal import read_value
from zope.fssync.tests.documents import run_document

PAGE = Path(*zope.app.fssync.__path__).parents[3] / "docs" / "descriptions.rst"

pytestmark = pytest.mark.skipif(
    not PAGE.exists(), reason="an installed package has no docs"
)


@pytest.fixture
def forms(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget the forms that the page registers."""
    for module, name in [
        (partforms, "_known"),
        (partforms, "_forms"),
        (valueforms, "_by_class"),
        (valueforms, "_by_name"),
    ]:
        monkeypatch.setattr(module, name, dict(getattr(module, name)))
    parts._remembered.cache_clear()


@pytest.mark.usefixtures("forms")
def test_the_examples_in_python(tmp_path: Path) -> None:
    # The mark of a conflict would be taken for a prompt.
    _, _, examples = PAGE.read_text("utf-8").partition("\nIn Python\n")
    document = tmp_path / PAGE.name
    document.write_text(examples, "utf-8")
    run_document("zope.app.fssync", str(document))
    parts._remembered.cache_clear()


def blocks() -> list[str]:
    """The indented blocks of the page that are no Python."""
    found = PAGE.read_text("utf-8").split("::\n\n")[1:]
    texts = []
    for block in found:
        lines = []
        for line in block.split("\n"):
            if line and not line.startswith("    "):
                break
            lines.append(line[4:])
        texts.append("\n".join(lines).strip() + "\n")
    return texts


def test_the_examples_of_descriptions_are_some() -> None:
    *good, conflict = blocks()
    assert len(good) == 3
    for each in good:
        described = load(each.encode())
        assert dump(described).decode() == each
    assert "<<<<<<<" in conflict


def test_the_values_of_the_table_are_some() -> None:
    table = PAGE.read_text("utf-8").split("\nValues\n")[1].split("\nA list, a")[0]
    values = " ".join(table.split()).split("``")[1::2]
    assert len(values) > 20
    for value in values:
        assert read_value(value) == read_value(value)
