"""The output of ``-z``: records that end with a zero byte, with unescaped paths."""

from __future__ import annotations

import os
from collections.abc import Mapping

from zope.app.fssync.cli.output import write_bytes
from zope.app.fssync.cli.report import Line
from zope.app.fssync.cli.report import TextReport
from zope.app.fssync.cli.report import relative
from zope.fssync.report import Change

__all__ = ["ZeroReport"]


class ZeroReport(TextReport):
    """Write a record for each object or item; messages are left out.

    The record of a change has its letters, a space and the path; after that of a move
    follows a record with the old path.  Other items have the name or the path, with a
    slash at the end for directories, or their text.
    """

    def __init__(self, verbose: bool = False) -> None:
        super().__init__(quiet=False, verbose=verbose)

    def message(self, text: str) -> None:
        """See `Report`: messages are left out."""
        self.flush()

    def change(self, change: str) -> None:
        """See `Report`."""
        if isinstance(change, Change):
            super().change(change)

    def item(self, fields: Mapping[str, object], text: str) -> None:
        """See `Report`."""
        self.flush()
        path = fields.get("name", fields.get("path"))
        if not isinstance(path, str):
            self._write(text.strip("\n"))
            return
        if fields.get("directory") or fields.get("kind") in ("directory", "dir"):
            path = os.path.join(path, "")
        if "server" in fields:
            # Only the server's version differs.
            path = f"  * {path}"
        elif "action" in fields:
            path = f"{text[:1]}  {path}"
        self._write(path)

    def _show(self, line: Line) -> None:
        change = line.change
        star, _ = self._beside(line)
        path = relative(line.path, self._here)
        if change is not None and change.is_directory:
            path = os.path.join(path, "")
        self._write(f"{line.letter}{line.metadata}{star} {path}")
        if change is not None and change.origin:
            self._write(relative(change.origin, self._here))

    def _write(self, record: str) -> None:
        if self.progress is not None:
            self.progress.finish()
        write_bytes(os.fsencode(record) + b"\0")
