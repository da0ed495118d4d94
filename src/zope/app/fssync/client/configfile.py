"""Change one setting in a file of settings, without changing other lines."""

from __future__ import annotations

import json
import os
import re

from zope.app.fssync.client.configuration import Setting
from zope.app.fssync.client.configuration import Value
from zope.app.fssync.client.configuration import place
from zope.app.fssync.client.configuration import read_toml
from zope.fssync.errors import Error
from zope.fssync.files import SaveFile
from zope.fssync.files import make_directories
from zope.fssync.files import open_regular
from zope.fssync.terminal import escape

__all__ = ["change"]


def change(path: str, known: Setting, value: Value | None) -> bool:
    """Set ``known`` in the file at ``path``, or delete it with None.

    Returns True if it was set before.
    """
    before = read_toml(path)
    section, _, name = known.key.partition(".")
    table = before.get(section, {})
    there = isinstance(table, dict) and name in table
    if value is None and not there:
        return False
    wanted = _with(before, section, name, value)
    real = place(path)
    lines = _lines(real)
    text = "".join(_changed(lines, section, name, value))
    if _toml(text) != wanted:
        raise Error(
            f"{escape(path)} is written in a way that zsync cannot change",
            path=path,
            advice=f"Edit it: '{known.key}' belongs below [{section}].",
        )
    make_directories(os.path.dirname(real))
    with SaveFile(real, 0o600) as stream:
        stream.write(text.encode())
    return there


def _with(
    before: dict[str, object], section: str, name: str, value: Value | None
) -> dict[str, object]:
    old = before.get(section, {})
    table = dict(old) if isinstance(old, dict) else {}
    if value is None:
        table.pop(name)
    else:
        table[name] = value
    return {**before, section: table}


def _lines(path: str) -> list[str]:
    if not os.path.lexists(path):
        return []
    with open_regular(path) as stream:
        lines = stream.read().decode("utf-8").splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    return lines


def _changed(
    lines: list[str], section: str, name: str, value: Value | None
) -> list[str]:
    new = [] if value is None else [f"{name} = {_written(value)}\n"]
    header = re.compile(rf"\s*\[\s*{re.escape(section)}\s*\]")
    start = next((i for i, line in enumerate(lines) if header.match(line)), None)
    if start is None:
        gap = ["\n"] if lines else []
        return [*lines, *gap, f"[{section}]\n", *new]
    key = re.compile(rf"\s*{re.escape(name)}\s*=")
    end = start + 1
    while end < len(lines) and not lines[end].lstrip().startswith("["):
        if key.match(lines[end]):
            return [*lines[:end], *new, *lines[end + 1 :]]
        end += 1
    while not lines[end - 1].strip():
        end -= 1
    return [*lines[:end], *new, *lines[end:]]


def _written(value: Value) -> str:
    """Return ``value`` in the syntax of TOML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(map(_written, value))}]"
    if isinstance(value, float):
        return repr(value)
    # JSON leaves this one as it is, which TOML does not take.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _toml(text: str) -> object:
    import tomllib

    try:
        return tomllib.loads(text)
    except ValueError:
        return None
