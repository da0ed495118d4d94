"""zsync status."""

from __future__ import annotations

from zope.app.fssync.cli.output import escape
from zope.app.fssync.cli.output import say
from zope.app.fssync.cli.program import Options


def status(opts: Options, args: list[str]) -> None:
    """%(program)s status [-v] [TARGET ...]

    Shows what is not as the server last sent it in each TARGET, by default the
    current directory.  The server is not asked and no file is changed.

    A added    M changed    R removed    ? not registered    lost  missing

    -v, --verbose  lists unchanged files (=) and directories (/) too
    """
    # Not imported before: commands start often, and most do not look.
    from zope.app.fssync.client.session import reading
    from zope.app.fssync.client.status import status as show

    verbose = any(name in ("-v", "--verbose") for name, _ in opts)

    def report(line: str) -> None:
        # No name makes two lines of one.
        say(escape(line, keep=""))

    for target in args or ["."]:
        session = reading(target, report)
        for path in session.registered(target):
            show(session, path, False, verbose)


ENTRY = (status, "stat st", "v", "verbose")
