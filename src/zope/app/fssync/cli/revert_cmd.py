"""zsync revert."""

from __future__ import annotations

from zope.app.fssync.cli.common import check_conflicts
from zope.app.fssync.cli.common import check_registered
from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.options import Option
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.verb import verb


@verb(
    Option("--to", argument="REV", help="let it be as it was after REV"),
    group="work",
    completes="tracked",
    summary="undo local changes",
    examples=(
        ("%(program)s revert front.html", "undo the changes of a file"),
        ("%(program)s revert", "undo all changes below the current directory"),
        ("%(program)s revert --to '2 days ago' shop", "let shop be as it was"),
    ),
)
def revert(opts: Options, args: list[str]) -> None:
    """%(program)s revert [--to REV] [TARGET ...]

    Undoes the local changes of each TARGET, a file or a directory with all it
    contains; the current directory by default.  A changed or removed file
    becomes again what the server last sent; this settles a conflict, too.  A
    file registered to be added is no longer registered, but is not deleted.

    With --to TARGET becomes what it was after REV, an id, a date or '2 days ago':
    all that happened since is taken back here, merged with your changes, for you
    to look at and commit.
    """
    revision = opts.value("--to")
    with client(opts) as fs:
        check_registered(fs, args, told=True)
        if revision is not None:
            fs.multiple(args, fs.revert_to, revision)
            check_conflicts(fs)
            return
        fs.multiple(args, fs.revert)
