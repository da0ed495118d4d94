"""zsync copy."""

from __future__ import annotations

from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.options import Option
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.verb import verb
from zope.fssync.errors import UsageError


@verb(
    Option("-l", "--local", help="copy a directory without its content"),
    Option("-R", "--recursive", help="copy a directory with its content (default)"),
    aliases="cp",
    group="work",
    completes="tracked",
    summary="copy files and register the copies",
    examples=(
        ("%(program)s copy front.html back.html", "copy a file with its metadata"),
        ("%(program)s copy -l 2026 2027", "copy a directory without its content"),
    ),
)
def copy(opts: Options, args: list[str]) -> None:
    """%(program)s copy [-l | -R] SOURCE [TARGET]

    Copies SOURCE, a file or a directory, to TARGET and registers the copy to
    be added by the next commit.  If SOURCE is registered, its type, factory,
    extra attributes and annotations are copied too.  If TARGET is a directory,
    the copy goes into it under the name of SOURCE.  TARGET is the current
    directory by default.
    """
    choices = {name in ("-R", "--recursive") for name, _ in opts}
    if len(choices) > 1:
        raise UsageError("-l/--local conflicts with -R/--recursive")
    if not args:
        raise UsageError("copy requires at least one argument")
    if len(args) > 2:
        raise UsageError("copy allows at most two arguments")
    source, *target = args
    with client(opts) as fs:
        fs.copy(source, target[0] if target else None, children=choices != {False})
