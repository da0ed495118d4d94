"""A page with every message of an error, from the code that raises it."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from typing import NamedTuple

import zope.app.fssync
import zope.fssync
from zope.fssync import errors

#: Where the page is written, below the sources of the manual.
PAGE = "reference/messages.rst"

#: Stands for what differs from case to case.
GAP = "..."

#: The packages with the messages, without what is for tests.
PACKAGES = [Path(*zope.fssync.__path__), Path(*zope.app.fssync.__path__)]
OTHERS = {"tests", "testing"}

#: The classes that stand beside the code which raises them.
BESIDE = ("CommitFailed", "DatabaseDamaged", "HostKeyRefused", "RequestRefused")

INTRODUCTION = """\
========
Messages
========

Every message of an error, by its exit status, with the hint that follows it.  Three
dots stand for what differs from case to case.  :doc:`../howto/troubleshooting` has
causes and remedies.
"""


class Message(NamedTuple):
    """What an error says, and what to do next."""

    kind: str
    text: str
    advice: str


def setup(app: Any) -> dict[str, bool]:
    """Let Sphinx write the page before it reads the sources."""
    app.connect("builder-inited", lambda app: write_page(Path(app.srcdir)))
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def write_page(source: Path) -> None:
    """Write the page, if it has changed."""
    target, text = source / PAGE, page()
    if not target.exists() or target.read_text("utf-8") != text:
        target.write_text(text, "utf-8")


def messages() -> list[Message]:
    """The messages of all modules, each once."""
    found = {
        message
        for package in PACKAGES
        for module in package.rglob("*.py")
        if OTHERS.isdisjoint(module.relative_to(package).parts)
        for message in _raised(ast.parse(module.read_text("utf-8")))
    }
    return sorted(found, key=lambda each: (each.text.lstrip(f"'{GAP} "), each))


def page() -> str:
    """The page: a list for each class of errors."""
    groups = defaultdict(list)
    for message in messages():
        groups[message.kind].append(message)
    parts = [INTRODUCTION]
    for kind in sorted(groups, key=lambda kind: (_status(kind), kind)):
        title = f"{_spoken(kind)}: exit status {_status(kind)}"
        parts.append(f"\n{title}\n{'=' * len(title)}\n")
        parts += map(_item, groups[kind])
    return "\n".join(parts)


def _item(message: Message) -> str:
    said = f"* ``{message.text}``\n"
    return f"{said}\n  ``{message.advice}``\n" if message.advice else said


def _spoken(kind: str) -> str:
    """The name of a class as words."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind)
    return words.capitalize()


def _status(kind: str) -> int:
    if kind == "HostKeyRefused":
        return errors.ServerUnreachable.exit_code
    if kind == "RequestRefused":
        return errors.UnsafeData.exit_code
    found: type[errors.Error] = getattr(errors, kind, errors.SynchronizationError)
    return found.exit_code


def _raised(module: ast.Module) -> Iterator[Message]:
    kinds = {*errors.__all__, *BESIDE} - {"plain"}
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and node.args:
            kind = _name(node.func)
            text = _text(node.args[0])
            advice = {word.arg: _text(word.value) for word in node.keywords}
            # What is said elsewhere, and the statuses of HTTP, have no words.
            if kind in kinds and re.search("[a-z]{3}", text):
                yield Message(kind, text, _shown(advice.get("advice", "")))


def _shown(advice: str) -> str:
    return advice if re.search("[a-z]{3}", advice) else advice.replace(GAP, "")


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _text(node: ast.expr) -> str:
    """What an expression says, in one line."""
    return " ".join(_pieces(node).replace("`", "'").split())


def _pieces(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value or "")
    if isinstance(node, ast.JoinedStr):
        return "".join(map(_pieces, node.values))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _pieces(node.left) + _pieces(node.right)
    if isinstance(node, ast.Call) and _name(node.func) == "_" and node.args:
        return re.sub(r"\$\{\w+\}", GAP, _pieces(node.args[0]))
    return GAP
