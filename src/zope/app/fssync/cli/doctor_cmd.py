"""zsync doctor."""

from __future__ import annotations

import os

from zope.app.fssync.cli.common import check_conflicts
from zope.app.fssync.cli.common import check_registered
from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.output import say
from zope.app.fssync.cli.verb import verb
from zope.fssync.errors import WorkingCopyError


@verb(
    group="care",
    completes="directories",
    summary="find and repair damage in a working copy",
    examples=(
        ("%(program)s doctor", "examine what is below the current directory"),
        ("%(program)s doctor shop/prices", "examine one directory"),
    ),
)
def doctor(opts: Options, args: list[str]) -> None:
    """%(program)s doctor [PATH ...]

    Verifies the control data of each PATH, a file or a directory with all it
    contains, by default the current directory.  It repairs what is damaged or
    lost, if necessary from the server, and prints a line for each damage.

    Your files are not touched.  If the original of a file was lost, and the
    file differs from the server's, it is marked as a conflict: compare them
    with '%(program)s diff', then use '%(program)s resolve'.

    The exit status is 0 if everything is sound or repaired, 3 if conflicts are
    left, and 7 if damage is left.
    """
    with client(opts) as fs:
        check_registered(fs, [path for path in args if not os.path.lexists(path)])
        for path in args or ["."]:
            fs.doctor(path)
        if fs.damaged:
            raise WorkingCopyError(
                f"damage is left, first in {fs.damaged[0]}",
                path=fs.damaged[0],
                advice="Repair it by hand, or check out again beside it and merge.",
            )
        check_conflicts(fs)
    if not opts.quiet:
        say("No damage is left.")
