"""zsync checkin."""

from __future__ import annotations

from zope.app.fssync.command import Options
from zope.app.fssync.commands.session import client
from zope.app.fssync.commands.session import extract_message
from zope.app.fssync.commands.session import url_and_target
from zope.app.fssync.output import say


def checkin(opts: Options, args: list[str]) -> None:
    """%(program)s checkin [-m MESSAGE | -F FILE] URL [TARGETDIR]

    Copies the checked out tree in TARGETDIR, by default the current directory,
    to a new object on a server.  URL has the form
    http://user:password@host:port/path, with https and zsync+ssh as well; the
    last part of its path names the new object, which must not exist yet, and
    the rest an existing container.  It names no view and no skin.  The user
    needs the permission to manage content there.

    -m MESSAGE, --message=MESSAGE  labels the transaction; the default is
                                   'fssync_checkin'
    -F FILE, --file=FILE           takes the message from FILE
    """
    message, opts = extract_message(opts, "checkin")
    url, target = url_and_target("checkin", args)
    with client(url, overwrite_local=True) as fs:
        answer = fs.checkin(target, message)
    if answer:
        say(answer)


ENTRY = (checkin, "", "F:m:", "file= message=")
