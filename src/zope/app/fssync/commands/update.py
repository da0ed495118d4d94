"""zsync update."""

from __future__ import annotations

from zope.app.fssync.command import Options
from zope.app.fssync.commands.session import check_conflicts
from zope.app.fssync.commands.session import client
from zope.app.fssync.commands.session import transferring


def update(opts: Options, args: list[str]) -> None:
    """%(program)s update [TARGET ...]

    Brings the server's changes into each TARGET, a file or a directory, by
    default the current directory.  Text files that changed on both sides are
    merged.  Where the same lines changed, both versions stay in the file,
    between markers as diff3 makes them, and C is shown; 'zsync resolve' tells
    that they are settled.

    U taken from the server   M local changes kept or merged   C conflict
    A to be added   R to be removed   D deleted   N new directory   ? unknown
    """
    with client() as fs:
        fs.multiple(args, transferring(fs, fs.update))
        check_conflicts(fs)


ENTRY = (update, "up", "", "")
