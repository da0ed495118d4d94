"""zsync merge."""

from __future__ import annotations

from zope.app.fssync.cli.common import check_conflicts
from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.common import finish_transfer
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.verb import verb
from zope.fssync.errors import UsageError


@verb(
    group="work",
    completes="directories",
    summary="merge the local changes of another working copy",
    examples=(
        ("%(program)s merge ../other/shop shop", "merge other/shop into shop"),
        ("%(program)s merge ../other/shop", "merge into the current directory"),
    ),
)
def merge(opts: Options, args: list[str]) -> None:
    """%(program)s merge SOURCEDIR [TARGETDIR]

    Merges the local changes of the working copy SOURCEDIR into the working copy
    TARGETDIR, by default the current directory.  Both must be checked out from
    the same path.  Nothing is sent to a server; commit TARGETDIR to do that.
    """
    if len(args) not in (1, 2):
        raise UsageError("Merge requires one or two arguments")
    # Imported late: help needs none of it.
    from zope.app.fssync.cli.summary import merged

    with client(opts) as fs:
        fs.merge(args)
        finish_transfer(opts, merged(opts.report))
        check_conflicts(fs)
