"""zsync add."""

from __future__ import annotations

import os

from zope.app.fssync.cli.common import DRY_RUN
from zope.app.fssync.cli.common import check_exist
from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.common import is_rehearsal
from zope.app.fssync.cli.common import tell_rehearsal
from zope.app.fssync.cli.options import Option
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.verb import verb
from zope.fssync.errors import UsageError
from zope.fssync.terminal import escape


@verb(
    Option(
        "-t", "--type", argument="TYPE", help="dotted name of the new object's class"
    ),
    Option(
        "-f",
        "--factory",
        argument="FACTORY",
        help="dotted name of the factory that makes the new object; of the two "
        "this is the one that is usually wanted",
    ),
    Option("-N", "--non-recursive", help="add a directory without its content"),
    Option(
        "--parents",
        help="add the directories above, too, where they are not registered",
    ),
    Option(*DRY_RUN, help="register nothing, and print what would be added"),
    group="work",
    summary="register new files and directories",
    examples=(
        (
            "%(program)s add news.txt pictures",
            "register a file, and a directory with all it contains",
        ),
        (
            "%(program)s add -f zope.app.zptpage.ZPTPage front.html",
            "register a file that becomes a page template",
        ),
    ),
)
def add(opts: Options, args: list[str]) -> None:
    """%(program)s add [-t TYPE] [-f FACTORY] [-N] [--parents] [-n] TARGET ...

    Registers each TARGET, a file or a directory that exists, to be added to
    the server by the next commit.  The parent directory must be registered.
    A directory is added with all it contains, but for what is ignored, see
    '%(program)s help ignore'; one that is registered already gets what is new in
    it.  Links and special files stay unregistered and are shown as '?'.

    Without -t and -f the server chooses the class by the extension of the file
    name and by the content: .pt becomes a page template, .dtml a DTML page, and
    common kinds of images are recognized.

    A TARGET in @@Zope/Extra/NAME is a part of the object NAME beside it
    that has no file yet; its name tells the server which part.

    If TARGET is a new file in place of one that is registered for removal, the
    commit sends a change instead of a removal.
    """
    if not args:
        raise UsageError("add requires at least one TARGET argument")
    check_exist(args)
    args = _without_control(opts, args)
    with client(opts) as fs:
        kind, factory = opts.value("-t", "--type"), opts.value("-f", "--factory")
        # 3.6.0 added a directory without its content.
        recursive = not (opts.compat or opts.given("-N", "--non-recursive"))
        fs.rehearsing = is_rehearsal(opts)
        fs.each(args, fs.add, kind, factory, recursive, opts.given("--parents"))
        tell_rehearsal(fs.rehearsing)


def _without_control(opts: Options, args: list[str]) -> list[str]:
    """Return the targets but for control data, which a pattern of the shell names."""
    from zope.fssync.paths import is_control

    found = [arg for arg in args if not is_control(os.path.basename(arg.rstrip("/")))]
    if not found or opts.compat:
        return args
    for arg in args:
        if arg not in found:
            opts.report.warning(
                f"hint: '{escape(arg)}' is control data of the working copy; it is "
                "not added"
            )
    return found
