"""zsync login."""

from __future__ import annotations

from zope.app.fssync.cli.common import USER
from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.common import user_option
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.verb import verb
from zope.fssync.errors import UsageError


@verb(
    USER,
    group="start",
    summary="store a password",
    examples=(
        ("%(program)s login http://me@host/", "store the password of me on host"),
        ("%(program)s login -u me", "the same for the server of this working copy"),
    ),
)
def login(opts: Options, args: list[str]) -> None:
    """%(program)s login [-u USER] [URL]

    Asks for the password of a user on the server of URL, by default the server
    of the working copy you are in, and stores it in ~/.zsyncpass for the other
    commands.  Only you can read this file.
    """
    if len(args) > 1:
        raise UsageError("login allows at most one argument")
    user = user_option(opts)
    with client(opts) as fs:
        fs.login(args[0] if args else None, user)
