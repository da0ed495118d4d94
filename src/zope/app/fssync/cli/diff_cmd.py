"""zsync diff."""

from __future__ import annotations

from zope.app.fssync.cli.common import check_registered
from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.options import Option
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.output import write_bytes
from zope.app.fssync.cli.verb import verb


@verb(
    Option("-u", help="show three unchanged lines around, in the unified form"),
    Option("-U", "--unified", argument="NUMBER", help="the same with NUMBER lines"),
    Option("-c", help="show three unchanged lines around, in the context form"),
    Option("-C", "--context", argument="NUMBER", help="the same with NUMBER lines"),
    Option("-b", help="ignore changes in the amount of blanks"),
    Option("-B", help="ignore changes that only insert or delete empty lines"),
    Option("-i", help="ignore case"),
    Option("--brief", help="print only which files differ"),
    Option("-a", "--text", help="show binary files, too"),
    Option("-N", help="show added and removed files, too"),
    aliases="di",
    group="work",
    completes="tracked",
    summary="show local changes line by line",
    examples=(
        ("%(program)s diff -u front.html", "show the changes of a file"),
        ("%(program)s diff -uN > my.patch", "write a patch with all your changes"),
    ),
)
def diff(opts: Options, args: list[str]) -> None:
    """%(program)s diff [options] [TARGET ...]

    Shows how each TARGET, a file or a directory with all it contains, differs
    from what the server last sent.  TARGET is the current directory by default.
    Nothing is shown for files without changes.  The output has the form of GNU
    diff, which need not be installed, and the options are those of GNU diff.

    A file is binary if it has a zero byte, or is neither UTF-8 nor, with a byte
    order mark, UTF-16 or UTF-32.  Text in these two is shown in UTF-8.
    """
    passed = " ".join(_joined(name, value) for name, value in opts if name != "-N")
    with client(opts) as fs:
        check_registered(fs, args)
        fs.multiple(args, fs.diff, 1, passed, not opts.given("-N"), write_bytes)


def _joined(option: str, value: str) -> str:
    if not value:
        return option
    return f"{option}={value}" if option.startswith("--") else f"{option} {value}"
