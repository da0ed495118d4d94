"""zsync info."""

from __future__ import annotations

import os

from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.common import show_each
from zope.app.fssync.cli.common import unknown
from zope.app.fssync.cli.options import Option
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.verb import verb
from zope.fssync.terminal import escape


@verb(
    Option("-u", "--server", help="ask the server, also for a PATH"),
    completes="tracked",
    group="history",
    summary="show where an object comes from and what it is",
    examples=(
        ("%(program)s info", "show the URL, the user and the state of this directory"),
        ("%(program)s info http://me@host/site/shop", "ask what is there"),
    ),
)
def info(opts: Options, args: list[str]) -> None:
    """%(program)s info [-u] [PATH | URL ...]

    Shows for each PATH, by default the current directory, its URL, server, user,
    state, layout, type and factory, and the last transaction that was received.
    PATH need not be registered.  For a URL, or with -u, the server is asked;
    permissions and the last change are shown as well.  No file is changed.
    """
    # Imported late: help needs none of it.
    from zope.app.fssync.client.info import NOT_REGISTERED

    shown = 0
    ask = opts.given("-u", "--server")

    def show(target: str) -> None:
        nonlocal shown
        found = fs.info(target, ask)
        if found.get("state") == NOT_REGISTERED and not os.path.lexists(target):
            raise unknown(target)
        if shown:
            opts.report.message("")
        shown += 1
        width = max(map(len, found)) + 1
        lines = [f"{f'{name}:':{width}} {escape(found[name])}" for name in found]
        opts.report.item(found, "\n".join(lines))

    with client(opts) as fs:
        show_each(opts, args or [os.curdir], show)
