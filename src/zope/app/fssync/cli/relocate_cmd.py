"""zsync relocate."""

from __future__ import annotations

import os

from zope.app.fssync.cli.common import CONTROL
from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.options import Option
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.verb import verb
from zope.fssync.errors import UsageError


@verb(
    CONTROL,
    Option("--force", help="accept a copy or a backup of the old database"),
    completes="directories",
    group="care",
    summary="follow a server that has another URL now",
    examples=(
        (
            "%(program)s relocate http://host:8080 https://host",
            "the server answers by https now",
        ),
        (
            "%(program)s relocate http://old/site http://new/prefix/site work",
            "for the working copy in work",
        ),
        (
            "%(program)s relocate --control ../state work",
            "the control data of work is in ../state now",
        ),
    ),
)
def relocate(opts: Options, args: list[str]) -> None:
    """%(program)s relocate [--force] OLD NEW [PATH] | --control DIR [PATH]

    Lets the URL of the working copy of PATH, by default the current directory,
    begin with NEW where it began with OLD.  The server is asked first: the same
    objects have to answer there, of the same database.  A user in NEW replaces
    the one of the working copy.  No file that you edit is changed.

    With --control there are no URLs: DIR has the control data of the working
    copy that begins in PATH now.  You have moved one of them, or the data out
    of .zsync.
    """
    control = opts.value("--control")
    if control is not None:
        _relocate_control(opts, args, control)
        return
    if len(args) not in (2, 3):
        raise UsageError("relocate requires the arguments OLD and NEW")
    old, new, *rest = args
    with client(opts) as fs:
        url = fs.relocate(
            old, new, rest[0] if rest else os.curdir, opts.given("--force")
        )
        opts.report.item({"url": url}, f"The URL is {url}")


def _relocate_control(opts: Options, args: list[str], control: str) -> None:
    if len(args) > 1:
        raise UsageError("relocate --control takes one PATH")
    with client(opts) as fs:
        found = fs.relocate_control(args[0] if args else os.curdir, control)
        opts.report.item({"control": found}, f"The control data is in {control}")
