"""zsync cleanup."""

from __future__ import annotations

from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.program import Options


def cleanup(opts: Options, args: list[str]) -> None:
    """%(program)s cleanup [PATH ...]

    Puts the working copy that each PATH is in, by default the current directory,
    in order after a command was interrupted: finishes its change or takes it back,
    and removes what it had staged and its lock.  It tells what it did, and
    nothing where there is nothing to do.  Every command that changes files does
    the same before it starts.

    A lock is removed where nobody holds it, however old it is.  Where a command
    holds it, cleanup fails and names the command, its process and its age.
    """
    with client() as fs:
        for path in args or ["."]:
            fs.cleanup(path)


ENTRY = (cleanup, "", "", "")
