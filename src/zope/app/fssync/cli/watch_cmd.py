"""zsync watch."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from contextlib import nullcontext
from functools import partial

from zope.app.fssync.cli.common import MESSAGE
from zope.app.fssync.cli.common import check_conflicts
from zope.app.fssync.cli.common import check_registered
from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.common import extract_message
from zope.app.fssync.cli.options import Option
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.output import finish_output
from zope.app.fssync.cli.verb import verb
from zope.fssync.errors import UsageError
from zope.fssync.terminal import escape
from zope.fssync.terminal import is_terminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from zope.app.fssync.client.watching import Rules
    from zope.app.fssync.client.watchloop import Loop


@verb(
    *MESSAGE,
    Option("--pull-only", help="bring changes of the server, and send none"),
    Option("--push-only", help="send your changes, and bring none"),
    Option("--once", help="bring both sides together, and end"),
    Option(
        "--quiet-time",
        argument="SECONDS",
        help="send a burst this long after the last save; 0.5 by default",
    ),
    group="work",
    completes="tracked",
    summary="commit what you save, and bring what others do, while it runs",
    examples=(
        ("%(program)s watch", "keep the working copy and the server alike"),
        ("%(program)s watch --pull-only shop", "follow what others do in shop"),
    ),
)
def watch(opts: Options, args: list[str]) -> None:
    """%(program)s watch [--pull-only | --push-only] [--once] [-m MESSAGE] [TARGET]

    As long as it runs, saved files are committed, and changes on the server appear
    in the files, by the rules of '%(program)s commit' and 'update'.  TARGET is the
    current directory by default.  Control-C ends it.

    Files that you save together are one transaction.  New files are added, moved
    ones are moved, deleted ones removed; if more than 10 disappear at once you are
    asked first.  Ignored files are not sent, nor temporary files of editors.

    A file in conflict is skipped until you run '%(program)s resolve' in another
    window; a file that the server refuses, until you change it.  If the server or
    the network is not available, the command waits.

    With the package watchdog, 'pip install zope.app.fssync[watch]', the system
    notifies it of changes; without it the files are scanned repeatedly.
    """
    from zope.app.fssync.client.watching import Watch
    from zope.app.fssync.client.watchloop import Loop
    from zope.fssync.report import CONFLICT
    from zope.fssync.report import Change
    from zope.fssync.report import owner_and_part

    if len(args) > 1:
        raise UsageError("watch takes one TARGET")
    rules = _rules(opts)

    def tell(action: str, text: str, path: str | None) -> None:
        fields: dict[str, object] = {"action": action, "text": text}
        shown = text
        if path is not None:
            fields["path"] = path
            shown = f"{escape(path)}: {text}"
        if not opts.quiet or action in ("paused", "question", "kept", "error"):
            opts.report.item(fields, shown)
        finish_output()

    def begin(committing: bool) -> None:
        opts.report.flush()
        finish_output()
        # Report the changes that the server made, not those that it confirms.
        opts.report.answering = committing

    def observe(change: str) -> None:
        if isinstance(change, Change) and change.action == CONFLICT:
            owner, _ = owner_and_part(change.path)
            if owner in found.conflicts:
                return
        opts.report.change(change)

    with client(opts, observer=observe) as fs:
        check_registered(fs, args)
        fs.network.options = fs.network.options._replace(
            warn=lambda line: tell("warning", line.removeprefix("warning: "), None)
        )
        opts.report.progress = fs.network.progress = None
        found = Watch(fs, args[0] if args else os.curdir, rules, tell, begin)
        loop = Loop(found, tell)
        if opts.given("--once"):
            loop.once()
            fs.conflicts = sorted(found.conflicts)
            check_conflicts(fs)
        else:
            _run(loop, rules.can_ask)
        opts.report.flush()


def _rules(opts: Options) -> Rules:
    """Return the settings that the options name."""
    from zope.app.fssync.client.watching import Rules
    from zope.fssync.limits import WATCH_QUIET

    message, _ = extract_message(opts, "watch")
    only = [name for name in ("--pull-only", "--push-only") if opts.given(name)]
    if len(only) > 1:
        raise UsageError("--pull-only and --push-only exclude one another")
    return Rules(
        pull="--push-only" not in only,
        push="--pull-only" not in only,
        quiet=_seconds(opts.value("--quiet-time"), WATCH_QUIET),
        can_ask=is_terminal(sys.stdin) and not opts.given("--once"),
        note=message,
    )


def _run(loop: Loop, can_ask: bool) -> None:
    """Run until a signal is received; a second one also ends the current action."""
    import signal

    def end(number: int, frame: object) -> None:
        loop.stop()
        for each in before:
            signal.signal(each, signal.default_int_handler)

    before = {
        number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        with _woken(loop):
            loop.run(partial(_answers, loop) if can_ask else nullcontext)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _woken(loop: Loop) -> Iterator[None]:
    """Wake the loop at each signal during the block.

    A signal that comes just before the loop waits does not end that wait, and its
    handler runs after it.
    """
    import signal
    import socket
    import threading

    received, alarm = socket.socketpair()
    alarm.setblocking(False)

    def read() -> None:
        while received.recv(1):
            loop.wake()

    thread = threading.Thread(target=read, daemon=True)
    with received, alarm:
        before = signal.set_wakeup_fd(alarm.fileno(), warn_on_full_buffer=False)
        thread.start()
        try:
            yield
        finally:
            signal.set_wakeup_fd(before)
            alarm.close()
            thread.join()


@contextmanager
def _answers(loop: Loop) -> Iterator[None]:
    """Pass lines that the user types during the block to the loop as answers."""
    import select
    import threading

    from zope.fssync.limits import WATCH_SCAN

    ended, end = os.pipe()
    typed = sys.stdin.fileno()

    def read() -> None:
        # `sys.stdin` could not be closed while it waits.
        while ended not in select.select([typed, ended], [], [])[0]:
            if _is_secret(typed) or not select.select([typed], [], [], 0)[0]:
                # Another thread is asking for a password: leave the input to it.
                select.select([ended], [], [], WATCH_SCAN)
                continue
            data = os.read(typed, 100)
            word = data.strip().lower()
            if word in (b"yes", b"no"):
                loop.answer(word == b"yes")
            if not data:
                return

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    try:
        yield
    finally:
        os.close(end)
        # Another reader may have taken the line that `select` reported.
        thread.join(4 * WATCH_SCAN)
        if not thread.is_alive():
            os.close(ended)


def _is_secret(terminal: int) -> bool:
    """Return True if a terminal does not echo its input, as for a password."""
    import termios

    try:
        return not termios.tcgetattr(terminal)[3] & termios.ECHO
    except termios.error:
        return False


def _seconds(text: str | None, usual: float) -> float:
    if text is None:
        return usual
    try:
        found = float(text)
    except ValueError:
        found = -1
    if not 0 <= found <= 3600:
        raise UsageError(f"--quiet-time is a number of seconds, not {text!r}")
    return found
