"""zsync attach."""

from __future__ import annotations

from zope.app.fssync.cli.common import CONTROL
from zope.app.fssync.cli.common import USER
from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.common import url_and_target
from zope.app.fssync.cli.common import user_option
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.verb import verb


@verb(
    USER,
    CONTROL,
    group="care",
    completes="directories",
    summary="make a working copy of files that git has brought, say",
    examples=(
        (
            "%(program)s attach http://me@host/site/shop",
            "for the directory shop here, which git has cloned",
        ),
        ("%(program)s attach http://host/site/shop work", "for the one in work"),
    ),
)
def attach(opts: Options, args: list[str]) -> None:
    """%(program)s attach [-u USER] [--control DIR] URL [TARGETDIR]

    Makes the control data of layout 3 for existing files in TARGETDIR, by
    default the current directory: those of a working copy without .zsync, as
    after git clone.  They are compared with the present state of URL, and none
    of them is changed.  '%(program)s status' shows different files as changed
    and missing ones as missing; commit, update and revert go on from there.
    """
    url, target = url_and_target("attach", args)
    user = user_option(opts)
    # Imported late: help needs none of it.
    from zope.app.fssync.cli.checkout_cmd import with_user

    with client(opts, with_user(url, user) if user else url) as fs:
        fs.attach(target, opts.value("--control"))
        opts.report.item({"url": url, "path": target}, f"Attached {target}")
