"""zsync resolve."""

from __future__ import annotations

from zope.app.fssync.cli.common import check_registered
from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.options import Option
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.verb import verb


@verb(
    Option("--force", help="resolve files that still hold conflict markers, too"),
    aliases="resolved",
    group="conflicts",
    summary="declare conflicts to be resolved",
    examples=(
        ("%(program)s resolve front.html", "declare the conflict in a file resolved"),
        ("%(program)s resolve", "the same for all below the current directory"),
    ),
)
def resolve(opts: Options, args: list[str]) -> None:
    """%(program)s resolve [--force] [PATH ...]

    Declares the conflicts in each PATH, a file or a directory with all it
    contains, to be resolved, so that it can be committed.  PATH is the current
    directory by default.  Edit the files before: the command changes none, and
    refuses if conflict markers are left in one.  It prints each path that it
    resolved.
    """
    with client(opts, quiet=opts.compat) as fs:
        check_registered(fs, args)
        fs.multiple(args, fs.resolve, opts.compat or opts.given("--force"))
