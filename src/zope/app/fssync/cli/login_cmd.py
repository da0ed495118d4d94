"""zsync login."""

from __future__ import annotations

from zope.app.fssync.cli.common import USER
from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.common import user_option
from zope.app.fssync.cli.options import Option
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.verb import verb
from zope.fssync.errors import UsageError
from zope.fssync.terminal import escape


@verb(
    USER,
    Option("-l", "--list", help="list the stored logins, without the passwords"),
    Option("--no-check", help="store the password without asking the server"),
    group="start",
    summary="store a password",
    examples=(
        ("%(program)s login http://me@host/", "store the password of me on host"),
        ("%(program)s login -u me", "the same for the server of this working copy"),
    ),
)
def login(opts: Options, args: list[str]) -> None:
    """%(program)s login [-u USER] [--no-check] [URL] | --list

    Asks for the password of a user on the server of URL, by default the server
    of the working copy you are in, lets the server check it, and stores it for
    the other commands: with the credential helper of the settings, else in
    ~/.zsyncpass, which only you can read.  A server may know a user in one
    folder only: name its URL.

    Other commands take the password from the URL, from the environment
    (ZSYNC_USER with ZSYNC_PASSWORD or ZSYNC_PASSWORD_FILE), with
    --password-stdin from standard input, from a credential helper, keyring,
    ~/.netrc, ~/.zsyncpass, in this order; else they ask on the terminal.
    """
    if len(args) > 1:
        raise UsageError("login allows at most one argument")
    user = user_option(opts)
    with client(opts) as fs:
        if opts.given("-l", "--list"):
            for scheme, host, name in fs.network.logins():
                server = f"{scheme}://{host}"
                told = {"server": server, "user": name}
                opts.report.item(told, escape(f"{server}  {name}"))
        else:
            check = not opts.given("--no-check")
            server, user, place = fs.login(args[0] if args else None, user, check)
            if not opts.compat:
                who = f"{escape(user)} at {escape(server)}"
                opts.report.message(f"The password of {who} is kept: {place}.")
