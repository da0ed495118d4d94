"""What the commands have in common: the client, set up for a terminal."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from typing import Any

from zope.app.fssync.cli.output import escape
from zope.app.fssync.cli.output import say
from zope.app.fssync.cli.output import warn
from zope.fssync.errors import ConflictsRemain
from zope.fssync.errors import Error
from zope.fssync.errors import UsageError

if TYPE_CHECKING:
    from zope.app.fssync.cli.program import Options
    from zope.app.fssync.client.api import FSSync

__all__ = [
    "check_conflicts",
    "client",
    "extract_message",
    "is_rehearsal",
    "tell_rehearsal",
    "transferring",
    "url_and_target",
    "user_option",
]


@contextmanager
def client(rooturl: str | None = None, overwrite_local: bool = False) -> Iterator[Any]:
    """An `FSSync` that reports on standard output; its connections end with it."""
    from zope.app.fssync.cli.progress import for_terminal
    from zope.app.fssync.client.api import FSSync
    from zope.app.fssync.client.connection import Network
    from zope.app.fssync.client.transport import TransportOptions

    progress = for_terminal()

    def tell(line: str, through: Callable[[str], None] = say) -> None:
        if progress is not None:
            progress.finish()
        through(line)

    network = Network(options=TransportOptions(warn=lambda line: tell(line, warn)))
    network.progress = progress
    fs = FSSync(
        network=network,
        rooturl=rooturl,
        overwrite_local=overwrite_local,
        # No name makes two lines of one.
        reporter=lambda line: tell(escape(line, keep="")),
    )
    try:
        yield fs
    finally:
        if progress is not None:
            progress.finish()
        network.close()


def transferring(fs: FSSync, verb: Callable[..., Any]) -> Callable[..., None]:
    """Return ``verb`` followed by the line that tells scripts of its end."""

    def run(target: str, *arguments: Any) -> None:
        verb(target, *arguments)
        progress = fs.network.progress
        if progress is not None:
            progress.finish()
        say("All done.")

    return run


def is_rehearsal(opts: Options) -> bool:
    """Is the option -n given?"""
    return any(name in ("-n", "--dry-run") for name, _ in opts)


def tell_rehearsal(dry_run: bool) -> None:
    """Say that nothing was changed; what a script reads stays the same."""
    if dry_run:
        warn("Nothing was changed, this was a rehearsal.")


def check_conflicts(fs: FSSync) -> None:
    """Raise `ConflictsRemain` where the verbs left some."""
    paths = list(dict.fromkeys(fs.conflicts))
    if not paths:
        return
    what = "1 conflict is" if len(paths) == 1 else f"{len(paths)} conflicts are"
    raise ConflictsRemain(
        f"{what} left, the first in {paths[0]}",
        path=paths[0],
        advice="Edit the files marked C, which hold yours, or both sides between "
        "markers, then run 'zsync resolve PATH'; or take the server's with "
        "'zsync revert PATH'. 'zsync cat PATH > FILE' writes the server's to FILE.",
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


def extract_message(opts: Options, command: str) -> tuple[str, Options]:
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


def _read_message(filename: str) -> str:
    try:
        with open(filename, encoding="utf-8") as stream:
            return stream.read()
    except UnicodeDecodeError:
        raise Error(
            f"the message in {filename} is not UTF-8 text", path=filename
        ) from None
