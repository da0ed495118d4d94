"""Code shared by several commands: options, checks, the client for a terminal."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager

from zope.app.fssync.cli.options import Option
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.options import Pairs
from zope.app.fssync.cli.output import warn
from zope.fssync.errors import ConflictsRemain
from zope.fssync.errors import Error
from zope.fssync.errors import UsageError
from zope.fssync.terminal import escape
from zope.fssync.terminal import is_terminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Container
    from collections.abc import Iterable
    from collections.abc import Iterator
    from collections.abc import Sequence
    from typing import Any
    from typing import TextIO

    from zope.app.fssync.cli.progress import TerminalProgress
    from zope.app.fssync.client.api import FSSync
    from zope.app.fssync.client.configuration import Configuration
    from zope.app.fssync.client.connection import Network
    from zope.app.fssync.client.workingcopy.compact import CompactTree

__all__ = [
    "DRY_RUN",
    "MESSAGE",
    "REVISION",
    "USER",
    "asks_for_message",
    "check_conflicts",
    "check_exist",
    "check_registered",
    "client",
    "configuration",
    "extract_message",
    "finish_transfer",
    "is_rehearsal",
    "make_network",
    "paged",
    "progress_on",
    "read_targets",
    "tell_converted",
    "tell_rehearsal",
    "unknown",
    "url_and_target",
    "user_option",
]

DRY_RUN = ("-n", "--dry-run")

MESSAGE = (
    Option(
        "-m",
        "--message",
        argument="MESSAGE",
        help="description of the transaction",
    ),
    Option(
        "-F",
        "--file",
        argument="FILE",
        help="read the message from FILE; - is standard input",
    ),
)

REVISION = Option(
    "-r",
    "--revision",
    argument="REV",
    help="as it was after REV: an id, a date, '2 hours ago', PREV, BASE or HEAD",
)

CONTROL = Option(
    "--control",
    argument="DIR",
    help="keep the control data in DIR, outside of the working copy",
)

USER = Option(
    "-u", "--user", argument="USER", help="the user, instead of writing it into URL"
)


@contextmanager
def client(
    opts: Options,
    rooturl: str | None = None,
    quiet: bool = False,
    observer: Callable[[str], object] | None = None,
) -> Iterator[Any]:
    """Yield an `FSSync` that reports to ``opts.report``, and close its connections.

    Changes are passed to an ``observer`` instead, if given.
    """
    from zope.app.fssync.client.api import FSSync

    report = opts.report
    report.quiet = report.quiet or quiet

    class Client(FSSync):
        def make_network(self) -> Network:
            report.progress = None if report.quiet else progress_on(sys.stderr)
            network = make_network(opts, report.warning)
            network.progress = report.progress
            return network

    fs = Client(rooturl=rooturl, observer=observer or report.change)
    try:
        yield fs
    finally:
        report.flush()
        report.transaction = fs.transaction
        if report.progress is not None:
            report.progress.finish()
        fs.close()


def make_network(opts: Options, tell: Callable[[str], None]) -> Network:
    """Return a network with the settings of this command."""
    from zope.app.fssync.client.connection import Network
    from zope.app.fssync.client.logins import Sources
    from zope.app.fssync.client.transport import TransportOptions
    from zope.fssync.limits import TIMES

    settings = configuration(opts)
    return Network(
        options=TransportOptions(
            connect_timeout=settings.seconds("timeout.connect", TIMES.connect),
            read_timeout=settings.seconds("timeout.read", TIMES.read),
            answer_timeout=settings.seconds("timeout.answer", TIMES.answer),
            warn=tell,
            proxy=settings.text("http.proxy"),
            authorities=settings.text("tls.ca"),
        ),
        sources=Sources(
            tuple(settings.texts("credential.helper")),
            settings.flag("credential.keyring"),
            opts.password_on_stdin,
        ),
    )


@contextmanager
def paged(opts: Options) -> Iterator[None]:
    """Show the output of the block in a pager, if it goes to a terminal."""
    if opts.compat or not is_terminal(sys.stdout):
        yield
        return
    # Imported late: most output needs no pager.
    from zope.app.fssync.cli.paging import paging

    with paging(opts):
        yield


def progress_on(stream: TextIO) -> TerminalProgress | None:
    """Return the progress display for a terminal, None for any other stream."""
    if not is_terminal(stream):
        return None
    from zope.app.fssync.cli.progress import TerminalProgress

    return TerminalProgress(stream)


def configuration(opts: Options) -> Configuration:
    """Return the settings of this command."""
    from zope.app.fssync.client.configuration import load

    return load(os.curdir, opts.settings, warn)


def check_exist(targets: Iterable[str]) -> None:
    """Raise `Error` if one of ``targets`` does not exist."""
    for target in targets:
        if not os.path.lexists(target):
            raise unknown(target)


def show_each(
    opts: Options, targets: Iterable[str], show: Callable[[str], object]
) -> None:
    """Show every target, even if others fail; raise the last error at the end."""
    failed: Error | None = None
    for target in targets:
        try:
            show(target)
        except Error as error:
            if failed is not None:
                opts.report.warning(failed.message)
            failed = error
    if failed is not None:
        raise failed


def offer_moves(opts: Options, pairs: Iterable[tuple[str, str]], undo: int) -> None:
    """Print hints for objects that seem to have been moved without zsync.

    ``undo`` is the index of the path in a pair that has to be reverted first.
    """
    for pair in pairs if not opts.compat else ():
        old, new = shown = [escape(path) for path in pair]
        opts.report.message(
            f"hint: '{old}' seems to be '{new}' now; if you moved it: "
            f"'zsync revert {shown[undo]}', then 'zsync move --after {old} {new}'"
        )


def tell_converted(opts: Options, path: str, converted: bool) -> None:
    """Report whether the layout of a working copy was converted."""
    what = "Converted" if converted else "Nothing to convert in"
    opts.report.message(f"{what} '{escape(path)}'.")


def check_registered(
    fs: FSSync,
    targets: Sequence[str],
    themselves: bool = False,
    left_out: bool = False,
    told: bool = False,
) -> None:
    """Raise `Error` if one of ``targets`` is not registered.

    A command checks all its targets before it changes anything.  As in
    `FSSync.multiple` an unregistered directory stands for the registered objects in
    it, unless the targets ``themselves`` are required.  ``left_out`` accepts paths
    that a sparse working copy leaves out, ``told`` descriptions of objects.
    """
    found: list[str] = []
    if targets:
        fs.multiple(targets, found.append)
    for path in targets if themselves else found:
        known = fs.files.owner_of(path) if told else None
        if not fs.metadata.getentry(known or path) and not (
            left_out and fs.leaves_out(path)
        ):
            raise unknown(path)


def objects(targets: Sequence[str]) -> list[str]:
    """Return the targets without descriptions whose object is a target, too.

    A pattern of the shell includes them.  A description named alone stays.
    """
    described = [path for path in targets if os.path.basename(path).startswith("@@")]
    if not described or len(described) == len(targets):
        return list(targets)
    from zope.app.fssync.client.workingcopy.compact import CompactTree
    from zope.fssync.files import Tree

    files = CompactTree(Tree())
    named = set(map(os.path.normpath, targets))
    passed = {path for path in described if _goes_along(files, path, named)}
    return [path for path in targets if path not in passed]


def _goes_along(files: CompactTree, path: str, named: Container[str]) -> bool:
    """Return True if the object of a description is named, or is its directory."""
    owner = files.owner_of(path)
    if owner is None:
        return False
    is_inside = os.path.normpath(os.path.dirname(path)) == os.path.normpath(owner)
    return is_inside or os.path.normpath(owner) in named


def unknown(target: str) -> Error:
    """Return the error for a target that is not registered.

    Raises an error with better advice if it is not in a working copy.
    """
    from zope.app.fssync.client.session import Session
    from zope.app.fssync.client.workingcopy.workingcopy import WorkingCopy

    WorkingCopy.find(target)
    return Error(
        f"nothing known about '{escape(target)}'",
        path=target,
        advice=Session().advice(target),
    )


def finish_transfer(opts: Options, text: str) -> None:
    """Print the summary of a transfer, or the fixed line of 3.6.0."""
    opts.report.message("All done." if opts.compat else text)


def is_rehearsal(opts: Options) -> bool:
    """Return True if the option -n is given."""
    return opts.given(*DRY_RUN)


def tell_rehearsal(dry_run: bool) -> None:
    """Print on standard error that nothing was changed, since scripts read stdout."""
    if dry_run:
        warn("Nothing was changed, this was a rehearsal.")


def check_conflicts(fs: FSSync) -> None:
    """Raise `ConflictsRemain` if the command left conflicts."""
    paths = list(dict.fromkeys(fs.conflicts))
    if not paths:
        return
    what = "1 conflict is" if len(paths) == 1 else f"{len(paths)} conflicts are"
    shown = fs.files.shown(paths[0])
    raise ConflictsRemain(
        f"{what} left, the first in {shown}",
        path=shown,
        advice=_conflict_advice(fs, paths[0]),
    )


def _conflict_advice(fs: FSSync, path: str) -> str:
    from zope.app.fssync.client.conflicts import kind_advice
    from zope.fssync.report import is_of_other_kind

    if is_of_other_kind(fs.metadata.getentry(path)):
        return kind_advice(path)
    return (
        "Edit the files marked C, which hold yours, or both sides between "
        "markers, then run 'zsync resolve PATH'; or take the server's with "
        "'zsync revert PATH'. 'zsync cat PATH > FILE' writes the server's to FILE."
    )


def url_and_target(command: str, args: list[str]) -> tuple[str, str]:
    """Return the arguments ``URL [TARGETDIR]``."""
    if not args:
        raise UsageError(f"{command} requires a URL argument")
    if len(args) > 2:
        raise UsageError(f"{command} requires at most one TARGETDIR argument")
    return args[0], args[1] if len(args) > 1 else "."


def user_option(opts: Options) -> str | None:
    """Return the argument of -u."""
    user = None
    for option, value in opts:
        if option in ("-u", "--user"):
            if user:
                raise UsageError("-u/--user may only be specified once")
            user = value
    return user


def depth_option(opts: Options, name: str, *more: str) -> str | None:
    """Return the depth that an option names; ``more`` words are allowed, too."""
    depth = opts.value(name)
    if depth is None:
        return None
    from zope.fssync.sparse import DEPTHS

    allowed = (*DEPTHS, *more)
    if depth not in allowed:
        raise UsageError(f"{name} is one of {', '.join(allowed)}, not {depth!r}")
    return depth


def extract_message(opts: Pairs, command: str) -> tuple[str, Pairs]:
    """Return the message of -m or -F, and the other options."""
    message = filename = None
    others = []
    for option, value in opts:
        if option in ("-m", "--message"):
            if message:
                raise UsageError(f"{command} accepts at most one -m/--message option")
            message = value
        elif option in ("-F", "--file"):
            if filename:
                raise UsageError(f"{command} accepts at most one -F/--file option")
            filename = value
        else:
            others.append((option, value))
    if message and filename:
        raise UsageError(f"{command} requires at most one of -F/--file or -m/--message")
    if filename:
        message = _read_message(filename)
    return message or f"fssync_{command}", others


def asks_for_message(opts: Options) -> bool:
    """Return True if no message is given and an editor can be opened."""
    given = opts.given("-m", "--message", "-F", "--file")
    if given or opts.compat or is_rehearsal(opts):
        return False
    return is_terminal(sys.stdin) and is_terminal(sys.stdout)


def _read_message(filename: str) -> str:
    try:
        return _read(filename).decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise Error(
            f"the message in {filename} is not UTF-8 text", path=filename
        ) from None


def read_targets(filename: str) -> list[str]:
    """Return the lines of a file, or of standard input for ``-``.

    Names that contain line breaks can be separated by zero bytes.
    """
    data = _read(filename)
    lines = data.split(b"\0" if b"\0" in data else b"\n")
    targets = [os.fsdecode(line) for line in lines if line]
    if not targets:
        # Without targets a command would use the current directory.
        raise UsageError(f"there are no targets in {filename}")
    return targets


def _read(filename: str) -> bytes:
    if filename == "-":
        return sys.stdin.buffer.read()
    with open(filename, "rb") as stream:
        return stream.read()
