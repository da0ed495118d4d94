"""zsync undo."""

from __future__ import annotations

from zope.app.fssync.cli.common import check_conflicts
from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.common import is_rehearsal
from zope.app.fssync.cli.common import tell_rehearsal
from zope.app.fssync.cli.options import Option
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.verb import verb
from zope.fssync.errors import UsageError
from zope.fssync.terminal import escape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from zope.app.fssync.client.api import FSSync


@verb(
    Option("-r", "--revision", argument="REV", help="take back the transaction REV"),
    Option("--server", help="take it back there at once, in one commit"),
    Option("-m", "--message", argument="MESSAGE", help="description of that commit"),
    Option("-n", "--dry-run", help="with --server: show what would be committed"),
    Option("--list", help="show the commands that can be taken back, the last first"),
    group="work",
    completes="tracked",
    summary="take back the last command here, or a transaction of the server",
    examples=(
        ("%(program)s undo", "take back the last command"),
        ("%(program)s undo 0411af3c6d2e8100", "take back what a transaction did"),
        ("%(program)s undo shop -r PREV", "the change before last, in shop only"),
    ),
)
def undo(opts: Options, args: list[str]) -> None:
    """%(program)s undo [--list] [PATH] | REV [PATH] | -r REV [PATH]

    Without REV takes back the last command that changed the working copy that PATH
    is in, by default the current directory: an update, a revert, resolve, remove,
    merge, move and others.  The files that it replaced or removed come back, with
    all that is known of them; further calls take back the commands before it.  A
    file that you edited since is kept with '.mine' at the end of its name.  The
    server is not asked.

    With REV, the id of a transaction as '%(program)s log' shows it, takes back what
    it did to PATH and below, by default to the current directory.  The changes are
    made here, merged with what you and others did since, for you to look at and
    commit; removed objects come back with all that was in them.  A date stands for
    the last transaction until then.

    Moved objects go back to their old places, PATH itself if that is in this
    working copy.  An object cannot come to a place that another one leaves in
    the same commit: if that is needed, the command says so, and you repeat it
    after the commit.

    With --server a commit does that at once, after a rehearsal; it needs a working
    copy without local changes, and refuses where others changed the same since.

    The database has an undo of its own, which is not used: it refuses where the
    same record was changed again, and would take back what others did beside it.
    """
    # Imported late: help needs none of it.
    from zope.app.fssync.client.revisions import is_revision

    revision = opts.value("-r", "--revision")
    if revision is None and args and is_revision(args[0]):
        revision = args.pop(0)
    if len(args) > 1:
        raise UsageError("undo accepts at most one PATH")
    target = args[0] if args else "."
    with client(opts) as fs:
        if revision is None:
            _undo_operation(opts, fs, target)
        elif opts.given("--server"):
            _undo_on_server(opts, fs, target, revision)
        else:
            before = fs.reported
            logged = fs.undo_transaction(target, revision)
            opts.report.message(
                f"Took back {logged.id} here; look, then commit."
                if fs.reported > before
                else f"Nothing of {logged.id} is left to be taken back here."
            )
            if logged.origin:
                opts.report.warning(
                    f"{logged.id} also moved {escape(target)} from "
                    f"{escape(logged.origin)}: that is taken back in a folder that has "
                    "both places."
                )
            if fs.later:
                opts.report.warning(
                    f"{escape(fs.later[0])} takes a second step: when this is "
                    f"committed, run 'zsync undo {logged.id}' again."
                )
            check_conflicts(fs)


def _undo_operation(opts: Options, fs: FSSync, target: str) -> None:
    # Imported late: few commands need it.
    from zope.app.fssync.cli.operationlist import fields
    from zope.app.fssync.cli.operationlist import shown

    if opts.given("--server", "-m", "--message", "-n", "--dry-run"):
        raise UsageError("undo --server, -m and -n need REV")
    if opts.given("--list"):
        for each in fs.operations(target):
            opts.report.item(fields(each), shown(each))
        return
    operation = fs.undo(target)
    opts.report.message(f"Took back '{operation.verb}'.")
    check_conflicts(fs)


def _undo_on_server(opts: Options, fs: FSSync, target: str, revision: str) -> None:
    rehearsing = is_rehearsal(opts)
    message = opts.value("-m", "--message")
    logged = fs.undo_on_server(target, revision, message, rehearsing)
    if not rehearsing:
        opts.report.message(f"Took back {logged.id} on the server.")
    tell_rehearsal(rehearsing)
