"""zsync doctor."""

from __future__ import annotations

from zope.app.fssync.cli.common import check_conflicts
from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.output import say
from zope.app.fssync.cli.program import Options
from zope.fssync.errors import WorkingCopyError


def doctor(opts: Options, args: list[str]) -> None:
    """%(program)s doctor [PATH ...]

    Verifies what the working copy knows of each PATH, a file or a directory
    with all it contains, by default the current directory, and repairs what is
    damaged or lost, where need be from the server.  It prints a line for each
    damage, and what became of it.

    Your files are not touched.  Where the original of a file was lost, and the
    file differs from the server's, it is marked as a conflict: compare them
    with '%(program)s diff', then use '%(program)s resolve'.

    The exit status is 0 where all is sound or repaired, 3 where conflicts are
    left, and 7 where damage is left.
    """
    with client() as fs:
        for path in args or ["."]:
            fs.doctor(path)
        if fs.damaged:
            raise WorkingCopyError(
                f"damage is left, first in {fs.damaged[0]}",
                path=fs.damaged[0],
                advice="Mend it by hand, or check out anew beside it and merge.",
            )
        check_conflicts(fs)
    say("No damage is left.")


ENTRY = (doctor, "", "", "")
