"""zsync explain."""

from __future__ import annotations

import os

from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.common import show_each
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.verb import verb
from zope.fssync.terminal import escape


@verb(
    completes="tracked",
    group="history",
    summary="show how the server synchronizes an object, and why",
    examples=(
        ("%(program)s explain shop/basket", "which synchronizer, which permissions"),
        ("%(program)s explain http://me@host/site", "the same without a checkout"),
    ),
)
def explain(opts: Options, args: list[str]) -> None:
    """%(program)s explain [PATH | URL ...]

    Asks the server which synchronizer it uses for each PATH or URL, by default for
    the current directory, why it was chosen and which ones were not, which
    permissions it requires, and which extras and annotations the object has.  The
    local files of a PATH are shown as well.  For an object that you may not check
    out only that is shown.
    """
    number = 0

    def show(target: str) -> None:
        nonlocal number
        told, files = fs.explain(target)
        if number:
            opts.report.message("")
        number += 1
        shown = {name.replace("-", " "): text for name, text in told.items()}
        width = max(map(len, shown)) + 1
        lines = [f"{f'{name}:':{width}} {escape(shown[name])}" for name in shown]
        lines += [f"{'file:':{width}} {escape(path)}" for path in files]
        opts.report.item({**told, "files": files}, "\n".join(lines))

    with client(opts) as fs:
        show_each(opts, args or [os.curdir], show)
