"""zsync commit."""

from __future__ import annotations

from zope.app.fssync.cli.common import check_conflicts
from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.common import extract_message
from zope.app.fssync.cli.common import is_rehearsal
from zope.app.fssync.cli.common import tell_rehearsal
from zope.app.fssync.cli.common import transferring
from zope.app.fssync.cli.program import Options


def commit(opts: Options, args: list[str]) -> None:
    """%(program)s commit [-n] [-m MESSAGE | -F FILE] [-r] [TARGET ...]

    Sends the changes of each TARGET, a file or a directory, to the server it
    was checked out from, and takes over what the server made of them.  TARGET
    is the current directory by default.  Each TARGET is a commit of its own:
    all of its changes are stored, or none of them.

    The server takes nothing that is not based on its present state; it names
    the paths concerned, and '%(program)s update' brings their changes.

    -n, --dry-run                  has the server do everything and undo it, and
                                   prints what would become of each file here
    -m MESSAGE, --message=MESSAGE  labels the transaction; the default is
                                   'fssync_commit'
    -F FILE, --file=FILE           takes the message from FILE
    -r, --raise-on-conflicts       has the server answer with an error where
                                   the commit is not up to date
    """
    message, opts = extract_message(opts, "commit")
    dry_run = is_rehearsal(opts)
    raising = any(name in ("-r", "--raise-on-conflicts") for name, _ in opts)
    with client(overwrite_local=True) as fs:
        fs.multiple(args, transferring(fs, fs.commit), message, raising, dry_run)
        tell_rehearsal(dry_run)
        check_conflicts(fs)


ENTRY = (commit, "ci", "F:m:nr", "file= message= dry-run raise-on-conflicts")
