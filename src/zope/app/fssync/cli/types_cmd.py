"""zsync types."""

from __future__ import annotations

import os

from zope.app.fssync.cli.common import check_registered
from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.common import show_each
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.verb import verb
from zope.fssync.terminal import escape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from zope.app.fssync.client.making import Makeable


@verb(
    completes="tracked",
    group="history",
    summary="list what a server can make of a new file or directory",
    examples=(
        ("%(program)s types shop", "what 'add -f' may name for a file in shop"),
        ("%(program)s types http://me@host/site", "the same without a checkout"),
    ),
)
def types(opts: Options, args: list[str]) -> None:
    """%(program)s types [PATH | URL ...]

    Asks the server which objects you may make in each PATH or URL, a directory, by
    default the current one: the factories for '%(program)s add -f', with a slash
    after those of directories, and their titles.  Types that a directory does not
    accept, or that you may not add, are not listed.  What is said of a PATH is
    remembered, for '%(program)s add -f' while the server cannot be reached.
    """
    targets = args or [os.curdir]
    with client(opts) as fs:
        check_registered(fs, [target for target in args if "://" not in target])
        show_each(
            opts, targets, lambda each: _show(opts, each, fs.types(each).makeable)
        )


def _show(opts: Options, target: str, found: list[Makeable]) -> None:
    shown = [each.factory + "/" * (each.kind == "directory") for each in found]
    width = max(map(len, shown), default=0)
    for each, name in zip(found, shown, strict=True):
        line = f"{escape(name):{width}}  {escape(each.title)}"
        opts.report.item(each._asdict(), line.rstrip())
    if not found:
        from zope.app.fssync.client.url import masked

        where = masked(target) if "://" in target else target
        opts.report.message(f"You may make nothing in {escape(where)}.")
