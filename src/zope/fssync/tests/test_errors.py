"""All errors are drawn in one tree, and raised in one form."""

from __future__ import annotations

import ast
import importlib
import re
from functools import cache
from pathlib import Path

import pytest

import zope.app.fssync
import zope.fssync
from zope.fssync import errors
from zope.fssync.errors import Error

#: Modules with the classes that stand beside their code.
BESIDE = {
    "AnswerBroken": "zope.app.fssync.sshserver.forward",
    "TourFailed": "zope.app.fssync.demo.tour",
    "HostKeyRefused": "zope.app.fssync.client.transport.ssh.knownhosts",
    "RequestRefused": "zope.app.fssync.protocol.sshframing",
    "CommitFailed": "zope.fssync.task.commit",
    "DatabaseDamaged": "zope.app.fssync.server.broken",
    "FormRefused": "zope.app.fssync.server.frame",
}

_line = re.compile(
    r"^    (?P<indent>[| +-]*)(?P<name>\w+)(?: (?P<mark>\*))? +(?P<code>\d) "
)


@cache
def sources() -> list[tuple[Path, ast.ClassDef | ast.Call]]:
    """Return all definitions of classes, and all calls, with their modules."""
    return [
        (path, node)
        for package in (zope.fssync, zope.app.fssync)
        for path in sorted(Path(package.__file__ or "").parent.rglob("*.py"))
        if not {"tests", "testing"}.intersection(path.parts)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef | ast.Call)
    ]


def drawn() -> dict[str, tuple[str, int, bool]]:
    """By name: the class above, the exit code, and the mark of the drawing."""
    found: dict[str, tuple[str, int, bool]] = {}
    above: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        if match := _line.match(line):
            depth = len(match["indent"]) // 4
            above[depth:] = [match["name"]]
            parent = above[depth - 1] if depth else "Exception"
            found[match["name"]] = parent, int(match["code"]), bool(match["mark"])
    return found


DRAWN = drawn()


@pytest.mark.parametrize("name", DRAWN)
def test_a_class_is_as_it_is_drawn(name: str) -> None:
    parent, code, beside = DRAWN[name]
    module = importlib.import_module(BESIDE[name]) if beside else errors
    kind = getattr(module, name)
    assert kind.__bases__[0].__name__ == parent
    assert kind.exit_code == code
    assert (name in errors.__all__) is not beside


def test_every_class_is_drawn() -> None:
    classes = {"Error"}
    while (
        found := {
            node.name
            for _, node in sources()
            if isinstance(node, ast.ClassDef)
            and any(isinstance(b, ast.Name) and b.id in classes for b in node.bases)
        }
        - classes
    ):
        classes |= found
    assert classes == set(DRAWN)


def test_messages_are_whole_where_they_are_raised() -> None:
    """No argument but the message: what 3.6.0 appended is for add-ons."""
    own = {"OutOfDate", "RequestRefused", "CommitFailed"}  # take more of their own
    assert not [
        f"{path.name}:{node.lineno}"
        for path, node in sources()
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in set(DRAWN) - own
        and len(node.args) > 1
    ]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("no such file", "a b"), "no such file 'a b'"),
        (("%r of %d", "a", 3), "'a' of 3"),
        (("100 %",), "100 %"),
    ],
)
def test_add_ons_may_call_it_as_3_6_0_did(
    arguments: tuple[str, ...], text: str
) -> None:
    error = Error(*arguments, path="a", advice="Look.")
    assert error.message == text
    assert str(error) == f"{text}\nLook."


@pytest.mark.parametrize("kind", [errors.NotThere, errors.NoLongerThere])
def test_missing_objects_have_the_status_that_says_so(kind):
    assert kind("nothing there").status == 404
