"""zsync mkdir."""

from __future__ import annotations

from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.verb import verb
from zope.fssync.errors import UsageError


@verb(
    group="work",
    summary="make directories and register them",
    examples=(
        ("%(program)s mkdir news", "make a directory"),
        ("%(program)s mkdir news news/2026", "make a directory and one in it"),
    ),
)
def mkdir(opts: Options, args: list[str]) -> None:
    """%(program)s mkdir PATH ...

    Makes each directory PATH and registers it to be added to the server by the
    next commit.  The parent directory must be registered.
    """
    if not args:
        raise UsageError("mkdir requires at least one PATH argument")
    with client(opts) as fs:
        fs.each(args, fs.mkdir)
