"""zsync revert."""

from __future__ import annotations

import os

from zope.app.fssync.cli.common import check_conflicts
from zope.app.fssync.cli.common import check_registered
from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.options import Option
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.verb import verb
from zope.fssync.terminal import escape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from zope.app.fssync.client.api import FSSync


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
    file registered to be added is no longer registered, but is not deleted.  The
    content of a removed directory is brought back by '%(program)s undo', or by the
    next update.

    With --to TARGET gets the state after REV, an id, a date or '2 days ago': all
    changes since are undone here, merged with your changes, for you to review and
    commit.
    """
    revision = opts.value("--to")
    reverted: list[str] = []

    def note(change: str) -> None:
        reverted.append(getattr(change, "path", ""))
        opts.report.change(change)

    with client(opts, observer=note) as fs:
        check_registered(fs, args, told=True)
        if revision is not None:
            fs.multiple(args, fs.revert_to, revision)
            check_conflicts(fs)
            return
        fs.multiple(args, fs.revert)
        opts.report.flush()
        for path in reverted:
            if path and not os.path.lexists(path) and _is_object(fs, path):
                opts.report.warning(
                    f"hint: the content of '{escape(path)}' is not here; "
                    f"'zsync update {escape(path)}' brings it back"
                )


def _is_object(fs: FSSync, path: str) -> bool:
    """Return True if a path is that of a registered object."""
    from zope.fssync.fsutil import ispart

    return bool(fs.metadata.getentry(path)) and not ispart(path)
