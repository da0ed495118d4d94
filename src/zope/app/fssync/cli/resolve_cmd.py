"""zsync resolve."""

from __future__ import annotations

import sys

from zope.app.fssync.cli.common import check_registered
from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.options import ZERO
from zope.app.fssync.cli.options import Option
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.verb import verb
from zope.fssync.errors import UsageError
from zope.fssync.terminal import escape
from zope.fssync.terminal import is_terminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: The arguments of `--accept`; see `zope.app.fssync.client.resolving`.
CHOICES = ("mine", "theirs", "base", "merged", "working")


@verb(
    Option(
        "--accept",
        argument="WHAT",
        help="take mine, theirs, base, merged or working for each object",
    ),
    Option("-l", "--list", help="list the conflicts with their kind, resolve none"),
    Option(
        "--tool",
        argument="CMD",
        help="run CMD BASE LOCAL REMOTE MERGED for each file, and resolve those "
        "for which it succeeds",
    ),
    Option("--force", help="resolve files that still hold conflict markers, too"),
    ZERO,
    aliases="resolved",
    group="conflicts",
    completes="conflicts",
    summary="settle conflicts",
    examples=(
        ("%(program)s resolve front.html", "the file is right now as it stands"),
        ("%(program)s resolve --accept theirs photo.png", "take the server's side"),
        ("%(program)s resolve", "go through all conflicts, and ask about each"),
    ),
)
def resolve(opts: Options, args: list[str]) -> None:
    """%(program)s resolve [--accept WHAT | --list | --tool CMD] [--force] [PATH ...]

    Settles the conflicts in each PATH, a file or a directory with all it
    contains, so that it can be committed.  It prints each path that it settles.

    Without an option the files are taken as you have edited them; a file with
    conflict markers is refused.  Without PATH all conflicts below the current
    directory are meant, and on a terminal you are asked about each.

    --accept says what the object becomes:

      working  what stands in its place now
      merged   the same, and never with conflict markers
      mine     what it was before the server's changes came
      theirs   what the server has
      base     what it was before anybody changed it

    The side that removed the object stands for its removal.  Content that is
    replaced and is not on the server is kept as NAME.mine.
    """
    accept = _accept(opts)
    tool = opts.value("--tool")
    is_listing = opts.given("-l", "--list")
    if (accept is not None) + (tool is not None) + is_listing > 1:
        raise UsageError("--accept, --list and --tool exclude one another")
    with client(opts, quiet=opts.compat) as fs:
        check_registered(fs, args, told=True)
        if is_listing:
            _list(fs, args, opts)
        elif tool is not None:
            _run_tool(fs, args, tool, opts)
        elif not args and accept is None and _can_ask(opts):
            _ask(fs, opts)
        else:
            force = opts.compat or opts.given("--force")
            fs.multiple(args, fs.resolve, force, accept or "working")


def _accept(opts: Options) -> str | None:
    accept = opts.value("--accept")
    if accept is not None and accept not in CHOICES:
        raise UsageError(f"--accept takes {', '.join(CHOICES)}, not '{escape(accept)}'")
    return accept


def _can_ask(opts: Options) -> bool:
    if opts.compat or opts.quiet or opts.given("--force"):
        return False
    return is_terminal(sys.stdin) and is_terminal(sys.stdout)


def _conflicts(fs: Any, args: list[str]) -> list[Any]:
    found: list[Any] = []
    fs.multiple(args, lambda path: found.extend(fs.conflicts_in(path)))
    return found


def _list(fs: Any, args: list[str], opts: Options) -> None:
    from zope.fssync.report import CONFLICT
    from zope.fssync.report import Change

    for conflict in _conflicts(fs, args):
        opts.report.change(Change(CONFLICT, conflict.path, "C", *conflict[1:]))


def _run_tool(fs: Any, args: list[str], tool: str, opts: Options) -> None:
    from zope.app.fssync.cli.resolving import run_tool

    for conflict in _conflicts(fs, args):
        run_tool(fs, conflict, tool, opts.report)


def _ask(fs: Any, opts: Options) -> None:
    from zope.app.fssync.cli.resolving import ask

    ask(fs, _conflicts(fs, []), opts)
