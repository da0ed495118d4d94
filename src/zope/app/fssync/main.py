"""Public names of release 3.6.0, which stand for code elsewhere."""

from __future__ import annotations

import sys

# Commands are loaded when somebody asks for them.
from zope.app.fssync.cli.main import __getattr__
from zope.app.fssync.cli.main import extract_message
from zope.app.fssync.cli.main import main

TYPE_CHECKING = False
if TYPE_CHECKING:
    from zope.app.fssync.cli.main import add
    from zope.app.fssync.cli.main import annotate
    from zope.app.fssync.cli.main import attach
    from zope.app.fssync.cli.main import cat
    from zope.app.fssync.cli.main import checkin
    from zope.app.fssync.cli.main import checkout
    from zope.app.fssync.cli.main import cleanup
    from zope.app.fssync.cli.main import command_table
    from zope.app.fssync.cli.main import commit
    from zope.app.fssync.cli.main import config
    from zope.app.fssync.cli.main import copy
    from zope.app.fssync.cli.main import diff
    from zope.app.fssync.cli.main import doctor
    from zope.app.fssync.cli.main import downgrade
    from zope.app.fssync.cli.main import edit
    from zope.app.fssync.cli.main import explain
    from zope.app.fssync.cli.main import export
    from zope.app.fssync.cli.main import ignore
    from zope.app.fssync.cli.main import import_
    from zope.app.fssync.cli.main import info
    from zope.app.fssync.cli.main import list_
    from zope.app.fssync.cli.main import log
    from zope.app.fssync.cli.main import login
    from zope.app.fssync.cli.main import logout
    from zope.app.fssync.cli.main import merge
    from zope.app.fssync.cli.main import mkdir
    from zope.app.fssync.cli.main import move
    from zope.app.fssync.cli.main import promote
    from zope.app.fssync.cli.main import prop
    from zope.app.fssync.cli.main import relocate
    from zope.app.fssync.cli.main import remove
    from zope.app.fssync.cli.main import resolve
    from zope.app.fssync.cli.main import revert
    from zope.app.fssync.cli.main import status
    from zope.app.fssync.cli.main import types
    from zope.app.fssync.cli.main import undo
    from zope.app.fssync.cli.main import update
    from zope.app.fssync.cli.main import upgrade
    from zope.app.fssync.cli.main import watch

__all__ = [
    "__getattr__",
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

if __name__ == "__main__":
    sys.exit(main())
