"""zsync logout."""

from __future__ import annotations

from zope.app.fssync.cli.common import USER
from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.common import user_option
from zope.app.fssync.cli.options import Option
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.output import say
from zope.app.fssync.cli.verb import verb
from zope.fssync.errors import UsageError


@verb(
    USER,
    Option("--all", help="delete all passwords in ~/.zsyncpass"),
    group="start",
    summary="delete a stored password",
    examples=(
        ("%(program)s logout http://me@host/", "delete the password of me on host"),
        ("%(program)s logout -u me", "the same for the server of this working copy"),
    ),
)
def logout(opts: Options, args: list[str]) -> None:
    """%(program)s logout [-u USER] [URL] | --all

    Deletes the stored password of a user on the server of URL, by default the
    server of the working copy you are in, from ~/.zsyncpass, and from the
    credential helper and the keyring of the settings.
    """
    if len(args) > 1:
        raise UsageError("logout allows at most one argument")
    user = user_option(opts)
    everything = opts.given("--all")
    if everything and (args or user):
        raise UsageError("logout --all takes no URL and no user")
    with client(opts) as fs:
        if everything:
            say(f"{fs.logout_all()} deleted")
            return
        fs.logout(args[0] if args else None, user)
