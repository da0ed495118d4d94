"""zsync export."""

from __future__ import annotations

import os

from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.options import Option
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.verb import verb
from zope.fssync.errors import UsageError


@verb(
    Option(
        "--force",
        help="write into DIR though it is not empty, and replace files of the same "
        "names",
    ),
    group="start",
    completes="directories",
    summary="copy content into plain files, without control data",
    examples=(
        ("%(program)s export http://me@host/site/shop shop", "from a server"),
        ("%(program)s export shop ../plain", "from a working copy, as it stands"),
    ),
)
def export(opts: Options, args: list[str]) -> None:
    """%(program)s export [--force] [URL | PATH] DIR

    Writes the content of an object into DIR, which is made if it does not exist:
    plain files and directories, neither control data nor metadata.  What is in the
    folder comes directly into DIR; a single file is put into it.

    A URL exports the objects of the server.  A PATH in a working copy, by
    default the current directory, exports the registered files, including
    changes that are not committed; a missing file is shown with '!'.  Objects
    hidden from you are counted.

    Nothing in DIR is replaced without --force, and nothing is ever removed.
    """
    if not 1 <= len(args) <= 2:
        raise UsageError("export requires DIR, and at most one URL or PATH before it")
    source, directory = args if len(args) == 2 else (os.curdir, args[0])
    with client(opts) as fs:
        fs.export(source, directory, opts.given("--force"))
        opts.report.flush()
        count = sum(opts.report.counts.get(each, 0) for each in ("created", "updated"))
        if not opts.compat:
            opts.report.message(f"Exported {count} files and directories.")
