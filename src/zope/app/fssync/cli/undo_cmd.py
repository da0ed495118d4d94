"""zsync undo."""

from __future__ import annotations

from zope.app.fssync.cli.common import check_conflicts
from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.options import Option
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.verb import verb
from zope.fssync.errors import UsageError


@verb(
    Option("--list", help="show what can be taken back, the last command first"),
    group="work",
    completes="tracked",
    summary="take back the last command here, or a transaction of the server",
    examples=(
        ("%(program)s undo", "take back the last command"),
        ("%(program)s undo --list", "show the commands that changed files here"),
    ),
)
def undo(opts: Options, args: list[str]) -> None:
    """%(program)s undo [--list]

    Takes back the last command that changed this working copy: an update, a
    revert, resolve, remove, merge, move and others.  The files that it replaced
    or removed come back, with all that is known of them; further calls take back
    the commands before it.  A file that was edited since is kept beside, with
    '.mine' at its end.  The server is not asked.
    """
    if args:
        raise UsageError("undo takes no targets without REV")
    # Imported late: few commands need it.
    from zope.app.fssync.cli.operationlist import fields
    from zope.app.fssync.cli.operationlist import shown

    with client(opts) as fs:
        if opts.given("--list"):
            for each in fs.operations("."):
                opts.report.item(fields(each), shown(each))
            return
        operation = fs.undo(".")
        opts.report.message(f"Took back '{operation.verb}'.")
        check_conflicts(fs)
