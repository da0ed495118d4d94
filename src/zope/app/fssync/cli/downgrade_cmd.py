"""zsync downgrade."""

from __future__ import annotations

from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.program import Options


def downgrade(opts: Options, args: list[str]) -> None:
    """%(program)s downgrade [PATH ...]

    Brings the working copy that each PATH is in, by default the current
    directory, into the layout of zsync 3.6.0, for programs that know no other.
    Nothing is lost, and 'zsync upgrade' turns it back.  An interrupted
    downgrade is finished by another.
    """
    with client() as fs:
        for path in args or ["."]:
            fs.downgrade(path)


ENTRY = (downgrade, "", "", "")
