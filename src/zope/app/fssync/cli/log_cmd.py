"""zsync log."""

from __future__ import annotations

from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.common import paged
from zope.app.fssync.cli.options import ZERO
from zope.app.fssync.cli.options import Option
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.verb import verb
from zope.fssync.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from zope.app.fssync.client.api import FSSync
    from zope.app.fssync.client.log import Logged


@verb(
    Option("-v", "--verbose", help="list the objects that each transaction changed"),
    Option("--diff", help="show the differences that each transaction made"),
    Option("-l", "--limit", argument="N", help="show at most N transactions"),
    Option("--since", argument="WHEN", help="show no older ones"),
    Option("--until", argument="WHEN", help="show no newer ones"),
    Option("-r", "--revision", argument="A[:B]", help="show those from A to B"),
    Option("--author", argument="USER", help="show those whose user contains USER"),
    Option("--search", argument="TEXT", help="show those whose message contains TEXT"),
    ZERO,
    group="history",
    summary="show who changed an object and when",
    examples=(
        ("%(program)s log -l 5", "the last five changes below this directory"),
        (
            "%(program)s log -v --since '2 days ago' shop",
            "what happened to which objects",
        ),
        ("%(program)s log --diff -l 1 front.html", "the last change of a file"),
    ),
)
def log(opts: Options, args: list[str]) -> None:
    """%(program)s log [-v] [-l N] [--since WHEN] [--until WHEN] [PATH | URL]

    Shows the transactions that changed PATH, by default the current directory, or
    anything below it, the newest first: id, user, time and message.  Changes made
    in a browser are shown like those that were committed.  The server is asked and
    no file is changed.

    WHEN is a date such as 2026-11-29 or '2026-11-29 14:30', a time such as
    '2 hours ago', or the id of a transaction; A and B may also be PREV, BASE and
    HEAD, as for '%(program)s diff'.  With -v a line is shown for each object:
    A added, D removed, M modified, R moved.  PATH itself is '.': if its name was
    old.txt, it was moved from '../old.txt'.  With --diff the differences of its
    files follow, as '%(program)s diff' shows them.
    """
    if len(args) > 1:
        raise UsageError("log accepts at most one PATH or URL")
    # Imported late: commands start often, and few ask for a log.
    from zope.app.fssync.cli.logtext import fields
    from zope.app.fssync.cli.logtext import packed_before
    from zope.app.fssync.cli.logtext import shown
    from zope.app.fssync.cli.logtext import wanted

    query = wanted(opts)
    detailed = opts.verbose or opts.given("-v", "--verbose")
    target = args[0] if args else "."
    with client(opts) as fs, paged(opts):
        begins: list[float] = []
        found: Iterator[Logged] = fs.log(target, query, begins.append)
        any_shown = False
        for number, each in enumerate(found):
            blank = [""] if number else []
            opts.report.item(fields(each), "\n".join([*blank, *shown(each, detailed)]))
            if opts.given("--diff"):
                _show_differences(opts, fs, target, each)
            any_shown = True
        if not any_shown:
            opts.report.message("No transaction is recorded that fits.")
        for time in begins:
            opts.report.message(packed_before(time))


def _show_differences(opts: Options, fs: FSSync, target: str, each: Logged) -> None:
    # Imported late: few ask for it.
    from zope.app.fssync.cli.diffoutput import Patch

    patch = Patch(opts.report, transaction=each.id)
    refused = fs.log_diff(target, patch.write, patch.begin).show(each)
    patch.finish()
    for reason in dict.fromkeys(map(str, refused)):
        opts.report.message(f"Some differences are not shown: {reason}")
