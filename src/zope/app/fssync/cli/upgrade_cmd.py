"""zsync upgrade."""

from __future__ import annotations

from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.program import Options


def upgrade(opts: Options, args: list[str]) -> None:
    """%(program)s upgrade [PATH ...]

    Brings the working copy that each PATH is in, by default the current
    directory, into the compact layout that 'zsync checkout' makes: fewer files
    in @@Zope, and a faster status and commit.  Files get the names that their
    objects have where older releases decomposed them.  Nothing is lost, and 'zsync
    downgrade' turns it back.  An interrupted upgrade is finished by another.
    """
    with client() as fs:
        for path in args or ["."]:
            fs.upgrade(path)


ENTRY = (upgrade, "", "", "")
