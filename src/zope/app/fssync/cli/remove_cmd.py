"""zsync remove."""

from __future__ import annotations

import os

from zope.app.fssync.cli.common import DRY_RUN
from zope.app.fssync.cli.common import check_registered
from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.common import is_rehearsal
from zope.app.fssync.cli.common import objects
from zope.app.fssync.cli.common import offer_moves
from zope.app.fssync.cli.common import tell_rehearsal
from zope.app.fssync.cli.options import Option
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.verb import verb
from zope.fssync.errors import UsageError


@verb(
    Option(
        "--force", help="delete files with local changes, too: the changes are lost"
    ),
    Option("--keep-local", help="delete no file; they are no longer registered"),
    Option(*DRY_RUN, help="change nothing, and print what would be removed"),
    aliases="del delete rm",
    group="work",
    completes="tracked",
    summary="delete files and register their removal",
    examples=(
        ("%(program)s remove old.txt", "delete a file"),
        (
            "%(program)s remove --keep-local drafts",
            "remove a directory from the server, and keep it here",
        ),
    ),
)
def remove(opts: Options, args: list[str]) -> None:
    """%(program)s remove [--force | --keep-local] [-n] TARGET ...

    Deletes each TARGET, a file or a directory, and registers it to be removed
    from the server by the next commit.  A TARGET with local changes is not
    deleted unless you say --force.  A TARGET that is already gone is registered
    all the same.  Files that are not registered stay.
    """
    if not args:
        raise UsageError("remove requires at least one TARGET argument")
    force, keep = opts.given("--force"), opts.given("--keep-local")
    if force and keep:
        raise UsageError("--force conflicts with --keep-local")
    args = objects(args)
    with client(opts) as fs:
        check_registered(fs, args, themselves=True)
        fs.rehearsing = is_rehearsal(opts)
        missing = [path for path in args if not os.path.lexists(path)]
        fs.each(args, fs.remove, force, keep)
        if not fs.rehearsing:
            offer_moves(opts, fs.moved_by_hand(missing=missing), 0)
        tell_rehearsal(fs.rehearsing)
