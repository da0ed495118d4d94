"""zsync resolve."""

from __future__ import annotations

from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.program import Options


def resolve(opts: Options, args: list[str]) -> None:
    """%(program)s resolve [PATH ...]

    Declares the conflicts in each PATH, a file or a directory with all it
    contains, to be settled, so that it can be committed.  PATH is the current
    directory by default.  The files stay as they are: take the markers out
    before.
    """
    with client() as fs:
        fs.multiple(args, fs.resolve)


ENTRY = (resolve, "resolved", "", "")
