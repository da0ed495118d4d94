"""zsync list."""

from __future__ import annotations

import os

from zope.app.fssync.cli.common import check_registered
from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.common import show_each
from zope.app.fssync.cli.options import ZERO
from zope.app.fssync.cli.options import Option
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.verb import verb
from zope.fssync.terminal import columns_for
from zope.fssync.terminal import escape
from zope.fssync.terminal import padded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from zope.app.fssync.client.listing import Listed
    from zope.app.fssync.client.listing import Listing


@verb(
    Option("-v", "--verbose", help="show class, factory and time of change"),
    ZERO,
    aliases="ls",
    completes="tracked",
    group="history",
    summary="list what is in an object of a server",
    examples=(
        ("%(program)s list http://me@host/site", "look at a site without a checkout"),
        ("%(program)s list -v shop", "what the server has now in shop, with details"),
    ),
)
def list_(opts: Options, args: list[str]) -> None:
    """%(program)s list [-v] [PATH | URL ...]

    Lists the objects that the server has in each PATH or URL, by default in the
    current directory: names, with a slash after those of folders, and types.
    Objects hidden from you are counted.  Nothing is copied, no file is changed.
    """
    with client(opts) as fs:
        check_registered(fs, [target for target in args if "://" not in target])
        show_each(
            opts, args or [os.curdir], lambda target: _show(opts, fs.list(target))
        )


def _show(opts: Options, found: Listing) -> None:
    detailed = opts.verbose or opts.given("-v", "--verbose")
    items = found.items if found.top.kind == "directory" else [found.top]
    width = max((columns_for(_named(item)) for item in items), default=0)
    for item in items:
        line = f"{padded(_named(item), width)}  {_described(item, detailed)}"
        opts.report.item(item._asdict(), line.rstrip())
    if found.withheld:
        opts.report.warning(f"{found.withheld} more hidden from you")


def _named(item: Listed) -> str:
    return escape(item.name) + "/" * (item.kind == "directory")


def _described(item: Listed, detailed: bool) -> str:
    if not detailed:
        return escape(item.type.rpartition(".")[2])
    return "  ".join(
        filter(None, map(escape, (item.modified, item.type, item.factory)))
    )
