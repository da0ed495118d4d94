"""zsync status."""

from __future__ import annotations

import os

from zope.app.fssync.cli.common import unknown
from zope.app.fssync.cli.options import Option
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.verb import verb


@verb(
    Option("-v", "--verbose", help="list unchanged files and parts of metadata, too"),
    Option("--ignored", help="list what is ignored, too; see 'zsync help ignore'"),
    aliases="stat st",
    group="work",
    completes="tracked",
    summary="list local changes",
    examples=(
        ("%(program)s status", "list changes below the current directory"),
        ("%(program)s status -v shop", "list all files in shop"),
    ),
)
def status(opts: Options, args: list[str]) -> None:
    """%(program)s status [-v] [TARGET ...]

    Lists what differs from what the server last sent in each TARGET, by default
    the current directory.  It does not ask the server and changes no file.

    A added   M changed   D removed   C in conflict until it is resolved
    ? not registered   ! missing   ~ of another kind   I ignored

    The second column is that of metadata, such as the title; -v names it.
    """
    # Imported late: commands start often, and most do not look.
    from zope.app.fssync.client.session import reading
    from zope.app.fssync.client.status import status as show

    verbose = opts.report.verbose = opts.verbose or opts.given("-v", "--verbose")
    ignored = opts.given("--ignored")
    sessions = [
        (target, reading(target, opts.report.change)) for target in args or ["."]
    ]
    for target, session in sessions:
        known = os.path.lexists(target) or session.metadata.getentry(target)
        if not known and not opts.compat:
            raise unknown(target)
    for target, session in sessions:
        for path in session.registered(target):
            show(session, path, False, verbose, not opts.compat, ignored)
    opts.report.flush()
