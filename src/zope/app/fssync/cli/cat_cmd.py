"""zsync cat."""

from __future__ import annotations

from functools import partial

from zope.app.fssync.cli.common import REVISION
from zope.app.fssync.cli.common import check_registered
from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.verb import verb
from zope.fssync.errors import UsageError


@verb(
    REVISION,
    group="conflicts",
    completes="tracked",
    summary="write files as the server last sent them, or as they were",
    examples=(
        ("%(program)s cat photo.png > theirs.png", "keep the server's side beside"),
        ("%(program)s cat -r '2 days ago' front.html", "read what was there then"),
    ),
)
def cat(opts: Options, args: list[str]) -> None:
    """%(program)s cat [-r REV] [PATH | URL ...]

    Writes each file PATH to standard output as the server last sent it.  The
    server is not asked and no file is changed.  For a file in conflict this is
    the server's side, whatever the file holds.

    With -r, or for a URL, the server is asked for the file as it was after REV:
    the id of a transaction, a date, '2 hours ago', BASE (what you have), HEAD
    (what is there now) or PREV (before its last change).  PATH may have been
    removed since.
    """
    if not args:
        raise UsageError("cat requires at least one PATH argument")
    revision = opts.value("-r", "--revision")
    with client(opts) as fs:
        local = [path for path in args if "://" not in path]
        if revision is None and local:
            check_registered(fs, local, themselves=True, told=True)
        for path in args:
            at = "HEAD" if revision is None and "://" in path else revision
            fs.cat(path, partial(opts.report.content, fields={"path": path}), at)
