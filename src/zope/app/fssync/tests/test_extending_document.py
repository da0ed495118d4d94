"""The document on own content types shows a package that is there and works."""

from __future__ import annotations

import re
import sys
import textwrap
from pathlib import Path

import pytest

import zope.app.fssync
from zope.fssync.tests.documents import run_document

ADDON = Path(__file__).with_name("addon")


@pytest.fixture
def kitchen(monkeypatch):
    """The package, importable."""
    monkeypatch.setattr(sys, "path", [str(ADDON / "src"), *sys.path])
    yield
    for name in [name for name in sys.modules if name.split(".")[0] == "kitchen"]:
        del sys.modules[name]


def test_extending(kitchen, site):
    run_document("zope.app.fssync", "extending.txt", site=site)


def literal_blocks(text: str) -> list[str]:
    blocks = re.findall(r"::\n\n((?:(?:    .*)?\n)+)", text)
    return [textwrap.dedent(block).strip() for block in blocks]


def test_all_that_is_shown_is_in_the_package():
    document = Path(zope.app.fssync.__path__[0], "extending.txt").read_text("utf-8")
    blocks = [b for b in literal_blocks(document) if not b.startswith("$ ")]
    assert len(blocks) >= 12
    files = [path for path in ADDON.rglob("*") if path.suffix in (".py", ".zcml")]
    files += [ADDON / "buildout.cfg", ADDON / "pyproject.toml"]
    package = [_flush(path.read_text("utf-8")) for path in files]
    for block in blocks:
        assert any(_flush(block) in text for text in package), block


def _flush(text: str) -> str:
    """Indentation apart: parts of a file are shown at the margin."""
    return "\n".join(line.strip() for line in text.strip().splitlines())
