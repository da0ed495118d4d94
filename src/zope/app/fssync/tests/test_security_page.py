"""SECURITY.txt names tests that are there, and is where people look for it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

_module = re.compile(r"``([a-z_.]+\.tests\.[a-z0-9_.]+)``")
_named = re.compile(_module.pattern + r":\s+``(test_[a-z0-9_]+)``")


@pytest.fixture
def top(pytestconfig: pytest.Config) -> Path:
    return pytestconfig.rootpath


def names_in(top: Path, module: str) -> set[str]:
    path = top / "src" / "zope" / f"{module.replace('.', '/')}.py"
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_defect_of_3_6_0_has_tests_that_exist(top: Path) -> None:
    page = (top / "SECURITY.txt").read_text(encoding="utf-8")
    section = page.partition("What was open in 3.6.0")[2]
    defects = re.split(r"\n\d+\. ", section)[1:]
    assert len(defects) == 18
    for defect in defects:
        assert _named.findall(defect), defect
    for module, test in _named.findall(section):
        assert test in names_in(top, module), test
    for module in _module.findall(section):
        assert names_in(top, module), module


def test_security_page_is_found(top: Path) -> None:
    assert "SECURITY.txt" in (top / "README.txt").read_text(encoding="utf-8")
    assert "include *.txt" in (top / "MANIFEST.in").read_text(encoding="utf-8")
