"""zsync remove."""

from __future__ import annotations

from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.program import Options
from zope.fssync.errors import UsageError


def remove(opts: Options, args: list[str]) -> None:
    """%(program)s remove TARGET ...

    Deletes each TARGET, a file or a directory, and registers it to be removed
    from the server by the next commit.  A TARGET with local changes is left
    alone; delete it first if they are not wanted.  A TARGET that is already
    gone is registered all the same.
    """
    if not args:
        raise UsageError("remove requires at least one TARGET argument")
    with client() as fs:
        fs.each(args, fs.remove)


ENTRY = (remove, "del delete rm", "", "")
