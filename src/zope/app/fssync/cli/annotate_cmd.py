"""zsync annotate."""

from __future__ import annotations

from zope.app.fssync.cli.common import REVISION
from zope.app.fssync.cli.common import check_registered
from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.common import paged
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.verb import verb
from zope.fssync.errors import UsageError


@verb(
    REVISION,
    aliases="blame praise",
    group="history",
    completes="tracked",
    summary="show who wrote each line of a text, and when",
    examples=(
        ("%(program)s annotate front.html", "name the author of each line"),
        ("%(program)s annotate -r '1 week ago' front.html", "the same as it was"),
    ),
)
def annotate(opts: Options, args: list[str]) -> None:
    """%(program)s annotate [-r REV] PATH | URL ...

    Shows each line of a text as it is on the server, or with -r as it was, with
    the transaction that brought it, its user and its time.  A question mark
    stands where the history does not reach that far.  No file is changed.
    """
    if not args:
        raise UsageError("annotate requires at least one PATH or URL argument")
    revision = opts.value("-r", "--revision") or "HEAD"
    # Imported late: few commands need it.
    from zope.app.fssync.cli.annotated import fields
    from zope.app.fssync.cli.annotated import shown

    with client(opts) as fs, paged(opts):
        check_registered(fs, [target for target in args if "://" not in target])
        for target in args:
            for number, line in enumerate(fs.annotate(target, revision), 1):
                told = {"path": target, "line": number, **fields(line)}
                opts.report.item(told, shown(line))
