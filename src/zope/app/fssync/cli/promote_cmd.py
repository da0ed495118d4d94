"""zsync promote."""

from __future__ import annotations

from zope.app.fssync.cli.common import DRY_RUN
from zope.app.fssync.cli.common import MESSAGE
from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.common import extract_message
from zope.app.fssync.cli.common import is_rehearsal
from zope.app.fssync.cli.common import tell_rehearsal
from zope.app.fssync.cli.options import Option
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.verb import verb
from zope.fssync.errors import UsageError


@verb(
    *MESSAGE,
    Option(
        *DRY_RUN,
        help="ask the second site to do everything and undo it, and print what would "
        "be changed there",
    ),
    Option(
        "--since",
        argument="REV",
        help="where nothing was promoted yet, or in place of the note of the last "
        "promotion: the state of the first site that both have in common, the id of a "
        "transaction or a date",
    ),
    Option(
        "--kind",
        argument="NAME",
        help="objects of this type only, a dotted name or its last part, or file or "
        "dir.  May be given more than once.",
    ),
    Option("--abort", help="give up a promotion that is not finished"),
    group="start",
    completes="files",
    summary="merge what changed on one site into another",
    examples=(
        (
            "%(program)s promote -n http://staging/site http://me@www/site",
            "see what would be changed",
        ),
        (
            "%(program)s promote -m May http://staging/site http://me@www/site news",
            "bring what is new in news",
        ),
    ),
)
def promote(opts: Options, args: list[str]) -> None:
    """%(program)s promote [-n] [-m MESSAGE] [--since REV] FROM-URL TO-URL [PATH ...]

    Merges the changes at FROM-URL since the last promotion into TO-URL, in one
    transaction: from staging to production.  Changes at TO-URL are kept; if both
    changed the same lines there is a conflict, and nothing is sent.  PATHs are
    below both, by default everything.

    You need the permissions to read FROM-URL, with its history, and to commit to
    TO-URL.  The note of the transaction names the promoted state, from which the
    next promotion continues, by any user and on any machine; whose note that is
    is shown, since who may commit all of TO-URL can write one; those of commits of
    something in it are disregarded.

    In a conflict the merged files are kept in a working copy, whose path is shown.
    Resolve them there, and run the same command again; do so as well if the
    network broke, or TO-URL refused an object.  Moved objects are moved there.
    The log of the server of FROM-URL has a line for each promotion.
    """
    if len(args) < 2 or not all("://" in each for each in args[:2]):
        raise UsageError("promote takes FROM-URL and TO-URL")
    # Imported late: help needs none of it.
    from zope.app.fssync.client.promotion import Wanted
    from zope.app.fssync.client.url import RootURL
    from zope.fssync.terminal import escape

    message, _ = extract_message(opts, "promote")
    source, target, *rest = args
    wanted = Wanted(
        source,
        target,
        tuple(sorted(path.strip("/") for path in rest)),
        tuple(value for name, value in opts if name == "--kind"),
        opts.value("--since"),
        message,
    )
    dry_run = is_rehearsal(opts)
    with client(opts) as fs:
        if opts.given("--abort"):
            found = fs.abort_promotion(source, target)
            opts.report.message("Given up." if found else "There is none.")
            return
        done = fs.promote(wanted, dry_run)
        opts.report.flush()
        for note in done.notes:
            opts.report.message(
                f"Continues from {escape(note.state)}, by the note of "
                f"{escape(note.user) or '(nobody)'} in {escape(note.transaction)}."
            )
        if done.until is None:
            opts.report.message("Nothing to promote.")
            return
        did = "Would promote" if dry_run else "Promoted"
        state = f" as {done.transaction}" if done.transaction and not dry_run else ""
        there = RootURL.parse(target).without_password()
        opts.report.message(f"{did} 0x{done.until} to {there}{state}.")
        tell_rehearsal(dry_run)
