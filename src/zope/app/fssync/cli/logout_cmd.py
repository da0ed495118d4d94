"""zsync logout."""

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
    summary="delete a stored password",
    examples=(
        ("%(program)s logout http://me@host/", "delete the password of me on host"),
        ("%(program)s logout -u me", "the same for the server of this working copy"),
    ),
)
def logout(opts: Options, args: list[str]) -> None:
    """%(program)s logout [-u USER] [URL]

    Deletes the stored password of a user on the server of URL, by default the
    server of the working copy you are in.
    """
    if len(args) > 1:
        raise UsageError("logout allows at most one argument")
    user = user_option(opts)
    with client(opts) as fs:
        fs.logout(args[0] if args else None, user)
