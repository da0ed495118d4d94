"""Commands on a terminal of their own, and what a person types there."""

from __future__ import annotations

import os
import pty
import select
from collections.abc import Sequence
from pathlib import Path

__all__ = ["talk"]

#: How long a terminal may stay silent before a test fails, in seconds.
SILENCE = 120


def talk(
    command: Sequence[str],
    *dialogue: tuple[bytes, bytes],
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
) -> tuple[int, bytes]:
    """Run a command on a terminal; return its exit status and all that was shown.

    The dialogue is what is waited for, each with what is typed then.
    """
    child, master = pty.fork()
    if not child:
        try:
            if cwd is not None:
                os.chdir(cwd)
            os.execvpe(command[0], list(command), os.environ if env is None else env)
        finally:
            os._exit(127)
    shown = b""
    begin = 0
    for expected, reply in dialogue:
        while expected not in shown[begin:]:
            more = _read(master)
            assert more, f"{expected!r} is not shown: {shown!r}"
            shown += more
        begin = shown.index(expected, begin) + len(expected)
        os.write(master, reply)
    while more := _read(master):
        shown += more
    os.close(master)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), shown


def _read(master: int) -> bytes:
    """Return what was shown next, nothing at the end."""
    assert select.select([master], [], [], SILENCE)[0], "nothing is shown any more"
    try:
        return os.read(master, 10_000)
    except OSError:  # how Linux tells that the other end is closed
        return b""
