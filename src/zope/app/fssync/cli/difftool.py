"""Show differences with an external program."""

from __future__ import annotations

import os
import tempfile

from zope.app.fssync.cli.report import Report
from zope.app.fssync.cli.report import relative
from zope.app.fssync.cli.resolving import run
from zope.app.fssync.cli.resolving import words
from zope.fssync.terminal import escape

__all__ = ["ToolRunner"]


class ToolRunner:
    """Run a command line with two more arguments: the old and the new file."""

    def __init__(self, tool: str, report: Report) -> None:
        self._words = words(tool)
        self._report = report

    def __call__(self, path: str, before: bytes, after: bytes) -> None:
        """Run the tool for one file and wait for it; it may change the file."""
        with tempfile.TemporaryDirectory(prefix="zsync-") as directory:
            old = _written(directory, "OLD", path, before)
            new = path
            if not _holds(path, after):
                new = _written(directory, "NEW", path, after)
            status = run(self._words, old, new)
        # Programs that compare files exit with 1 if these differ.
        if status not in (0, 1):
            self._report.warning(
                f"{escape(relative(path))}: the tool ended with status {status}"
            )


def _written(directory: str, side: str, path: str, content: bytes) -> str:
    """Write one side to a file whose name has the side, and the file's extension."""
    written = os.path.join(directory, f"{side}.{os.path.basename(path)}")
    with open(written, "wb") as stream:
        stream.write(content)
    return written


def _holds(path: str, content: bytes) -> bool:
    if not os.path.isfile(path):
        return False
    with open(path, "rb") as stream:
        return stream.read(len(content) + 1) == content
