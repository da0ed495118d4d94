"""zsync diff."""

from __future__ import annotations

import os
from contextlib import nullcontext

from zope.app.fssync.cli.common import check_registered
from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.common import paged
from zope.app.fssync.cli.options import ZERO
from zope.app.fssync.cli.options import Option
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.verb import verb
from zope.fssync.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from zope.app.fssync.cli.diffoutput import Patch
    from zope.app.fssync.cli.diffoutput import Statistics
    from zope.app.fssync.cli.diffoutput import Summary
    from zope.app.fssync.cli.difftool import ToolRunner

#: Options that are not passed on.
_OURS = (
    *("-N", "--normal", "--stat", "--summary", "-r", "--revision", "--change"),
    *("--server", "--tool", "-T", "-z", "--null"),
)

#: Options that decide whether lines differ.
_MATTER = ("-b", "-w", "--ignore-all-space", "-B", "-i", "-a", "--text")

#: The unified form, and the context form.
_STYLES = (("-u", "-U", "--unified"), ("-c", "-C", "--context"))


@verb(
    Option(
        "-u", help="show three unchanged lines around, in the unified form (default)"
    ),
    Option("-U", "--unified", argument="NUMBER", help="the same with NUMBER lines"),
    Option("-c", help="show three unchanged lines around, in the context form"),
    Option("-C", "--context", argument="NUMBER", help="the same with NUMBER lines"),
    Option("--normal", help="show no unchanged lines, in the form of diff without -u"),
    Option("--stat", help="count added and removed lines of each file instead"),
    Option("-b", help="ignore changes in the amount of blanks"),
    Option("-w", "--ignore-all-space", help="ignore blanks altogether"),
    Option("--summary", help="show the names of changed files only, with a letter"),
    Option("-B", help="ignore changes that only insert or delete empty lines"),
    Option("-i", help="ignore case"),
    Option("--brief", help="print only which files differ"),
    Option("-a", "--text", help="show binary files, too"),
    Option("-r", "--revision", argument="A[:B]", help="compare with A, or A with B"),
    Option("--change", argument="REV", help="show what the transaction REV changed"),
    Option("--server", help="compare with what the server has now: as -r HEAD"),
    Option(
        "--tool",
        argument="CMD",
        help="run CMD for each file that differs, with the names of what it was and of "
        "what it is; a binary file is one, too",
    ),
    Option("-T", help="the same with the setting diff.tool, see 'help config'"),
    Option("-N", help="show added and removed files, too (default)"),
    ZERO,
    aliases="di",
    group="work",
    completes="tracked",
    summary="show local changes line by line",
    examples=(
        ("%(program)s diff front.html", "show the changes of a file"),
        ("%(program)s diff > my.patch", "write a patch with all your changes"),
        ("%(program)s diff -r PREV:BASE", "show the last change that you received"),
        ("%(program)s diff --server --tool meld", "see what an update would meet"),
    ),
)
def diff(opts: Options, args: list[str]) -> None:
    """%(program)s diff [options] [TARGET ...]

    Shows how each TARGET, a file or a directory with all it contains, differs
    from what the server last sent.  TARGET is the current directory by default.
    Nothing is shown for files without changes.  'patch -p1' and 'git apply' take
    the output, from where you stand.  Most options are those of GNU diff, which
    need not be installed.

    A file is binary if it has a zero byte, or is neither UTF-8 nor, with a byte
    order mark, UTF-16 or UTF-32.  Text in these two is shown in UTF-8.

    With -r A the files are compared with what was there after A, with -r A:B two
    states of the past with each other; TARGET may be a URL then.  A and B are ids
    of transactions, dates, times as '2 hours ago', or PREV, BASE and HEAD, which
    is what the server has now.  With --change REV, or -c REV, that of what REV
    changed is shown: a transaction, or the last one until then.

    A tool gets your file itself as the newer side, and may change it.
    """
    change, args = _change(opts, args)
    is_short = change is not None and not opts.given("--change")
    options = " ".join(_passed(opts, ("-c",) if is_short else ()))
    compare = _tool_runner(opts)
    shown = _output(opts)
    as_36 = opts.compat and not opts.given("--stat", "--summary")
    begin = None if as_36 else shown.begin
    need_original = opts.compat and not opts.given("-N")
    revisions = _revisions(opts, change)
    with client(opts) as fs, nullcontext() if compare else paged(opts):
        if revisions is not None or change is not None:
            more = options, shown.write, shown.begin, compare
            for target in args or ["."]:
                pair = revisions or fs.states_of(target, change)
                fs.diff_revisions(target, pair, *more)
        else:
            check_registered(fs, args, told=True)
            fs.multiple(
                args, fs.diff, 1, options, need_original, shown.write, begin, compare
            )
        shown.finish()


def _change(opts: Options, args: list[str]) -> tuple[str | None, list[str]]:
    """Return the transaction to show, and the targets.

    The option -c of 3.6.0 takes no value: a revision that follows it, and is no file,
    is meant for it.
    """
    change = opts.value("--change")
    if change is None and args and opts.given("-c") and not opts.compat:
        from zope.app.fssync.client.revisions import is_revision

        if is_revision(args[0]) and not os.path.lexists(args[0]):
            return args[0], args[1:]
    return change, args


def _passed(opts: Options, dropped: tuple[str, ...]) -> list[str]:
    """Return the options for the comparison, which are those of GNU diff."""
    kept = [pair for pair in opts if pair[0] not in dropped]
    opts = Options(kept, opts.common)
    if opts.given("--normal") and any(opts.given(*names) for names in _STYLES):
        raise UsageError("diff shows --normal, -c or -u, not two of them")
    if opts.given("--stat") and opts.given("--summary"):
        raise UsageError("diff shows --stat or --summary, not both")
    passed = [_joined(name, value) for name, value in opts if name not in _OURS]
    if opts.given("--stat", "--summary"):
        return [*(word for word in passed if word in _MATTER), "-U 0"]
    has_style = opts.given("--normal", "--brief", *_STYLES[0], *_STYLES[1])
    return passed if opts.compat or has_style else [*passed, "-u"]


def _output(opts: Options) -> Patch | Statistics | Summary:
    """Return the form in which the options show differences."""
    # Imported late: help needs none of it.
    from zope.app.fssync.cli.diffoutput import Patch
    from zope.app.fssync.cli.diffoutput import Statistics
    from zope.app.fssync.cli.diffoutput import Summary

    if opts.given("--summary"):
        return Summary(opts.report)
    return Statistics(opts.report) if opts.given("--stat") else Patch(opts.report)


def _tool_runner(opts: Options) -> ToolRunner | None:
    """Return what runs the tool that the options ask for, or None."""
    tool = _tool(opts)
    if tool is None:
        return None
    from zope.app.fssync.cli.difftool import ToolRunner

    if opts.given("--stat", "--summary"):
        raise UsageError("diff runs a tool, or shows --stat or --summary")
    return ToolRunner(tool, opts.report)


def _tool(opts: Options) -> str | None:
    """Return the command line of the tool that the options ask for, or None."""
    tool = opts.value("--tool")
    if tool is None and opts.given("-T"):
        from zope.app.fssync.cli.common import configuration

        tool = configuration(opts).text("diff.tool") or ""
    if tool is not None and not tool.strip():
        raise UsageError("no tool is named by --tool or the setting diff.tool")
    return tool


def _revisions(opts: Options, change: str | None) -> tuple[str, str | None] | None:
    """Return the revisions to compare, None to compare files with the last received."""
    revision = opts.value("-r", "--revision")
    if opts.given("--server"):
        if change is not None or revision is not None:
            raise UsageError("diff takes one of --server, -r and --change")
        return "HEAD", None
    if revision is None or change is not None:
        return None
    first, colon, second = revision.partition(":")
    if (colon and not (first and second)) or not revision:
        raise UsageError("diff -r takes A or A:B")
    return first, second if colon else None


def _joined(option: str, value: str) -> str:
    if not value:
        return option
    return f"{option}={value}" if option.startswith("--") else f"{option} {value}"
