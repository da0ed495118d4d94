"""zsync resolve."""

from __future__ import annotations

from zope.app.fssync.cli.common import check_registered
from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.verb import verb


@verb(
    aliases="resolved",
    group="conflicts",
    summary="declare conflicts to be settled",
    examples=(
        ("%(program)s resolve front.html", "declare the conflict in a file settled"),
        ("%(program)s resolve", "settle all conflicts below the current directory"),
    ),
)
def resolve(opts: Options, args: list[str]) -> None:
    """%(program)s resolve [PATH ...]

    Declares the conflicts in each PATH, a file or a directory with all it
    contains, to be settled, so that it can be committed.  PATH is the current
    directory by default.  The files stay as they are: take the markers out
    before.
    """
    with client(opts) as fs:
        check_registered(fs, args)
        fs.multiple(args, fs.resolve)
