"""zsync update."""

from __future__ import annotations

from zope.app.fssync.cli.common import DRY_RUN
from zope.app.fssync.cli.common import check_conflicts
from zope.app.fssync.cli.common import check_registered
from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.common import depth_option
from zope.app.fssync.cli.common import finish_transfer
from zope.app.fssync.cli.common import is_rehearsal
from zope.app.fssync.cli.common import objects
from zope.app.fssync.cli.common import tell_rehearsal
from zope.app.fssync.cli.options import Option
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.verb import verb


@verb(
    Option(
        *DRY_RUN,
        help="change nothing here, and print what would become of each file",
    ),
    Option(
        "--accept-deletions",
        help="delete what the server has removed, however much it is.  Without it "
        "an update that would delete more than 1000 files, or more than 20 files "
        "and half of all, asks on the terminal; in a script it fails and changes "
        "nothing.",
    ),
    Option(
        "--set-depth",
        argument="DEPTH",
        help="bring what was left out of TARGET, or leave it out from now on: see "
        "'%(program)s help checkout'; exclude leaves out TARGET itself",
    ),
    aliases="up",
    group="work",
    completes="tracked",
    summary="merge the server's changes into your files",
    examples=(
        ("%(program)s update -n", "see what others have changed"),
        ("%(program)s update shop", "merge their changes in shop"),
        (
            "%(program)s update --set-depth infinity shop",
            "bring what a checkout has left out of shop",
        ),
    ),
)
def update(opts: Options, args: list[str]) -> None:
    """%(program)s update [-n] [--accept-deletions] [--set-depth DEPTH] [TARGET ...]

    Merges the server's changes into each TARGET, a file or a directory, by
    default the current directory.  Text files that changed on both sides are
    merged line by line.  If both sides changed the same lines, the file gets
    both versions, between markers as diff3 makes them, and C is shown.  Edit
    the file, then run '%(program)s resolve'.  A binary file that changed on both
    sides, and a file in the way of a new object, stays as it is and is shown as
    C, too; '%(program)s cat' writes the server's.

    A added   U updated   G merged with your changes   D deleted   C in conflict
    W hidden from you now, stays as it is

    The second column is that of metadata, such as the title.

    Objects that '%(program)s checkout' left out are brought only if you name them,
    with all they contain.  --set-depth deletes files here, but not on the server,
    that are below the new depth; it refuses if one of them has local changes.
    """
    # Imported late: help needs none of it.
    from zope.app.fssync.cli.summary import updated

    dry_run = is_rehearsal(opts)
    depth = depth_option(opts, "--set-depth", "exclude")
    args = objects(args)
    with client(opts) as fs:
        check_registered(fs, args, left_out=True)
        fs.accept_deletions = agreed if opts.given("--accept-deletions") else ask
        fs.update_all(args, dry_run, depth)
        finish_transfer(opts, updated(opts.report, fs.transaction, dry_run))
        tell_rehearsal(dry_run)
        check_conflicts(fs)


def agreed(question: str) -> bool:
    """Return True: the command line has agreed."""
    return True


def ask(question: str) -> bool:
    """Ask on the terminal; without a terminal return False."""
    from zope.app.fssync.client.transport.ssh.terminal import Terminal

    terminal = Terminal()
    return terminal.interactive and terminal.confirm(
        f"\n{question}.\n", "Delete them? (yes/no) "
    )
