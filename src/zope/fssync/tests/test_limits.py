"""Sizes, counts and times stand in `zope.fssync.limits`, and nowhere else."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

import zope.app.fssync
import zope.fssync
from zope.fssync import limits

ROOTS = (Path(zope.fssync.__file__).parent, Path(zope.app.fssync.__file__).parent)

#: Names of numbers that are no limits: they belong to a format, a protocol, or to the
#: system, or are an exit code.
FORMATS = {
    *("INTERRUPTED", "_INTERRUPTED", "NOT_RUNNING", "exit_code"),
    *("DEFAULT_PORT", "PORT", "PROTOCOL", "PLAIN", "COMPACT", "DESCRIBED", "OWN"),
    *("context", "digits", "_level", "_WIDTH", "_end_size", "_first_line"),
    #: Of the sample that the demo has, and of an order of registrations.
    *("LARGE", "LAST"),
    #: Repetitions that make references immortal, see `share_specifications`.
    *("_READS", "_CHECKS"),
    #: Of a zip archive, and of a page of help.
    *("_DATE", "_MADE_ON", "_ELSEWHERE", "_MANY", "WIDTH", "_DEEPER"),
    #: These begin with nothing.
    *("made", "news", "count", "objects"),
    #: A status, the form of a document, fields of a line, the end of the calendar.
    *("code", "status", "FORMAT", "_FORMAT", "_FIELDS", "_END"),
}

#: Arguments by which functions take a limit.
LIMITS = {
    *("timeout", "maxsize", "max_size", "backlog", "limit", "buffer_size", "bufsize"),
    *("max_num_fields",),
}


def modules() -> Iterator[Path]:
    for root in ROOTS:
        for path in sorted(root.rglob("*.py")):
            if not {"tests", "testing"}.intersection(path.parts):
                yield path


def number(node: ast.AST | None) -> float | None:
    """The number that an expression of nothing but numbers has."""
    if node is None or any(
        not isinstance(part, (ast.Constant, ast.BinOp, ast.operator, ast.UnaryOp))
        and not isinstance(part, ast.unaryop)
        for part in ast.walk(node)
    ):
        return None
    found = eval(ast.unparse(node), {})  # noqa: S307
    return found if type(found) in (int, float) else None


def assigned(tree: ast.Module) -> Iterator[tuple[str, ast.expr | None]]:
    """The names of a module and of its classes, with their values."""
    bodies = [
        tree.body,
        *(n.body for n in ast.walk(tree) if isinstance(n, ast.ClassDef)),
    ]
    for body in bodies:
        for statement in body:
            if isinstance(statement, ast.Assign):
                yield ast.unparse(statement.targets[0]), statement.value
            elif isinstance(statement, ast.AnnAssign):
                yield ast.unparse(statement.target), statement.value


def strays(tree: ast.Module) -> Iterator[str]:
    for name, value in assigned(tree):
        if value is not None and number(value) is not None and name not in FORMATS:
            yield f"{name} = {ast.unparse(value)}"
    for node in ast.walk(tree):
        is_size = isinstance(node, ast.BinOp) and isinstance(node.op, ast.LShift)
        if is_size and number(node) is not None:
            yield ast.unparse(node)
        if isinstance(node, ast.keyword) and node.arg in LIMITS and number(node.value):
            yield f"{node.arg}={ast.unparse(node.value)}"


@pytest.mark.parametrize("root", ROOTS, ids=("zope.fssync", "zope.app.fssync"))
def test_a_module_has_no_limit_of_its_own(root: Path) -> None:
    found = {
        f"{path.relative_to(root)}: {stray}"
        for path in modules()
        if path.is_relative_to(root) and path != Path(limits.__file__)
        for stray in strays(ast.parse(path.read_text("utf-8")))
    }
    assert not found


@pytest.mark.parametrize(
    "text",
    ["SIZE = 100", "class A:\n    size: int = 4 * 7", "f(1 << 16)", "f(timeout=2.0)"],
)
def test_a_stray_limit_is_found(text: str) -> None:
    assert list(strays(ast.parse(text)))


def test_each_limit_has_a_reason() -> None:
    """A comment stands before each, or before the one that it belongs to."""
    lines = Path(limits.__file__).read_text("utf-8").splitlines()
    for before, line in pairwise(lines):
        if " = " in line and not line.startswith(
            ("DEFAULT", "TIMES", "SIZES", "SERVER")
        ):
            assert before.lstrip().startswith("#:") or " = " in before, line


def test_each_limit_is_used() -> None:
    names = {name for name in vars(limits) if name.isupper()}
    text = "".join(path.read_text("utf-8") for path in modules())
    assert not {name for name in names if text.count(name) < 2}


def test_limits_load_nothing_else() -> None:
    """Each command loads them before it does anything else."""
    code = "import sys, zope.fssync.limits; print(*sys.modules)"
    # What measures coverage loads more.
    env = {name: value for name, value in os.environ.items() if name[:3] != "COV"}
    run = subprocess.run(
        [sys.executable, "-c", code],
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    ours = {name for name in run.stdout.split() if name.startswith("zope.fssync.")}
    assert ours == {"zope.fssync.contracts", "zope.fssync.limits"}
    assert not {"asyncio", "dataclasses", "ZODB"}.intersection(run.stdout.split())
