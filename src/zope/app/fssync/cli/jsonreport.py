"""Report the output of a command as one JSON document, see docs/json.rst.

Items are written at once, so that a long list needs little memory.  The document is
complete even if the command fails.
"""

from __future__ import annotations

import base64
import io
import json
import os
import sys
from collections.abc import Mapping
from contextlib import redirect_stdout
from contextlib import suppress
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING
from typing import TextIO

from zope.app.fssync.cli.output import finish_output
from zope.app.fssync.cli.report import Report
from zope.app.fssync.cli.report import edited_in
from zope.fssync import report
from zope.fssync.limits import SPOOL_SIZE
from zope.fssync.report import Change
from zope.fssync.report import owner_and_part

if TYPE_CHECKING:
    from zope.app.fssync.cli.options import Options

__all__ = ["FORMAT", "Document", "JsonReport"]

#: The version of the document.  New keys may come without a new one.
FORMAT = 1


class JsonReport(Report):
    """Write items to ``stream``; with ``lines`` each is a line.

    Else they are parts of a document, whose end `end` writes.
    """

    def __init__(self, stream: TextIO, lines: bool = False) -> None:
        super().__init__()
        self.command: str | None = None
        self._stream = stream
        self._lines = lines
        self._begun = False
        self._messages: list[dict[str, object]] = []
        #: The content that is received in pieces, and its fields.
        self._content: tuple[dict[str, object], list[bytes]] | None = None

    def change(self, change: str) -> None:
        if not isinstance(change, Change):
            self.message(change)
            return
        owner, part = owner_and_part(change.path)
        is_old = change.action in (report.UNCHANGED, report.KEPT)
        if is_old and not self.verbose:
            return
        if not part:
            self.count(change.action)
        fields: dict[str, object] = {"action": change.action, "path": owner}
        if change.detail:
            fields["detail"] = change.detail
        if change.origin:
            fields["origin"] = change.origin
        last = change.last
        if last is None and self.last_change is not None and not part:
            last = self.last_change(owner)
        if last is not None:
            transaction, time, user = last
            fields |= {"changed_in": transaction, "time": time, "user": user}
        if part:
            fields |= {"part": part, "file": edited_in(change.path)}
        elif change.is_directory:
            fields["directory"] = True
        there = self.there(owner)
        if there is not None:
            from zope.app.fssync.cli.there import fields as different

            fields |= different(there)
        self.item(fields)

    def item(self, fields: Mapping[str, object], text: str = "") -> None:
        if not self._begun and not self._lines:
            head = json.dumps({"format": FORMAT, "command": self.command})
            self._write(f'{head[:-1]}, "items": [\n')
        elif not self._lines:
            self._write(",\n")
        self._begun = True
        self._write(json.dumps(with_bytes(fields)) + ("\n" if self._lines else ""))
        if self._lines:
            # A reader of lines waits for each of them.
            with suppress(BrokenPipeError):
                self._stream.flush()

    def content(
        self, data: bytes, fields: Mapping[str, object], color: str = ""
    ) -> None:
        # Pieces may end within a character.
        same = self._content is not None and self._content[0] == fields
        if self._content is None or not same:
            self.flush()
            self._content = (dict(fields), [])
        self._content[1].append(data)

    def flush(self) -> None:
        found, self._content = self._content, None
        if found is not None:
            fields, pieces = found
            self.item({**fields, **_content(b"".join(pieces))})

    def message(self, text: str) -> None:
        self._note("info", text)

    def warning(self, text: str) -> None:
        self._note("warning", text.removeprefix("warning: "))

    def error(self, text: str, hint: str | None, path: str | None = None) -> None:
        self._note("error", text, hint, path)

    def _note(
        self, level: str, text: str, hint: str | None = None, path: str | None = None
    ) -> None:
        note: dict[str, object] = {"level": level, "text": text}
        if hint:
            note["hint"] = hint
        if path:
            note["path"] = path
        self._messages.append(with_bytes(note))

    def text(self, text: str) -> None:
        """Add a text that a command printed without the report."""
        if text:
            self._note("text", text)

    def end(self, status: int) -> None:
        """Write the end of the document."""
        rest = {
            "messages": self._messages,
            "transaction": self.transaction,
            "exit": status,
        }
        head = {"format": FORMAT, "command": self.command}
        if self._lines:
            self._write(json.dumps({**head, **rest}) + "\n")
        elif self._begun:
            self._write(f"\n], {json.dumps(rest)[1:]}\n")
        else:
            self._write(json.dumps({**head, "items": [], **rest}) + "\n")

    def _write(self, text: str) -> None:
        # The text is ASCII in any locale.  A command goes on without a reader.
        with suppress(BrokenPipeError):
            self._stream.write(text)


class Document:
    """Replaces standard output, so that only the JSON document is written to it.

    Anything else that a command prints becomes a message of the document.
    """

    def __init__(self, lines: bool) -> None:
        self.report = JsonReport(sys.stdout, lines)
        self._printed = io.TextIOWrapper(
            SpooledTemporaryFile(SPOOL_SIZE),  # noqa: SIM115
            "utf-8",
            "surrogateescape",
            newline="",
        )
        self._redirected = redirect_stdout(self._printed)

    def __enter__(self) -> Document:
        self._redirected.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._redirected.__exit__(None, None, None)
        self._printed.close()
        finish_output()

    def begin(self, command: str, opts: Options) -> JsonReport:
        """Return the report of a command."""
        self.report.command = command
        self.report.quiet, self.report.verbose = opts.quiet, opts.verbose
        return self.report

    def end(self, command: str | None, status: int) -> None:
        """Write the remaining output at the end of a command."""
        self.report.flush()
        self._printed.seek(0)
        self.report.text(self._printed.read())
        self.report.command = command
        self.report.end(status)


def with_bytes(fields: Mapping[str, object]) -> dict[str, object]:
    """Return ``fields`` with the bytes of each path that is not valid text."""
    found = dict(fields)
    for key, value in fields.items():
        if key in ("text", "hint"):
            # Messages are for display only.
            continue
        if isinstance(value, str) and not _is_text(value):
            found[f"{key}_bytes"] = _base64(value)
        elif isinstance(value, list) and not all(map(_is_text, _texts(value))):
            found[f"{key}_bytes"] = [_base64(each) for each in _texts(value)]
    return found


def _texts(values: list[object]) -> list[str]:
    return [each for each in values if isinstance(each, str)]


def _base64(value: str) -> str:
    return base64.b64encode(os.fsencode(value)).decode()


def _is_text(value: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in value)


def _content(data: bytes) -> dict[str, object]:
    try:
        return {"content": data.decode("utf-8")}
    except UnicodeDecodeError:
        return {"content_base64": base64.b64encode(data).decode()}
