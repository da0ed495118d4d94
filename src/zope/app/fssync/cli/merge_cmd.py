"""zsync merge."""

from __future__ import annotations

from zope.app.fssync.cli.common import check_conflicts
from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.output import say
from zope.app.fssync.cli.program import Options
from zope.fssync.errors import UsageError


def merge(opts: Options, args: list[str]) -> None:
    """%(program)s merge SOURCEDIR [TARGETDIR]

    Brings the local changes of the working copy SOURCEDIR into the working copy
    TARGETDIR, by default the current directory.  Both must be checked out from
    the same path.  Nothing is sent to a server; a commit in TARGETDIR does that.
    """
    if len(args) not in (1, 2):
        raise UsageError("Merge requires one or two arguments")
    with client() as fs:
        fs.merge(args)
        say("All done.")
        check_conflicts(fs)


ENTRY = (merge, "", "", "")
