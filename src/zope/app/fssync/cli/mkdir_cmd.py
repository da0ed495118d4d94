"""zsync mkdir."""

from __future__ import annotations

from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.program import Options
from zope.fssync.errors import UsageError


def mkdir(opts: Options, args: list[str]) -> None:
    """%(program)s mkdir PATH ...

    Makes each directory PATH and registers it to be added to the server by the
    next commit.  The parent directory must be registered.
    """
    if not args:
        raise UsageError("mkdir requires at least one PATH argument")
    with client() as fs:
        for path in args:
            fs.mkdir(path)


ENTRY = (mkdir, "", "", "")
