"""Show output in a pager."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress

from zope.app.fssync.cli import output
from zope.app.fssync.cli.common import configuration
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.output import finish_output
from zope.fssync.errors import Error

__all__ = ["Pager", "pager_command", "paging"]

#: The default options of `less`: quit at once if everything fits on the screen, show
#: colours, do not clear the screen.
_LESS = "FRX"


def pager_command(opts: Options) -> str:
    """Return the command line of the user's pager, empty for none."""
    if opts.pager_refused or os.environ.get("TERM", "dumb") == "dumb":
        return ""
    named = os.environ.get("ZSYNC_PAGER")
    if named is None:
        named = configuration(opts).text("core.pager")
    if named is None:
        named = os.environ.get("PAGER")
    if named is None:
        from shutil import which

        named = "less" if which("less") else ""
    named = named.strip()
    return "" if named == "cat" else named


class Pager:
    """Redirects standard output to a pager at the first output.

    So a password can be asked for on the terminal before.
    """

    def __init__(self, command: str) -> None:
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._terminal = -1

    def start(self) -> None:
        """Start the pager, unless it is running."""
        if self._process is not None:
            return
        finish_output()
        try:
            self._process = subprocess.Popen(
                shlex.split(self._command),
                stdin=subprocess.PIPE,
                env={"LESS": _LESS, "LV": "-c", **os.environ},
            )
        except (OSError, ValueError) as error:
            raise Error(
                f"the pager {self._command!r} does not run: {error}",
                advice="Use --no-pager, or name another one.",
            ) from None
        assert self._process.stdin is not None
        self._terminal = os.dup(sys.stdout.fileno())
        os.dup2(self._process.stdin.fileno(), sys.stdout.fileno())
        self._process.stdin.close()
        output.set_paged(True)

    def close(self) -> None:
        """Wait for the pager, and restore standard output."""
        process, self._process = self._process, None
        if process is None:
            return
        finish_output()
        os.dup2(self._terminal, sys.stdout.fileno())
        os.close(self._terminal)
        output.set_paged(False)
        while process.returncode is None:
            # An interrupt is meant for the pager.
            with suppress(KeyboardInterrupt):
                process.wait()


@contextmanager
def paging(opts: Options) -> Iterator[None]:
    """Show the output of the block in a pager, if one is configured."""
    command = pager_command(opts)
    if not command:
        yield
        return
    pager = opts.report.pager = Pager(command)
    try:
        yield
        opts.report.flush()
    finally:
        opts.report.pager = None
        pager.close()
