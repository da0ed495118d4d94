"""zsync logout."""

from __future__ import annotations

from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.common import user_option
from zope.app.fssync.cli.program import Options
from zope.fssync.errors import UsageError


def logout(opts: Options, args: list[str]) -> None:
    """%(program)s logout [-u USER] [URL]

    Forgets the password that was kept for a user on the server of URL, by
    default that of the working copy you are in.

    -u USER, --user=USER  the user, instead of writing it into URL
    """
    if len(args) > 1:
        raise UsageError("logout allows at most one argument")
    user = user_option(opts)
    with client() as fs:
        fs.logout(args[0] if args else None, user)


ENTRY = (logout, "", "u:", "user=")
