"""zsync import."""

from __future__ import annotations

from contextlib import ExitStack

from zope.app.fssync.cli.common import DRY_RUN
from zope.app.fssync.cli.common import MESSAGE
from zope.app.fssync.cli.common import asks_for_message
from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.common import extract_message
from zope.app.fssync.cli.common import is_rehearsal
from zope.app.fssync.cli.options import Option
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.verb import verb
from zope.fssync.errors import UsageError
from zope.fssync.terminal import escape


@verb(
    *MESSAGE,
    Option(
        *DRY_RUN,
        help="ask the server to store everything and undo it, and report what it "
        "would refuse",
    ),
    Option("--force", help="replace the content of files that are there already"),
    group="start",
    completes="directories",
    summary="make a new object of plain files",
    examples=(
        ("%(program)s import -n pages http://me@host/site/pages", "try it"),
        (
            "%(program)s import -m 'From the designer' pages shop/pages",
            "make pages in the folder that the working copy shop is of",
        ),
    ),
)
def import_(opts: Options, args: list[str]) -> None:
    """%(program)s import [-n] [-m MESSAGE | -F FILE] [--force] DIR URL | PATH

    Sends DIR, a directory with all it contains, or a file, to a server, which
    makes a new object of it, all in one transaction.  The last part of URL names
    the new object, the rest an existing folder.  If URL itself names an existing
    folder, what is in DIR is made in it, and in the folders that are there; files
    that are there are named, and nothing is sent, or with --force they get the
    content of those in DIR.  Nothing is removed.

    A PATH in a working copy stands for the URL that belongs to it: neither files
    nor entries are changed there, and the next update brings the new objects.

    Ignored files are not sent, see '%(program)s help ignore'; the file
    .zsyncignore in DIR counts.  Links and special files are shown as '?' and not
    sent.  The server chooses the classes as for '%(program)s add'.

    Without -m and -F on a terminal an editor opens for the message, as for
    '%(program)s commit'.
    """
    if len(args) != 2:
        raise UsageError("import requires DIR, and a URL or PATH for the new object")
    message, _ = extract_message(opts, "import")
    source, target = args
    with client(opts) as fs, ExitStack() as asked:
        if asks_for_message(opts):
            from zope.app.fssync.cli.editor import written
            from zope.app.fssync.client.url import masked

            shown = masked(target) if "://" in target else target
            comment = [f"{escape(source)} becomes {escape(shown)}"]
            message = asked.enter_context(written(opts, source, comment))
        force = opts.given("--force")
        answer = fs.import_(source, target, message, is_rehearsal(opts), force)
        opts.report.flush()
        opts.report.message(answer)
