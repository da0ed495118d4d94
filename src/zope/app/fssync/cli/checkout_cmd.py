"""zsync checkout."""

from __future__ import annotations

from zope.app.fssync.cli.common import CONTROL
from zope.app.fssync.cli.common import REVISION
from zope.app.fssync.cli.common import USER
from zope.app.fssync.cli.common import check_conflicts
from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.common import configuration
from zope.app.fssync.cli.common import depth_option
from zope.app.fssync.cli.common import finish_transfer
from zope.app.fssync.cli.common import url_and_target
from zope.app.fssync.cli.common import user_option
from zope.app.fssync.cli.options import Option
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.verb import verb
from zope.fssync.errors import UsageError

LAYOUT = Option(
    "--layout", argument="NUMBER", help="the layout of the working copy, 1, 2 or 3"
)


@verb(
    USER,
    LAYOUT,
    CONTROL,
    REVISION,
    Option(
        "--depth",
        argument="DEPTH",
        help="copy only the object itself (empty), files in it (files), directories "
        "in it, too, without content (immediates), or all (infinity)",
    ),
    Option(
        "--exclude",
        argument="PATTERN",
        help="leave out what matches PATTERN, in the syntax of .zsyncignore; with a "
        "slash it is a path from URL on.  May be given more than once.",
    ),
    aliases="co",
    group="start",
    completes="directories",
    summary="copy objects from a server into files",
    examples=(
        ("%(program)s checkout http://me@host/site/shop", "make the directory shop"),
        ("%(program)s checkout -u me http://host/site work", "make work/site"),
        (
            "%(program)s checkout --exclude '*.mp4' --exclude /old http://host/site",
            "leave out films and the folder site/old",
        ),
    ),
)
def checkout(opts: Options, args: list[str]) -> None:
    """%(program)s checkout [-u USER] [-r REV] [--depth DEPTH] URL [DIR]

    Copies the object that URL names, with all it contains, into a directory in
    DIR.  This directory is named after the last part of the path of URL.  DIR is
    the current directory by default and is made if it does not exist.
    .zsync in DIR holds the data that the other commands need.  With --control it
    is in a directory outside of DIR instead, which is new or empty, on the same
    file system, and of this working copy alone; .zsync names it.

    URL has the form http://user:password@host:port/path, with https and
    zsync+ssh as well.  The path leads to an existing object, without views and
    skins, and is written as in a browser (%20 for a blank).  The user needs
    the permission to manage content to commit later.

    The metadata of a file FILE, such as its title, are in the text @@FILE.meta
    beside it, those of a directory in @@.meta in it.  Edit such a text like any
    file.  There is none if all metadata are the defaults.  This is layout 3.
    Layout 2 has packs in directories named @@Zope, layout 1 is that of 3.6.0.

    A password in URL is kept in ~/.zsyncpass, which only you can read, and not
    in the working copy.  Without a password the token that '%(program)s login'
    stored is used.  If there is none, you are asked.

    Updates and commits do not touch the objects that --depth and --exclude leave
    out; '%(program)s status' and 'info' name them.  '%(program)s update PATH' brings
    the object at PATH, 'update --set-depth infinity DIR' all of a directory.

    With -r the files are as they were after REV, the id of a transaction, a date
    or '2 days ago'.  Such a working copy is for reading: it takes no update, and
    nothing is committed from it.
    """
    url, target = url_and_target("checkout", args)
    user = user_option(opts)
    if user:
        url = with_user(url, user)
    depth = depth_option(opts, "--depth")
    exclude = [value for name, value in opts if name == "--exclude"]
    # Imported late: help needs none of it.
    from zope.app.fssync.cli.summary import checked_out

    with client(opts, url) as fs:
        revision = opts.value("-r", "--revision")
        control = opts.value("--control")
        if revision is not None and (depth or exclude):
            raise UsageError("checkout -r takes neither --depth nor --exclude")
        fs.checkout(target, depth, exclude, revision, wanted_layout(opts), control)
        finish_transfer(opts, checked_out(opts.report, fs.transaction))
        check_conflicts(fs)


def wanted_layout(opts: Options) -> int | None:
    """Return the layout that the options name, None for the default."""
    from zope.app.fssync.client.workingcopy.layout import check_layout

    wanted = opts.value("--layout") or configuration(opts).text("checkout.layout")
    return None if wanted is None else check_layout(wanted)


def with_user(url: str, user: str) -> str:
    """Put ``user`` into ``url``, which may name the same user."""
    from urllib.parse import quote
    from urllib.parse import unquote

    scheme, separator, rest = url.partition("://")
    netloc, slash, path = rest.partition("/")
    userinfo, at, _ = netloc.rpartition("@")
    if not at:
        return f"{scheme}{separator}{quote(user, safe='')}@{netloc}{slash}{path}"
    if unquote(userinfo.partition(":")[0]) != user:
        raise UsageError("-u/--user option and URL disagree on user name")
    return url
