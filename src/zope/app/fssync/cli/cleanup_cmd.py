"""zsync cleanup."""

from __future__ import annotations

from zope.app.fssync.cli.common import check_exist
from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.verb import verb


@verb(
    group="care",
    completes="directories",
    summary="finish or undo an interrupted command",
    examples=(
        ("%(program)s cleanup", "clean up the working copy around you"),
        ("%(program)s cleanup work test", "clean up two working copies"),
    ),
)
def cleanup(opts: Options, args: list[str]) -> None:
    """%(program)s cleanup [PATH ...]

    Cleans up the working copy that contains each PATH, by default the current
    directory, after a command was interrupted: it finishes the change or undoes
    it, and removes staged files and the lock.  It prints what it did, and
    nothing if there was nothing to do.  Every command that changes files does
    the same before it starts.

    A lock that no process holds is removed, however old it is.  If a command
    holds the lock, cleanup fails and names the command, its process and its age.
    """
    check_exist(args)
    with client(opts) as fs:
        for path in args or ["."]:
            fs.cleanup(path)
