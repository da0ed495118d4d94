"""Resolve conflicts one by one: by questions on a terminal, and merge tools."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from typing import Any
from typing import NamedTuple

from zope.app.fssync.cli.editor import editor
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.output import write_bytes
from zope.app.fssync.cli.report import CONFLICTS
from zope.app.fssync.cli.report import Report
from zope.app.fssync.cli.report import relative
from zope.app.fssync.client.conflicts import Conflict
from zope.app.fssync.client.conflicts import Sides
from zope.fssync import fsutil
from zope.fssync.errors import Error
from zope.fssync.merge.diffformat import DiffOptions
from zope.fssync.merge.diffformat import differences
from zope.fssync.report import BOTH
from zope.fssync.terminal import escape

__all__ = ["ask", "run", "run_tool", "words"]


class Answer(NamedTuple):
    """A key that may be typed, and its meaning."""

    key: str
    meaning: str


_POSTPONE = Answer("p", "postpone: decide later")
_QUIT = Answer("q", "quit: postpone all that are left")
_HELP = Answer("h", "help: show what the keys mean")

_FOR_FILES = (
    _POSTPONE,
    Answer("df", "diff-full: show how the file differs from the server's"),
    Answer("e", "edit: change the file in an editor"),
    Answer("r", "resolved: the file is right as it stands"),
    Answer("mf", "mine-full: take what the file was before the server's changes"),
    Answer("tf", "theirs-full: take what the server has"),
    Answer("b", "base: take what the file was before anybody changed it"),
    Answer("l", "launch: run the merge tool that ZSYNC_MERGE names"),
    _QUIT,
    _HELP,
)
_FOR_TREES = (
    _POSTPONE,
    Answer("mf", "mine-full: leave it as it is here"),
    Answer("tf", "theirs-full: take what the server has, or its removal"),
    _QUIT,
    _HELP,
)

#: The keys that settle a conflict, with the side that they accept.
_ACCEPT = {"r": "working", "mf": "mine", "tf": "theirs", "b": "base"}


def ask(fs: Any, conflicts: Sequence[Conflict], opts: Options) -> None:
    """Ask about each conflict, and settle it at once."""
    if not conflicts:
        opts.report.message("There are no conflicts.")
    for number, conflict in enumerate(conflicts):
        shown = escape(relative(fs.files.shown(conflict.path)))
        kind = CONFLICTS[conflict.kind]
        last = f" ({escape(str(conflict.last))})" if conflict.last else ""
        opts.report.message(f"Conflict in '{shown}': {kind}{last}.")
        if not _settle(fs, conflict, opts):
            left = len(conflicts) - number
            opts.report.message(f"{left} not decided; 'zsync resolve' asks again.")
            return


def _settle(fs: Any, conflict: Conflict, opts: Options) -> bool:
    """Ask until a conflict is settled or skipped; return False to quit."""
    answers = _FOR_FILES if _is_file(fs, conflict) else _FOR_TREES
    keys = ", ".join(f"({answer.key})" for answer in answers)
    while True:
        opts.report.flush()
        key = _read(f"Select: {keys}: ")
        if key in (None, "q"):
            return False
        if key == "p":
            return True
        if key == "h" or all(key != answer.key for answer in answers):
            for answer in answers:
                opts.report.message(f"  ({answer.key:2}) {answer.meaning}")
            continue
        try:
            if _act(fs, conflict, str(key), opts):
                return True
        except Error as error:
            opts.report.warning(error.message)
            if error.advice:
                opts.report.warning(f"hint: {error.advice}")


def _is_file(fs: Any, conflict: Conflict) -> bool:
    return conflict.kind == BOTH and fs.sides(conflict.path).exists


def _act(fs: Any, conflict: Conflict, key: str, opts: Options) -> bool:
    """Perform an answer; return True if it settles the conflict."""
    if key == "df":
        _show_differences(fs.sides(conflict.path))
    elif key == "e":
        _edit(opts, fs.files.shown(conflict.path))
    elif key == "l":
        return run_tool(fs, conflict, os.environ.get("ZSYNC_MERGE", ""), opts.report)
    else:
        fs.resolve(conflict.path, False, _ACCEPT[key], True)
        return True
    return False


def _read(question: str) -> str | None:
    """Return the answer of the user, None at the end of the input."""
    # Not by `input`: on narrow terminals its library scrolls a long question away.
    print(question, end="", flush=True)
    line = sys.stdin.readline()
    return line.strip() if line else None


def _show_differences(sides: Sides) -> None:
    for line in differences(
        sides.content(sides.theirs),
        sides.content(sides.path),
        f"{escape(sides.path)}\t(server)",
        f"{escape(sides.path)}\t(working)",
        DiffOptions.parse("-u"),
    ):
        write_bytes(line)


def _edit(opts: Options, path: str) -> None:
    """Let the user edit a file in their editor."""
    run(editor(opts), path)


def run_tool(fs: Any, conflict: Conflict, tool: str, report: Report) -> bool:
    """Run a merge tool for a file; resolve the file if the tool succeeds."""
    path = conflict.path
    if not tool.strip():
        raise Error(
            "no merge tool is known",
            advice="Name one: in the environment as ZSYNC_MERGE, or with --tool CMD.",
        )
    if not _is_file(fs, conflict):
        report.warning(
            f"left: {escape(path)}: {CONFLICTS[conflict.kind]}, no tool can merge that"
        )
        return False
    described = fs.files.shown(path)
    if described != path:
        report.warning(
            f"left: {escape(described)}: a description is merged in an editor"
        )
        return False
    sides = fs.sides(path)
    with tempfile.TemporaryDirectory(prefix="zsync-") as directory:
        named = [
            _written(directory, side, name, sides)
            for side, name in (
                (sides.base, "BASE"),
                (sides.mine, "LOCAL"),
                (sides.theirs, "REMOTE"),
            )
        ]
        status = run(words(tool), *named, path)
    if status:
        report.warning(f"left: {escape(path)}: the tool ended with status {status}")
        return False
    fs.resolve(path, False, "working", True)
    return True


def _written(directory: str, side: str | None, name: str, sides: Sides) -> str:
    """Write one side to a file whose name has the side, and the file's extension."""
    _, tail = fsutil.split(sides.path)
    written = os.path.join(directory, f"{name}.{tail}")
    with open(written, "wb") as stream:
        stream.write(sides.content(side))
    return written


def words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError as error:
        raise Error(f"not a command line: {escape(command)}: {error}") from None


def run(words: list[str], *files: str) -> int:
    """Run a command with files as further arguments; return its status."""
    # Do not let a file name be taken for an option.
    files = tuple(os.path.join(os.curdir, f) if f.startswith("-") else f for f in files)
    try:
        return subprocess.run([*words, *files], check=False).returncode
    except OSError as error:
        raise Error(f"cannot run {escape(words[0])}: {error.strerror}") from error
