"""Differences as a person or a program wants them: as a patch, or counted."""

from __future__ import annotations

import os

from zope.app.fssync.cli.output import BOLD
from zope.app.fssync.cli.output import CYAN
from zope.app.fssync.cli.output import GREEN
from zope.app.fssync.cli.output import RED
from zope.app.fssync.cli.output import YELLOW
from zope.app.fssync.cli.report import Report
from zope.app.fssync.cli.report import relative
from zope.fssync.terminal import escape

__all__ = ["Patch", "Statistics"]

#: How many signs the longest bar of `Statistics` has.
_WIDTH = 40


class Patch:
    """Writes the differences of each file, below a line with its path."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._path = ""
        self._in_header = True

    def begin(self, path: str) -> None:
        """Go on with another file."""
        self._path = relative(path)
        self._in_header = True
        self.write(b"Index: %s\n" % os.fsencode(self._path))

    def write(self, data: bytes) -> None:
        """Take over some of what is to be shown of the file."""
        self._report.content(data, {"path": self._path}, self._color(data))

    def _color(self, data: bytes) -> str:
        """Return the colour of a line, by its first character."""
        if data.startswith((b"@@", b"*****")):
            self._in_header = False
            return CYAN
        if self._in_header:
            return BOLD if data.startswith((b"---", b"+++", b"***", b"Index")) else ""
        return {b"+": GREEN, b"-": RED, b"!": YELLOW}.get(data[:1], "")

    def finish(self) -> None:
        """Show what is left."""
        self._report.flush()


class Statistics:
    """Counts added and removed lines of each file, and draws them as a bar.

    What is written has to be in the unified form without unchanged lines.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self._rows: list[tuple[str, int, int, bool]] = []
        self._rest = b""

    def begin(self, path: str) -> None:
        """Go on with another file."""
        self._rest = b""
        self._rows.append((relative(path), 0, 0, True))

    def write(self, data: bytes) -> None:
        """Count the lines of ``data``."""
        path, added, removed, binary = self._rows[-1]
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            if line.startswith((b"--- ", b"+++ ")) and binary:
                # The header; the first hunk ends it.
                continue
            binary = binary and not line.startswith(b"@@")
            added += line.startswith(b"+")
            removed += line.startswith(b"-")
        self._rows[-1] = (path, added, removed, binary)

    def finish(self) -> None:
        """Show a line for each file, and the sums."""
        most = max((added + removed for _, added, removed, _ in self._rows), default=0)
        wide = max((len(escape(path)) for path, *_ in self._rows), default=0)
        for path, added, removed, binary in self._rows:
            scale = _WIDTH / most if most > _WIDTH else 1
            bar = "+" * round(added * scale) + "-" * round(removed * scale)
            shown = "binary" if binary else f"{added + removed:4} {bar}"
            fields = {"path": path, "added": added, "removed": removed}
            self._report.item(
                fields | {"binary": binary}, f" {escape(path):{wide}} | {shown}"
            )
        if self._rows:
            plus = sum(added for _, added, _, _ in self._rows)
            minus = sum(removed for _, _, removed, _ in self._rows)
            files = f"{len(self._rows)} file{'' if len(self._rows) == 1 else 's'}"
            self._report.message(f" {files} changed, {plus} added, {minus} removed")
