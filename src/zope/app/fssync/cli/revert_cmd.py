"""zsync revert."""

from __future__ import annotations

from zope.app.fssync.cli.common import check_registered
from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.verb import verb


@verb(
    group="work",
    completes="tracked",
    summary="undo local changes",
    examples=(
        ("%(program)s revert front.html", "undo the changes of a file"),
        ("%(program)s revert", "undo all changes below the current directory"),
    ),
)
def revert(opts: Options, args: list[str]) -> None:
    """%(program)s revert [TARGET ...]

    Undoes the local changes of each TARGET, a file or a directory with all it
    contains; the current directory by default.  A changed or removed file
    becomes again what the server last sent; this settles a conflict, too.  A
    file registered to be added is no longer registered, but is not deleted.
    """
    with client(opts) as fs:
        check_registered(fs, args)
        fs.multiple(args, fs.revert)
