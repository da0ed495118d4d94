"""zsync cat."""

from __future__ import annotations

from zope.app.fssync.cli.output import write_bytes
from zope.app.fssync.cli.program import Options
from zope.fssync.errors import UsageError


def cat(opts: Options, args: list[str]) -> None:
    """%(program)s cat PATH ...

    Writes each file PATH to standard output as the server last sent it.  The
    server is not asked and no file is changed.  Of a file in conflict that is
    the server's side, whatever is in the file by now:

        %(program)s cat photo.png > theirs.png
    """
    # Not imported before: commands start often, and most do not look.
    from zope.app.fssync.client.session import cat as write
    from zope.app.fssync.client.session import reading

    if not args:
        raise UsageError("cat requires at least one PATH argument")
    for path in args:
        write(reading(path), path, write_bytes)


ENTRY = (cat, "", "", "")
