"""Run an editor on an object, and commit while it runs."""

from __future__ import annotations

import select
import signal
import subprocess
import sys
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import ExitStack
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING
from typing import Any

from zope.app.fssync.cli.output import finish_output
from zope.app.fssync.cli.report import Report
from zope.fssync.errors import Error
from zope.fssync.files import Signature
from zope.fssync.files import signature_at
from zope.fssync.limits import EDIT_AT_ONCE
from zope.fssync.limits import EDIT_PAUSE
from zope.fssync.terminal import escape
from zope.fssync.terminal import is_terminal

if TYPE_CHECKING:
    from zope.app.fssync.client.editing import Edit
    from zope.app.fssync.client.editing import Saved

__all__ = ["Editing"]

#: Signals that the editor on the same terminal handles itself.
_KEYS = (signal.SIGINT, signal.SIGQUIT)

#: Signals that end the editor, and this command after it.
_ENDS = (signal.SIGTERM, signal.SIGHUP)


class Editing:
    """Run an editor on an object, and commit each time the file is saved.

    If the editor has a ``window`` of its own, messages are printed at once; else they
    are held until it ends.
    """

    def __init__(
        self, edit: Edit, command: Sequence[str], report: Report, window: bool
    ) -> None:
        self.edit = edit
        self.command = command
        self.report = report
        self.holds = not window and is_terminal(sys.stdout)
        #: The signatures of the file at the last check, and at the last commit.
        self._seen: Signature | None = signature_at(edit.path)
        self._taken = self._seen
        self._failure = ""
        self._waiting = False
        self._count = 0

    def run(self) -> None:
        """Run the editor; run it again for lines that both sides have changed."""
        if self.edit.is_continued:
            self.report.message(
                "What you wrote before was not committed. The editor shows it: save it "
                f"to commit it, or delete {escape(self.edit.place)} to give it up."
            )
        self._run_editor()
        while self.edit.conflict and self.edit.offer():
            self.report.message(
                "Others have changed the same lines: the editor shows both sides "
                "between markers. What you leave there is committed."
            )
            self._taken = self._seen = signature_at(self.edit.path)
            self._run_editor()
            if self.edit.is_undecided:
                return

    def _run_editor(self) -> None:
        count = self._count
        before = self._taken
        began = monotonic()
        with self._held(), self._started() as process:
            while not _has_ended(process):
                self._look()
        status = process.returncode
        is_quick = monotonic() - began < EDIT_AT_ONCE and count == self._count
        if status == 0 and is_quick and self._is_unchanged(before):
            self._wait_for_enter()
        if status and self.edit.is_saved():
            raise Error(
                f"the editor {self.command[0]!r} ended with status {status}: what it "
                "wrote last was not committed"
            )
        if not (self.edit.is_continued and self._is_unchanged(before)):
            self._commit(self.edit.finish)

    def _is_unchanged(self, before: Signature | None) -> bool:
        return signature_at(self.edit.path) == before

    @contextmanager
    def _held(self) -> Iterator[None]:
        """Hold messages while the editor uses the terminal."""
        if not self.holds:
            yield
            return
        self.report.hold()
        try:
            yield
        finally:
            self.report.release()

    @contextmanager
    def _started(self) -> Iterator[subprocess.Popen[bytes]]:
        finish_output()
        with ExitStack() as stack:
            for number in _KEYS:
                stack.enter_context(_handled(number, _ignored))
            try:
                process = subprocess.Popen([*self.command, self.edit.path])
            except OSError as error:
                raise Error(
                    f"the editor {self.command[0]!r} does not run: {error.strerror}",
                    advice="Name another one with --app.",
                ) from None
            stack.enter_context(process)
            for number in _ENDS:
                stack.enter_context(_handled(number, _passed_on(process)))
            yield process

    def _wait_for_enter(self) -> None:
        """Commit saves until the user presses Enter, for an editor that has forked."""
        if not is_terminal(sys.stdin):
            return
        self.report.message(
            f"{self.command[0]} has ended at once. If the file is still open in it, "
            "save what you write, close it, and press Enter."
        )
        while not select.select([sys.stdin], [], [], EDIT_PAUSE)[0]:
            self._look()
        sys.stdin.readline()

    def _look(self) -> None:
        """Commit the file if it was saved, and has not changed since the last check."""
        found = signature_at(self.edit.path)
        is_quiet = found == self._seen
        self._seen = found
        if found is None or found == self._taken or not is_quiet:
            return
        self._taken = found
        try:
            self._commit(self.edit.save)
        except (Error, OSError) as error:
            if str(error) != self._failure:
                self._failure = str(error)
                self.report.warning(f"not committed: {error}")

    def _commit(self, commit: Callable[[], Saved | None]) -> None:
        """Commit, and report the result."""
        saved = commit()
        if saved is None:
            if self.edit.conflict and not self._waiting:
                self._waiting = True
                self.report.warning(
                    "Others have changed the same lines: you will see both sides when "
                    "the editor ends. Until then nothing is committed."
                )
            return
        self._count += 1
        self._failure, self._waiting = "", False
        url = str(self.edit.network.rooturl)
        fields = {"action": "sent", "url": url, "transaction": saved.transaction}
        state = f" as {saved.transaction}" if saved.transaction else ""
        merged = ", merged with what others did" if saved.merged else ""
        if self.report.quiet:
            return
        self.report.item(fields, f"Committed {url}{state}{merged}.")


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    try:
        process.wait(EDIT_PAUSE)
    except subprocess.TimeoutExpired:
        return False
    return True


@contextmanager
def _handled(number: signal.Signals, handler: Any) -> Iterator[None]:
    before = signal.signal(number, handler)
    try:
        yield
    finally:
        signal.signal(number, before)


def _ignored(number: int, frame: object) -> None:
    """Do nothing: the terminal sends the signal to the editor, too."""


def _passed_on(process: subprocess.Popen[bytes]) -> Callable[[int, object], None]:
    def handler(number: int, frame: object) -> None:
        process.send_signal(number)

    return handler
