"""Report the output of a command: changes of files, items and messages.

A handler has a report as ``opts.report``; `client` connects it to the verbs of the
client, which report each `zope.fssync.report.Change` to it.  A handler calls

``change(change)``
    for a change or the state of a file,
``item(fields, text)``
    for anything else that a command lists,
``message(text)`` and ``warning(text)``
    for a sentence on standard output and standard error.

Nothing else prints, so that ``--json`` and ``--quiet`` work for all commands.  The
classes here print text; `zope.app.fssync.cli.jsonreport` writes JSON.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from collections.abc import Mapping
from typing import TYPE_CHECKING

from zope.app.fssync.cli.options import ZERO
from zope.app.fssync.cli.output import CYAN
from zope.app.fssync.cli.output import GREEN
from zope.app.fssync.cli.output import MAGENTA
from zope.app.fssync.cli.output import RED
from zope.app.fssync.cli.output import YELLOW
from zope.app.fssync.cli.output import colors
from zope.app.fssync.cli.output import from_here
from zope.app.fssync.cli.output import say
from zope.app.fssync.cli.output import warn
from zope.fssync import report
from zope.fssync.report import Change
from zope.fssync.report import LastChange
from zope.fssync.report import owner_and_part
from zope.fssync.terminal import escape

if TYPE_CHECKING:
    from zope.app.fssync.cli.options import Options
    from zope.app.fssync.cli.paging import Pager
    from zope.app.fssync.cli.progress import TerminalProgress
    from zope.app.fssync.client.incoming import Incoming

__all__ = [
    "ZERO",
    "Line",
    "LinesOf36",
    "Report",
    "TextReport",
    "edited_in",
    "relative",
    "report_for",
]

#: The letter of each action.  Others are shown with --verbose only.
LETTERS = {
    report.ADDED: "A",
    report.MODIFIED: "M",
    report.REMOVED: "D",
    report.MOVED: "R",
    report.CONFLICT: "C",
    report.MISSING: "!",
    report.OTHER: "~",
    report.UNREGISTERED: "?",
    report.IGNORED: "I",
    report.WITHHELD: "W",
    report.CREATED: "A",
    report.UPDATED: "U",
    report.SAME: "U",
    report.MERGED: "G",
    report.DELETED: "D",
}

#: The colour of a line, by its letter.
COLORS = {
    **dict.fromkeys("AU", GREEN),
    **dict.fromkeys("MGR", YELLOW),
    **dict.fromkeys("DC!~", RED),
    **dict.fromkeys("?I", MAGENTA),
    "W": CYAN,
}

#: The text in the line below a conflict.
CONFLICTS = {
    report.BOTH: "both sides have a version of their own",
    report.IN_THE_WAY: "not registered here, and in the way of a new object",
    report.OTHER_KIND: "a file on one side and a directory on the other",
    report.REMOVED_HERE: "removed here and changed on the server",
    report.REMOVED_THERE: "changed here and removed on the server",
}

_WORDS = {report.RESOLVED: "Resolved", report.REVERTED: "Reverted"}

_SENDING = {
    report.ADDED: "Adding",
    report.MODIFIED: "Sending",
    report.REMOVED: "Removing",
    report.MOVED: "Moving",
}

#: The letters of added and removed objects, whose parts are not reported.
_WHOLE = "AD?IR"

_FROM_SERVER = (
    *(report.CREATED, report.UPDATED, report.SAME, report.MERGED, report.DELETED),
)

_OLD = (report.UNCHANGED, report.KEPT)


class Report:
    """Base of the reports: counts changes, and prints messages.

    ``transaction`` is the one received or committed, if the server names it.
    ``counts`` has the number of objects for each action.  While a server is
    ``answering`` a commit, only changes that it made are reported, not those that it
    confirms, nor its metadata.  ``progress`` is finished before anything is printed.
    Changes that the user has ``asked`` for are reported by a quiet command, too.
    ``incoming`` maps paths to changes on the server, None if it was not asked;
    ``last_change`` returns the last change of a path, if that is to be reported.
    ``pager`` is started before the first output.
    """

    answering = False
    asked = False
    colored = False

    def __init__(self, quiet: bool = False, verbose: bool = False) -> None:
        self.quiet = quiet
        self.verbose = verbose
        self.counts: dict[str, int] = {}
        self.transaction: str | None = None
        self.progress: TerminalProgress | None = None
        self.pager: Pager | None = None
        self.incoming: dict[str, Incoming] | None = None
        self.last_change: Callable[[str], LastChange | None] | None = None
        self._told: set[str] = set()
        #: Output held by `hold`: functions that print it.
        self._held: list[Callable[[], object]] | None = None

    def change(self, change: str) -> None:
        """Report a `Change`; a plain string is a line of text."""
        raise NotImplementedError

    def item(self, fields: Mapping[str, object], text: str) -> None:
        """Report an item that was asked for: ``fields`` for JSON, else ``text``."""
        self.flush()
        self._say(text)

    def content(
        self, data: bytes, fields: Mapping[str, object], color: str = ""
    ) -> None:
        """Write file content, or text made from it; ``fields`` are for JSON."""
        from zope.app.fssync.cli.output import write_bytes

        self.flush()
        self._start_pager()
        write_bytes(data, color if self.colored else "")

    def message(self, text: str) -> None:
        """Print a message about the whole command, unless it is quiet."""
        self.flush()
        if not self.quiet:
            self._say(text)

    def warning(self, text: str) -> None:
        """Print a message on standard error."""
        self.flush()
        if self.progress is not None:
            self.progress.finish()
        self._print_or_hold(lambda: warn(text))

    def flush(self) -> None:
        """Print the line of the last object, whose parts are complete."""

    def there(self, path: str) -> Incoming | None:
        """Return the server's change of an object that is reported now, or None."""
        self._told.add(path)
        return None if self.incoming is None else self.incoming.get(path)

    def tell_incoming(self) -> None:
        """Report the objects that are different on the server only."""
        from zope.app.fssync.cli.there import fields
        from zope.app.fssync.cli.there import words

        self.flush()
        for path, there in sorted((self.incoming or {}).items()):
            if path in self._told:
                continue
            found: dict[str, object] = {"action": report.UNCHANGED, "path": path}
            if there.is_directory:
                found["directory"] = True
            slash = "/" * there.is_directory
            shown = f"  * {escape(relative(path))}{slash}{words(there)}"
            self.item(found | fields(there), shown)

    def finish(self) -> None:
        """Print the remaining output at the end of the command."""
        self.flush()

    def hold(self) -> None:
        """Hold output until `release`: another program uses the terminal."""
        self.flush()
        self._held = []

    def release(self) -> None:
        """Print the output held since `hold`."""
        self.flush()
        held, self._held = self._held, None
        for each in held or ():
            each()

    def count(self, action: str) -> None:
        self.counts[action] = self.counts.get(action, 0) + 1

    def _say(self, text: str, color: str = "") -> None:
        if self.progress is not None:
            self.progress.finish()
        self._start_pager()
        self._print_or_hold(lambda: say(text, color=color if self.colored else ""))

    def _print_or_hold(self, show: Callable[[], object]) -> None:
        if self._held is None:
            show()
        else:
            self._held.append(show)

    def _start_pager(self) -> None:
        if self.pager is not None:
            if self.progress is not None:
                self.progress.stop()
            self.pager.start()


class LinesOf36(Report):
    """Print the lines of release 3.6.0."""

    def change(self, change: str) -> None:
        told = not self.quiet or self.asked
        if change and told and (self.verbose or change[0] not in "*/"):
            # Names with line ends must not make two lines.
            self._say(escape(change))


class TextReport(Report):
    """Print a line for each object: its letter, that of its metadata, and the path.

    Changes of one object come together, except that those below a directory may come
    between.  So the directories above the current path are remembered.
    """

    def __init__(self, quiet: bool = False, verbose: bool = False) -> None:
        super().__init__(quiet, verbose)
        self._waiting: Line | None = None
        self._above: list[Line] = []
        self._here = os.path.join(os.getcwd(), "")

    def change(self, change: str) -> None:
        if not isinstance(change, Change):
            if not self.quiet:
                self.flush()
                self._say(escape(from_here(change)))
            return
        owner, part = owner_and_part(change.path)
        if not part or change.action in _WORDS:
            self.flush()
            self._waiting = Line(change.path if part else owner, change)
        elif change.action not in _OLD:
            self._add_part(owner, part, change)

    def _add_part(self, owner: str, part: str, change: Change) -> None:
        line = self._waiting
        if line is None or line.path != owner:
            self.flush()
            self._leave(owner)
            line = next((each for each in self._above if each.path == owner), None)
            if line is not None and line.letter in _WHOLE:
                return
            line = self._waiting = Line(owner)
        line.add_part(part, change)

    def flush(self) -> None:
        line, self._waiting = self._waiting, None
        if line is None:
            return
        change = line.change
        if change is not None and change.is_directory:
            self._leave(line.path)
            self._above.append(line)
        if line.is_conflict:
            self.count(report.CONFLICT)
        elif change is not None and change.action not in _OLD:
            self.count(change.action)
        elif line.metadata != " ":
            action = report.UPDATED if line.metadata == "U" else line.metadata_action
            if not self.answering:
                self.count(action)
        self._print(line)

    def _leave(self, path: str) -> None:
        """Forget the directories that are not above ``path``."""
        while self._above and not _is_within(path, self._above[-1].path):
            self._above.pop()

    def _is_nothing(self, line: Line) -> bool:
        """Return True if a line is only shown with --verbose."""
        if line.is_conflict:
            return False
        action = report.UNCHANGED if line.change is None else line.change.action
        if self.answering:
            return action in (*_OLD, report.SAME)
        return action in _OLD and line.metadata == " "

    def _print(self, line: Line) -> None:
        if self._is_nothing(line) and not self.verbose:
            return
        if self.quiet and not (self.asked or line.is_conflict):
            return
        self._show(line)

    def _show(self, line: Line) -> None:
        change = line.change
        shown = self._shown(line)
        if change is not None and change.action == report.RENAMED:
            said = str(change)
            for path in (change.path, change.detail):
                said = said.replace(path, relative(path, self._here))
            self._say(escape(said))
        elif change is not None and change.action in _WORDS:
            self._say(f"{_WORDS[change.action]} {shown}")
        elif change is not None and change.action == report.SENT:
            self._say(f"{_SENDING[change.detail]:9} {shown}")
        else:
            star, words = self._beside(line)
            color = COLORS.get("C" if line.is_conflict else line.letter.strip(), "")
            color = color or COLORS.get(line.metadata, "")
            self._say(f"{line.letter}{line.metadata}{star} {shown}{words}", color)
        if line.is_conflict:
            reason = CONFLICTS.get(line.conflict, line.conflict)
            if line.conflict_path:
                # Name the file to edit, since the object has several.
                place = relative(edited_in(line.conflict_path), self._here)
                reason = f"{escape(place)}: {reason}"
            if line.last is not None:
                reason += f" (there by {escape(str(line.last))})"
            self._say(f"      > {reason}", COLORS["C"])
        if self.verbose:
            for letter, part in line.parts:
                self._say(f" {letter}   @@Zope/{escape(part)}")

    def _beside(self, line: Line) -> tuple[str, str]:
        """Return the third column, if the server was asked, and the words after."""
        if self.incoming is None:
            return "", self._last_change(line)
        there = self.there(line.path)
        if there is None:
            return " ", self._last_change(line)
        from zope.app.fssync.cli.there import words

        return "*", words(there)

    def _last_change(self, line: Line) -> str:
        last = None if self.last_change is None else self.last_change(line.path)
        return "" if last is None else f" ({last.transaction} by {escape(str(last))})"

    def _place(self, line: Line) -> str:
        """Return the path of the file of a line, and the name of the part."""
        _, part = owner_and_part(line.path)
        path = edited_in(line.path) if part else line.path
        shown = escape(relative(path, self._here))
        return shown if path == line.path else f"{shown} ({escape(part)})"

    def _shown(self, line: Line) -> str:
        path = self._place(line)
        if line.change is None:
            # Imported late: only changes of parts need it.
            from zope.fssync.files import Tree

            return f"{path}{'/' * Tree().isdir(line.path)}"
        is_directory = line.change.is_directory
        if line.change.action == report.KEPT:
            return f"{path}{'/' * is_directory} ({line.change.detail} here)"
        if line.change.origin:
            origin = escape(relative(line.change.origin, self._here))
            return f"{path}{'/' * is_directory} (from {origin})"
        if line.change.action == report.ADDED:
            detail = line.change.detail
            return f"{path}{'/' * is_directory}{f' ({escape(detail)})' * bool(detail)}"
        return f"{path}{'/' * is_directory}"


class Line:
    """The changes of an object and of its parts."""

    def __init__(self, path: str, change: Change | None = None) -> None:
        self.path = path
        self.change = change
        self.letter = " " if change is None else _letter(change)
        self.metadata = " "
        self.metadata_action = ""
        self.is_conflict = change is not None and change.action == report.CONFLICT
        self.conflict = "" if change is None else change.detail
        self.conflict_path = ""
        self.last = None if change is None else change.last
        self.parts: list[tuple[str, str]] = []

    def add_part(self, part: str, change: Change) -> None:
        """Add the change of an extra or an annotation."""
        letter = _letter(change)
        self.parts.append((letter, part))
        if self.letter in _WHOLE and letter != "C":
            return
        if letter == "C":
            self.is_conflict, self.conflict = True, change.detail
            self.conflict_path, self.last = change.path, change.last
        elif change.action in _FROM_SERVER:
            letter = "U"
        elif letter not in "W!":
            letter = "M"
        if self.metadata != "C":
            self.metadata, self.metadata_action = letter, change.action


def _letter(change: Change) -> str:
    if (change.action, change.detail) == (report.SAME, report.REMOVED):
        return "D"
    return LETTERS.get(change.action, " ")


def _is_within(path: str, directory: str) -> bool:
    return path == directory or path.startswith(os.path.join(directory, ""))


def edited_in(path: str) -> str:
    """Return the file in which the user can edit the object of a change."""
    # Imported late: most changes are about the content of files.
    from zope.app.fssync.client.workingcopy.compact import CompactTree
    from zope.fssync.files import Tree

    return CompactTree(Tree()).shown(path)


def relative(path: str, here: str | None = None) -> str:
    """Return ``path`` relative to the current directory."""
    here = os.path.join(os.getcwd(), "") if here is None else here
    if path.startswith(here):
        return path[len(here) :]
    if path.startswith(("/", f"{os.pardir}/")):
        return os.path.relpath(path, here)
    short = path.removeprefix("./")
    return os.path.normpath(short) if "./" in short or "//" in short else short


def report_for(opts: Options) -> Report:
    """Return the report that the options ask for."""
    if opts.compat:
        return LinesOf36(opts.quiet, opts.verbose)
    if opts.given(*ZERO.names):
        from zope.app.fssync.cli.zeroreport import ZeroReport

        return ZeroReport(opts.verbose)
    report = TextReport(opts.quiet, opts.verbose)
    report.colored = colors(opts.color)
    return report
