"""zsync downgrade."""

from __future__ import annotations

from zope.app.fssync.cli.common import check_exist
from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.common import tell_converted
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.verb import verb


@verb(
    group="care",
    completes="directories",
    summary="convert a working copy to the layout of 3.6.0",
    examples=(
        ("%(program)s downgrade", "convert the working copy around you"),
        ("%(program)s downgrade work", "convert the working copy in work"),
    ),
)
def downgrade(opts: Options, args: list[str]) -> None:
    """%(program)s downgrade [PATH ...]

    Converts the working copy that contains each PATH, by default the current
    directory, to the layout of zsync 3.6.0, for programs that know no other.
    Nothing is lost; '%(program)s upgrade' reverses it.  If a downgrade is
    interrupted, run it again.
    """
    check_exist(args)
    with client(opts) as fs:
        for path in args or ["."]:
            tell_converted(opts, path, fs.downgrade(path))
