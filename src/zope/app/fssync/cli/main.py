"""The commands of `zsync`, and the program itself."""

from __future__ import annotations

import gc
import os
import sys

from zope.app.fssync.cli.common import extract_message
from zope.app.fssync.cli.output import finish_output
from zope.app.fssync.cli.program import Command
from zope.app.fssync.cli.verbs import FUNCTIONS
from zope.app.fssync.cli.verbs import declared
from zope.app.fssync.cli.verbs import of_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from zope.app.fssync.cli.add_cmd import add
    from zope.app.fssync.cli.annotate_cmd import annotate
    from zope.app.fssync.cli.attach_cmd import attach
    from zope.app.fssync.cli.cat_cmd import cat
    from zope.app.fssync.cli.checkin_cmd import checkin
    from zope.app.fssync.cli.checkout_cmd import checkout
    from zope.app.fssync.cli.cleanup_cmd import cleanup
    from zope.app.fssync.cli.commit_cmd import commit
    from zope.app.fssync.cli.config_cmd import config
    from zope.app.fssync.cli.copy_cmd import copy
    from zope.app.fssync.cli.diff_cmd import diff
    from zope.app.fssync.cli.doctor_cmd import doctor
    from zope.app.fssync.cli.downgrade_cmd import downgrade
    from zope.app.fssync.cli.edit_cmd import edit
    from zope.app.fssync.cli.explain_cmd import explain
    from zope.app.fssync.cli.export_cmd import export
    from zope.app.fssync.cli.ignore_cmd import ignore
    from zope.app.fssync.cli.import_cmd import import_
    from zope.app.fssync.cli.info_cmd import info
    from zope.app.fssync.cli.list_cmd import list_
    from zope.app.fssync.cli.log_cmd import log
    from zope.app.fssync.cli.login_cmd import login
    from zope.app.fssync.cli.logout_cmd import logout
    from zope.app.fssync.cli.merge_cmd import merge
    from zope.app.fssync.cli.mkdir_cmd import mkdir
    from zope.app.fssync.cli.move_cmd import move
    from zope.app.fssync.cli.promote_cmd import promote
    from zope.app.fssync.cli.prop_cmd import prop
    from zope.app.fssync.cli.relocate_cmd import relocate
    from zope.app.fssync.cli.remove_cmd import remove
    from zope.app.fssync.cli.resolve_cmd import resolve
    from zope.app.fssync.cli.revert_cmd import revert
    from zope.app.fssync.cli.status_cmd import status
    from zope.app.fssync.cli.types_cmd import types
    from zope.app.fssync.cli.undo_cmd import undo
    from zope.app.fssync.cli.update_cmd import update
    from zope.app.fssync.cli.upgrade_cmd import upgrade
    from zope.app.fssync.cli.verb import Handler36
    from zope.app.fssync.cli.verb import Verb
    from zope.app.fssync.cli.watch_cmd import watch

    command_table: list[tuple[Handler36, str, str, str]]

__all__ = [
    "add",
    "annotate",
    "attach",
    "cat",
    "checkin",
    "checkout",
    "cleanup",
    "command_table",
    "commit",
    "config",
    "copy",
    "diff",
    "doctor",
    "downgrade",
    "edit",
    "explain",
    "export",
    "extract_message",
    "ignore",
    "import_",
    "info",
    "list_",
    "log",
    "login",
    "logout",
    "main",
    "merge",
    "mkdir",
    "move",
    "promote",
    "prop",
    "relocate",
    "remove",
    "resolve",
    "revert",
    "status",
    "types",
    "undo",
    "update",
    "upgrade",
    "watch",
]

_TITLE = "%(program)s: edit the content of a Zope server as ordinary files"

_NOTES = """\
'%(program)s help COMMAND' shows how a command is used.

Exit status: 0 done, 1 error, 2 wrong usage, 3 done but conflicts are left,
4 login or permission, 5 not up to date and nothing committed, 6 network or
server, 7 working copy locked or damaged, 8 unsafe data refused,
130 interrupted.

Environment: ZSYNC_TRACEBACK=1 is as --traceback, ZSYNC_COMPAT=3.6 as --compat,
NO_COLOR=1 as --color=never, CLICOLOR_FORCE=1 as --color=always; ZSYNC_PAGER
and PAGER name the pager of 'diff' and 'log', by default 'less'.
"""


def __getattr__(name: str) -> Any:
    """Return a command, or the table of all; they are loaded only when used.

    A line of the table has the function, aliases, short options and long options of a
    command.  Applications append lines of their own.  The overview has this order.
    """
    if name == "command_table":
        globals()[name] = table = [verb.table_entry() for verb in declared()]
        return table
    if name in FUNCTIONS:
        return of_name(FUNCTIONS[name])
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def main(args: list[str] | None = None) -> int:
    """Run the command of the command line; return the exit status."""
    if args is not None:
        return _run(args)
    # Most commands end before it is worth looking for cycles.
    gc.set_threshold(64 * gc.get_threshold()[0])
    if "ZSYNC_STREAMS" in os.environ or sys.getfilesystemencoding() != "utf-8":
        # Imported late: most locales have UTF-8.
        from zope.app.fssync.cli.utf8names import begin

        begin()
    status = _run(None)
    # The process ends: nothing of it need be searched for cycles.
    gc.freeze()
    return status


def _run(args: list[str] | None) -> int:
    # An application may have changed the table.
    table = globals().get("command_table")
    command = Command(
        _program(),
        usage=_NOTES,
        version=_version,
        title=_TITLE,
        late=_late if table is None else None,
    )
    for function, aliases, short, long in table or ():
        command.addCommand(function.__name__, function, short, long, aliases)
    try:
        status = command.main(args) or 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 0
    finish_output()
    return status


def _late(name: str | None) -> Iterable[Verb]:
    """Return the command of that name, or all commands."""
    if name is None:
        return declared()
    verb = of_name(name)
    return () if verb is None else (verb,)


def _program() -> str:
    """Return the name of the script, ``zsync`` for a module and ``python -c``."""
    name = os.path.basename(sys.argv[0])
    return "zsync" if name in ("", "-c", "-m") or name.endswith(".py") else name


def _version() -> str:
    from zope.fssync.version import __version__

    return __version__


if __name__ == "__main__":
    sys.exit(main())
