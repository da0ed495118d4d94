"""zsync commit."""

from __future__ import annotations

import os
from contextlib import ExitStack

from zope.app.fssync.cli.common import DRY_RUN
from zope.app.fssync.cli.common import MESSAGE
from zope.app.fssync.cli.common import asks_for_message
from zope.app.fssync.cli.common import check_conflicts
from zope.app.fssync.cli.common import check_registered
from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.common import extract_message
from zope.app.fssync.cli.common import finish_transfer
from zope.app.fssync.cli.common import is_rehearsal
from zope.app.fssync.cli.common import objects
from zope.app.fssync.cli.common import tell_rehearsal
from zope.app.fssync.cli.options import Option
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.verb import verb
from zope.fssync.errors import OutOfDate


@verb(
    *MESSAGE,
    Option(
        *DRY_RUN,
        help="ask the server to do everything and undo it, and print what would "
        "become of each file here",
    ),
    Option(
        "-r",
        "--raise-on-conflicts",
        help="let the server answer with an error if the commit is not up to date",
    ),
    Option(
        "--strict",
        help="let the server refuse what has a fault: a script that does not "
        "compile, say; without this it warns",
    ),
    aliases="ci",
    group="work",
    completes="tracked",
    summary="send local changes to the server",
    examples=(
        ("%(program)s commit -n", "see whether the server takes your changes"),
        ("%(program)s commit shop -m 'New prices'", "send the changes in shop"),
    ),
)
def commit(opts: Options, args: list[str]) -> None:
    """%(program)s commit [-n] [-m MESSAGE | -F FILE] [-r] [TARGET ...]

    Sends the changes of each TARGET, a file or a directory, to the server that
    it was checked out from, and brings back what the server made of them.
    TARGET is the current directory by default.  All changes are stored in one
    transaction, or none of them; so it is for each working copy if the TARGETs
    are in several, and for each TARGET if the server is one of 3.6.0.

    The server refuses changes that are not based on its present state, and
    lists their paths.  Run '%(program)s update' to merge the changes of others,
    then commit again.

    Without -m and -F on a terminal an editor opens for the message: that of
    ZSYNC_EDITOR, of the setting commit.editor, of VISUAL or EDITOR.  Nothing is
    sent if the message stays empty; one that was not sent is there the next time.
    """
    # Imported late: help needs none of it.
    from zope.app.fssync.cli.summary import committed
    from zope.app.fssync.cli.summary import per_object

    message, _ = extract_message(opts, "commit")
    dry_run = is_rehearsal(opts)
    raising = opts.given("-r", "--raise-on-conflicts")
    opts.report.answering = True
    args = objects(args)
    targets = args or [os.curdir]
    with client(opts) as fs, ExitStack() as asked:
        check_registered(fs, args)
        if asks_for_message(opts):
            from zope.app.fssync.cli.editor import changes
            from zope.app.fssync.cli.editor import written

            # Without changes no message is needed.
            if listed := changes(targets):
                message = asked.enter_context(written(opts, targets[0], listed))
        try:
            fs.commit_all(targets, message, raising, dry_run, opts.given("--strict"))
        except OutOfDate as error:
            if not opts.compat:
                error.msg = per_object(error.msg)
            raise
        asked.close()
        finish_transfer(opts, committed(opts.report, fs.transaction, dry_run))
        tell_rehearsal(dry_run)
        check_conflicts(fs)
