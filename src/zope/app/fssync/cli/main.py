"""Work on the content of a Zope server with ordinary files.

%(program)s add [options] PATH ...
%(program)s cat PATH ...
%(program)s checkin [options] URL [TARGETDIR]
%(program)s checkout [options] URL [TARGETDIR]
%(program)s cleanup [PATH ...]
%(program)s commit [options] [TARGET ...]
%(program)s copy [options] SOURCE [TARGET]
%(program)s diff [options] [TARGET ...]
%(program)s doctor [PATH ...]
%(program)s downgrade [PATH ...]
%(program)s login [options] [URL]
%(program)s logout [options] [URL]
%(program)s merge SOURCEDIR [TARGETDIR]
%(program)s mkdir PATH ...
%(program)s remove TARGET ...
%(program)s resolve [PATH ...]
%(program)s revert [TARGET ...]
%(program)s status [options] [TARGET ...]
%(program)s update [options] [TARGET ...]
%(program)s upgrade [PATH ...]

%(program)s help            shows this text
%(program)s help COMMAND    shows how COMMAND is used
%(program)s --version       shows the version
%(program)s --traceback COMMAND ...  shows where in the program an error arose,
                         as the environment variable ZSYNC_TRACEBACK=1 does

Exit status: 0 done, 1 error, 2 wrong usage, 3 done but conflicts are left,
4 login or permission, 5 not up to date and nothing committed, 6 network or
server, 7 working copy locked or damaged, 8 unsafe data refused, 130 interrupted.
"""

from __future__ import annotations

import sys

from zope.app.fssync.cli import add_cmd as _add
from zope.app.fssync.cli import cat_cmd as _cat
from zope.app.fssync.cli import checkin_cmd as _checkin
from zope.app.fssync.cli import checkout_cmd as _checkout
from zope.app.fssync.cli import cleanup_cmd as _cleanup
from zope.app.fssync.cli import commit_cmd as _commit
from zope.app.fssync.cli import copy_cmd as _copy
from zope.app.fssync.cli import diff_cmd as _diff
from zope.app.fssync.cli import doctor_cmd as _doctor
from zope.app.fssync.cli import downgrade_cmd as _downgrade
from zope.app.fssync.cli import login_cmd as _login
from zope.app.fssync.cli import logout_cmd as _logout
from zope.app.fssync.cli import merge_cmd as _merge
from zope.app.fssync.cli import mkdir_cmd as _mkdir
from zope.app.fssync.cli import remove_cmd as _remove
from zope.app.fssync.cli import resolve_cmd as _resolve
from zope.app.fssync.cli import revert_cmd as _revert
from zope.app.fssync.cli import status_cmd as _status
from zope.app.fssync.cli import update_cmd as _update
from zope.app.fssync.cli import upgrade_cmd as _upgrade
from zope.app.fssync.cli.common import extract_message
from zope.app.fssync.cli.output import finish_output
from zope.app.fssync.cli.program import Command

__all__ = [
    "add",
    "cat",
    "checkin",
    "checkout",
    "cleanup",
    "command_table",
    "commit",
    "copy",
    "diff",
    "doctor",
    "downgrade",
    "extract_message",
    "login",
    "logout",
    "main",
    "merge",
    "mkdir",
    "remove",
    "resolve",
    "revert",
    "status",
    "update",
    "upgrade",
]

add = _add.add
cat = _cat.cat
checkin = _checkin.checkin
checkout = _checkout.checkout
cleanup = _cleanup.cleanup
commit = _commit.commit
copy = _copy.copy
diff = _diff.diff
doctor = _doctor.doctor
downgrade = _downgrade.downgrade
login = _login.login
logout = _logout.logout
merge = _merge.merge
mkdir = _mkdir.mkdir
remove = _remove.remove
resolve = _resolve.resolve
revert = _revert.revert
status = _status.status
update = _update.update
upgrade = _upgrade.upgrade

#: Function, aliases, short options, long options.
command_table = [
    _add.ENTRY,
    _cat.ENTRY,
    _checkin.ENTRY,
    _checkout.ENTRY,
    _cleanup.ENTRY,
    _commit.ENTRY,
    _copy.ENTRY,
    _diff.ENTRY,
    _doctor.ENTRY,
    _downgrade.ENTRY,
    _login.ENTRY,
    _logout.ENTRY,
    _merge.ENTRY,
    _mkdir.ENTRY,
    _remove.ENTRY,
    _resolve.ENTRY,
    _revert.ENTRY,
    _status.ENTRY,
    _update.ENTRY,
    _upgrade.ENTRY,
]


def main(args: list[str] | None = None) -> int:
    """Run the command of the command line; returns the exit status."""
    command = Command(usage=__doc__, version=_version)
    for function, aliases, short, long in command_table:
        command.addCommand(function.__name__, function, short, long, aliases)
    try:
        status = command.main(args) or 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 0
    finish_output()
    return status


def _version() -> str:
    from importlib.metadata import version

    return version("zope.app.fssync")


if __name__ == "__main__":
    sys.exit(main())
