"""Show differences as a patch, as statistics, or as a list of files."""

from __future__ import annotations

import os

from zope.app.fssync.cli.output import BOLD
from zope.app.fssync.cli.output import CYAN
from zope.app.fssync.cli.output import GREEN
from zope.app.fssync.cli.output import RED
from zope.app.fssync.cli.output import YELLOW
from zope.app.fssync.cli.report import Report
from zope.app.fssync.cli.report import relative
from zope.fssync.report import ADDED
from zope.fssync.report import MODIFIED
from zope.fssync.report import REMOVED
from zope.fssync.terminal import columns_for
from zope.fssync.terminal import escape
from zope.fssync.terminal import padded

__all__ = ["Patch", "Statistics", "Summary"]

#: The length of the longest bar of `Statistics`.
_WIDTH = 40


class Patch:
    """Write the differences of each file, below a line with its path.

    JSON has the path and ``more``.
    """

    def __init__(self, report: Report, **more: object) -> None:
        self._report = report
        self._more = more
        self._path = ""
        self._in_header = True
        self._is_new = False

    def begin(self, path: str) -> None:
        """Begin the next file."""
        self._path = relative(path)
        self._in_header = self._is_new = True

    def write(self, data: bytes) -> None:
        """Write some of the differences of the file."""
        if self._is_new:
            # Write the path before the first difference: all others may be ignored.
            self._is_new = False
            self._write(b"Index: %s\n" % os.fsencode(self._path))
        self._write(data)

    def _write(self, data: bytes) -> None:
        fields = {"path": self._path, **self._more}
        self._report.content(data, fields, self._color(data))

    def _color(self, data: bytes) -> str:
        """Return the colour of a line, by its first character."""
        if data.startswith((b"@@", b"*****")):
            self._in_header = False
            return CYAN
        if self._in_header:
            return BOLD if data.startswith((b"---", b"+++", b"***", b"Index")) else ""
        return {b"+": GREEN, b"-": RED, b"!": YELLOW}.get(data[:1], "")

    def finish(self) -> None:
        """End the last file."""
        self._report.flush()


class Statistics:
    """Count added and removed lines of each file, and draw them as a bar.

    Differences must be in the unified form without unchanged lines.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self._rows: list[tuple[str, int, int, bool]] = []
        #: The current file, until its first difference.
        self._path = ""
        self._rest = b""

    def begin(self, path: str) -> None:
        """Begin the next file."""
        self._rest = b""
        self._path = path

    def write(self, data: bytes) -> None:
        """Count the lines of ``data``."""
        if self._path:
            self._rows.append((relative(self._path), 0, 0, True))
            self._path = ""
        path, added, removed, binary = self._rows[-1]
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            if line.startswith((b"--- ", b"+++ ")) and binary:
                # Skip the header, which ends at the first hunk.
                continue
            binary = binary and not line.startswith(b"@@")
            added += line.startswith(b"+")
            removed += line.startswith(b"-")
        self._rows[-1] = (path, added, removed, binary)

    def finish(self) -> None:
        """Show a line for each file, and the sums."""
        most = max((added + removed for _, added, removed, _ in self._rows), default=0)
        wide = max((columns_for(escape(path)) for path, *_ in self._rows), default=0)
        for path, added, removed, binary in self._rows:
            scale = _WIDTH / most if most > _WIDTH else 1
            bar = "+" * round(added * scale) + "-" * round(removed * scale)
            shown = "binary" if binary else f"{added + removed:4} {bar}"
            fields = {"path": path, "added": added, "removed": removed}
            self._report.item(
                fields | {"binary": binary}, f" {padded(escape(path), wide)} | {shown}"
            )
        if self._rows:
            plus = sum(added for _, added, _, _ in self._rows)
            minus = sum(removed for _, _, removed, _ in self._rows)
            files = f"{len(self._rows)} file{'' if len(self._rows) == 1 else 's'}"
            self._report.message(f" {files} changed, {plus} added, {minus} removed")


class Summary:
    """List each file with a letter for its change."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._path = ""

    def begin(self, path: str) -> None:
        """Begin the next file."""
        self._path = relative(path)

    def write(self, data: bytes) -> None:
        """List the file at its first difference."""
        path, self._path = self._path, ""
        if not path:
            return
        # The header, or the sentence about binary files, has both names.
        null = os.fsencode(os.devnull)
        head = data.split(b"\n")
        before = head[0].startswith((b"--- " + null, b"Binary files " + null))
        after = (b"+++ " + null) in head or b" and " + null + b" differ" in head[0]
        action, letter = (
            (ADDED, "A") if before else (REMOVED, "D") if after else (MODIFIED, "M")
        )
        fields = {"action": action, "path": path}
        self._report.item(fields, f"{letter}  {escape(path)}")

    def finish(self) -> None:
        """Do nothing: everything is shown."""
