"""zsync cat."""

from __future__ import annotations

from functools import partial

from zope.app.fssync.cli.common import check_registered
from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.verb import verb
from zope.fssync.errors import UsageError


@verb(
    group="conflicts",
    completes="tracked",
    summary="write files as the server last sent them",
    examples=(
        ("%(program)s cat photo.png > theirs.png", "keep the server's side beside"),
        ("%(program)s cat front.html", "read what the server last sent"),
    ),
)
def cat(opts: Options, args: list[str]) -> None:
    """%(program)s cat PATH ...

    Writes each file PATH to standard output as the server last sent it.  The
    server is not asked and no file is changed.  For a file in conflict this is
    the server's side, whatever the file holds.
    """
    if not args:
        raise UsageError("cat requires at least one PATH argument")
    with client(opts) as fs:
        check_registered(fs, args, themselves=True)
        for path in args:
            fs.cat(path, partial(opts.report.content, fields={"path": path}))
