"""zsync login."""

from __future__ import annotations

from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.common import user_option
from zope.app.fssync.cli.program import Options
from zope.fssync.errors import UsageError


def login(opts: Options, args: list[str]) -> None:
    """%(program)s login [-u USER] [URL]

    Asks for the password of a user on the server of URL, by default that of
    the working copy you are in, and keeps it in ~/.zsyncpass for the commands
    that follow.  The file can be read by you alone.

    -u USER, --user=USER  the user, instead of writing it into URL
    """
    if len(args) > 1:
        raise UsageError("login allows at most one argument")
    user = user_option(opts)
    with client() as fs:
        fs.login(args[0] if args else None, user)


ENTRY = (login, "", "u:", "user=")
