"""zsync remove."""

from __future__ import annotations

from zope.app.fssync.cli.common import check_registered
from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.verb import verb
from zope.fssync.errors import UsageError


@verb(
    aliases="del delete rm",
    group="work",
    summary="delete files and register their removal",
    examples=(
        ("%(program)s remove old.txt", "delete a file"),
        ("%(program)s remove 2024 2025", "delete two directories"),
    ),
)
def remove(opts: Options, args: list[str]) -> None:
    """%(program)s remove TARGET ...

    Deletes each TARGET, a file or a directory, and registers it to be removed
    from the server by the next commit.  A TARGET with local changes is not
    deleted; delete it yourself first if you do not want them.  A TARGET that
    is already gone is registered all the same.
    """
    if not args:
        raise UsageError("remove requires at least one TARGET argument")
    with client(opts) as fs:
        check_registered(fs, args, themselves=True)
        fs.each(args, fs.remove)
