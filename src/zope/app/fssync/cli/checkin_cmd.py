"""zsync checkin."""

from __future__ import annotations

from contextlib import ExitStack

from zope.app.fssync.cli.common import DRY_RUN
from zope.app.fssync.cli.common import MESSAGE
from zope.app.fssync.cli.common import asks_for_message
from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.common import extract_message
from zope.app.fssync.cli.common import is_rehearsal
from zope.app.fssync.cli.common import url_and_target
from zope.app.fssync.cli.options import Option
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.output import say
from zope.app.fssync.cli.verb import verb
from zope.fssync.terminal import escape


@verb(
    *MESSAGE,
    Option(
        *DRY_RUN,
        help="ask the server to store everything and undo it, and report what it "
        "would refuse",
    ),
    Option(
        "--encoding",
        argument="NAME",
        help="encoding of text in byte strings of Python 2, 'utf-8' for example; "
        "without it they stay bytes",
    ),
    group="start",
    completes="directories",
    summary="copy a checked out tree to a new object",
    examples=(
        ("%(program)s checkin -n http://me@host/new shop", "try it, store nothing"),
        (
            "%(program)s checkin -m 'From staging' http://me@host/new shop",
            "store the tree in shop as the object 'new'",
        ),
    ),
)
def checkin(opts: Options, args: list[str]) -> None:
    """%(program)s checkin [options] URL [TARGETDIR]

    Copies the checked out tree in TARGETDIR, by default the current directory,
    to a new object on a server.  URL has the form
    http://user:password@host:port/path, with https and zsync+ssh as well.  The
    last part of the path names the new object, which must not exist yet; the
    rest names an existing container.  The path contains no view and no skin.
    The user needs the permission to manage content there.

    The server stores all of the tree or nothing.  It reports how many objects
    it made, or the paths it refused.  Files that are not registered are listed
    and not sent.

    Without -m and -F on a terminal an editor opens for the message, as for
    '%(program)s commit'.
    """
    message, _ = extract_message(opts, "checkin")
    url, target = url_and_target("checkin", args)
    with client(opts, url) as fs, ExitStack() as asked:
        if asks_for_message(opts):
            from zope.app.fssync.cli.editor import written
            from zope.app.fssync.client.url import masked

            comment = [f"{escape(target)} becomes {escape(masked(url))}"]
            message = asked.enter_context(written(opts, target, comment))
        answer = fs.checkin(
            target, message, is_rehearsal(opts), opts.value("--encoding")
        )
    if answer:
        say(answer)
