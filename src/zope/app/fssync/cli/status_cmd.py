"""zsync status."""

from __future__ import annotations

import os

from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.common import unknown
from zope.app.fssync.cli.options import ZERO
from zope.app.fssync.cli.options import Option
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.verb import verb
from zope.fssync.terminal import escape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from zope.app.fssync.client.incoming import Incoming
    from zope.app.fssync.client.session import Session


@verb(
    Option("-v", "--verbose", help="list unchanged files and parts of metadata, too"),
    Option(
        "-u",
        "--show-updates",
        help="ask the server, too, and mark by * what is out of date",
    ),
    Option("--ignored", help="list what is ignored, too; see 'zsync help ignore'"),
    ZERO,
    aliases="stat st",
    group="work",
    completes="tracked",
    summary="list local changes",
    examples=(
        ("%(program)s status", "list changes below the current directory"),
        ("%(program)s status -u", "see what others have changed meanwhile"),
        ("%(program)s status -v shop", "list all files in shop, who changed them"),
    ),
)
def status(opts: Options, args: list[str]) -> None:
    """%(program)s status [-u] [-v] [TARGET ...]

    Lists what differs from what the server last sent in each TARGET, by default
    the current directory.  It changes no file, and asks the server with -u only.

    A added   M changed   D removed   C in conflict until it is resolved
    ? not registered   ! missing   ~ of another kind   I ignored

    The second column is that of metadata, such as the title; -v names it.  With
    -u the third has a * where the server has something else, and the line tells
    whether it is new, changed or gone there, by whom and when.

    -v also shows the last change of each file: the transaction, its user and its
    time, if '%(program)s update' or '%(program)s commit' brought or sent it.  -uv
    asks the server for older changes.
    """
    # Imported late: commands start often, and most do not look.
    from zope.app.fssync.client.session import reading
    from zope.app.fssync.client.status import status as show

    verbose = opts.report.verbose = opts.verbose or opts.given("-v", "--verbose")
    ignored = opts.given("--ignored")
    opts.report.asked = True
    found = Candidates(opts)
    sessions = [(target, reading(target, found.note)) for target in args or ["."]]
    for target, session in sessions:
        known = os.path.lexists(target) or session.metadata.getentry(target)
        if not known and not opts.compat:
            raise unknown(target)
    if opts.given("-u", "--show-updates"):
        _ask(opts, args, verbose)
    for target, session in sessions:
        if verbose and not opts.compat:
            _tell_last_changes(opts, session)
        for path in session.registered(target):
            show(session, path, False, verbose, not opts.compat, ignored)
    if opts.report.incoming is not None:
        opts.report.tell_incoming()
        number = len(opts.report.incoming)
        what = "1 object is" if number == 1 else f"{number} objects are"
        opts.report.message(
            f"{what} out of date." if number else "Up to date with the server."
        )
    opts.report.flush()
    if sessions and not opts.compat:
        found.hint(sessions[0][1])
        if not opts.quiet:
            _tell_absent(opts, {s.root for _, s in sessions if s.root is not None})


def _tell_absent(opts: Options, roots: set[str]) -> None:
    """Print what the server has withheld or the working copy leaves out."""
    from zope.app.fssync.client.workingcopy.place import control_of
    from zope.fssync import paths

    for root in sorted(roots):
        control = control_of(root)
        if os.path.lexists(os.path.join(control, paths.SPARSE)):
            from zope.app.fssync.client.leftout import told

            for line in told(root):
                opts.report.warning(line)
        if not os.path.lexists(os.path.join(control, paths.ABSENT)):
            continue
        from zope.app.fssync.client.absent import known

        for line in known(root):
            opts.report.warning(line)


def _tell_last_changes(opts: Options, session: Session) -> None:
    """Make the report show the last changes of the objects of a working copy."""
    from zope.app.fssync.client.blame import known_changes

    opts.report.last_change = known_changes(session)


def _ask(opts: Options, args: list[str], verbose: bool) -> None:
    """Make the report show the changes on the server.

    With ``verbose`` the last changes are stored in the working copy.
    """
    found: dict[str, Incoming] = {}

    def look(path: str) -> None:
        there = fs.incoming(path, opts.report.warning)
        found.update((each.path, each) for each in there)

    with client(opts) as fs:
        fs.multiple(args, look)
        if verbose:
            fs.multiple(args, fs.learn_changes)
    opts.report.incoming = found


class Candidates:
    """Missing and new objects, which may have been moved without zsync."""

    def __init__(self, opts: Options) -> None:
        self.report = opts.report
        self.missing: list[str] = []
        self.new: list[str] = []

    def note(self, change: str) -> None:
        """Report a change, and remember it."""
        action = getattr(change, "action", "")
        if action == "missing" and not getattr(change, "detail", ""):
            self.missing.append(getattr(change, "path", ""))
        elif action == "unregistered":
            self.new.append(getattr(change, "path", ""))
        self.report.change(change)

    def hint(self, session: Session) -> None:
        """Print a hint for each object that seems to have been moved."""
        if not (self.missing and self.new):
            return
        from zope.app.fssync.cli.report import relative
        from zope.app.fssync.client.renames import likely_moves

        for old, new in likely_moves(session, self.missing, self.new):
            was, now = escape(relative(old)), escape(relative(new))
            self.report.message(
                f"hint: '{was}' seems to be '{now}' now; if you moved it: "
                f"'zsync move --after {was} {now}'"
            )
