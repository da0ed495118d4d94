"""zsync copy."""

from __future__ import annotations

from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.program import Options
from zope.fssync.errors import UsageError


def copy(opts: Options, args: list[str]) -> None:
    """%(program)s copy [-l | -R] SOURCE [TARGET]

    Copies SOURCE, a file or a directory, to TARGET and registers the copy to
    be added by the next commit.  Of a registered SOURCE type, factory, extra
    attributes and annotations are copied too.  Where TARGET is a directory, the
    copy goes into it under the name of SOURCE; without TARGET that is the
    current directory.

    -l, --local      of a directory only itself, not what it contains
    -R, --recursive  with all that it contains, which is the default
    """
    recursive = None
    for option, _ in opts:
        wanted = option in ("-R", "--recursive")
        if recursive is not None and recursive != wanted:
            raise UsageError("-l/--local conflicts with -R/--recursive")
        recursive = wanted
    if not args:
        raise UsageError("copy requires at least one argument")
    if len(args) > 2:
        raise UsageError("copy allows at most two arguments")
    source, *target = args
    with client() as fs:
        fs.copy(source, target[0] if target else None, children=recursive is not False)


ENTRY = (copy, "cp", "lR", "local recursive")
