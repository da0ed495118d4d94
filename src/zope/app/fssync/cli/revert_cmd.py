"""zsync revert."""

from __future__ import annotations

from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.program import Options


def revert(opts: Options, args: list[str]) -> None:
    """%(program)s revert [TARGET ...]

    Takes back the local changes of each TARGET, a file or a directory with all
    it contains; the current directory by default.  A changed or removed file
    becomes again what the server last sent, a conflict is settled that way, and
    what was to be added is no longer registered, but stays where it is.
    """
    with client() as fs:
        fs.multiple(args, fs.revert)


ENTRY = (revert, "", "", "")
