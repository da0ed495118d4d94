"""zsync upgrade."""

from __future__ import annotations

from zope.app.fssync.cli.common import check_exist
from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.verb import verb


@verb(
    group="care",
    completes="directories",
    summary="convert a working copy to the compact layout",
    examples=(
        ("%(program)s upgrade", "convert the working copy around you"),
        ("%(program)s upgrade work", "convert the working copy in work"),
    ),
)
def upgrade(opts: Options, args: list[str]) -> None:
    """%(program)s upgrade [PATH ...]

    Converts the working copy that contains each PATH, by default the current
    directory, to the compact layout that '%(program)s checkout' makes: fewer
    files in @@Zope, and a faster status and commit.  Files get the names of
    their objects where older releases decomposed them.  Nothing is lost;
    '%(program)s downgrade' reverses it.  If an upgrade is interrupted, run it
    again.
    """
    check_exist(args)
    with client(opts) as fs:
        for path in args or ["."]:
            fs.upgrade(path)
