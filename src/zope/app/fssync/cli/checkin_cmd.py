"""zsync checkin."""

from __future__ import annotations

from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.common import extract_message
from zope.app.fssync.cli.common import is_rehearsal
from zope.app.fssync.cli.common import url_and_target
from zope.app.fssync.cli.output import say
from zope.app.fssync.cli.program import Options


def checkin(opts: Options, args: list[str]) -> None:
    """%(program)s checkin [options] URL [TARGETDIR]

    Copies the checked out tree in TARGETDIR, by default the current directory,
    to a new object on a server.  URL has the form
    http://user:password@host:port/path, with https and zsync+ssh as well; the
    last part of its path names the new object, which must not exist yet, and
    the rest an existing container.  It names no view and no skin.  The user
    needs the permission to manage content there.  All of the tree is stored, or
    nothing; the server says how many objects it has made, or what it cannot take,
    by path.  Files that are not registered are named and not sent.

    -n, --dry-run                  has the server do everything and undo it, to
                                   see beforehand what it cannot take
    --encoding=NAME                tells what byte strings of Python 2 in objects
                                   are that are text, 'utf-8' for example; without
                                   it they stay bytes
    -m MESSAGE, --message=MESSAGE  labels the transaction; the default is
                                   'fssync_checkin'
    -F FILE, --file=FILE           takes the message from FILE
    """
    message, opts = extract_message(opts, "checkin")
    dry_run = is_rehearsal(opts)
    encoding = dict(opts).get("--encoding")
    url, target = url_and_target("checkin", args)
    with client(url, overwrite_local=True) as fs:
        answer = fs.checkin(target, message, dry_run, encoding)
    if answer:
        say(answer)


ENTRY = (checkin, "", "F:m:n", "file= message= dry-run encoding=")
