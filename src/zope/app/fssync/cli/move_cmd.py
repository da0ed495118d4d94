"""zsync move."""

from __future__ import annotations

from zope.app.fssync.cli.common import DRY_RUN
from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.common import is_rehearsal
from zope.app.fssync.cli.common import tell_rehearsal
from zope.app.fssync.cli.options import Option
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.verb import verb
from zope.fssync.errors import UsageError


@verb(
    Option("--after", help="only register what you have moved by hand"),
    Option(*DRY_RUN, help="change nothing, and print what would be moved"),
    aliases="mv rename",
    group="work",
    summary="move or rename files and directories",
    examples=(
        ("%(program)s move front.html index.html", "rename a file"),
        ("%(program)s move --after old new", "register what you have moved by hand"),
    ),
)
def move(opts: Options, args: list[str]) -> None:
    """%(program)s move [--after] [-n] SOURCE ... TARGET

    Moves each SOURCE, a file or a directory, to TARGET; if TARGET is a
    directory, into it under the same name.  The next commit moves the object on
    the server: it stays the same object, with its title, its dates, its grants
    and all that refers to it, and what is in it comes along.  Your changes stay
    changes.

    Files that have been moved without %(program)s are removed in one place and
    new in the other, unless they are registered with --after.  To undo a move,
    move back, or use '%(program)s revert'.  A server of release 3.6.0 cannot
    move: it gets a new object and a removal, and the commit says so.
    """
    if len(args) < 2:
        raise UsageError("move requires a SOURCE and a TARGET argument")
    *sources, target = args
    with client(opts) as fs:
        fs.rehearsing = is_rehearsal(opts)
        fs.move(sources, target, opts.given("--after"))
        tell_rehearsal(fs.rehearsing)
