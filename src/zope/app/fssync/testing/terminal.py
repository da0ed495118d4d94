"""zsync on a terminal of its own, and what a person types there."""

from __future__ import annotations

import faulthandler
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import traceback
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from zope.app.fssync.cli.main import main
from zope.app.fssync.testing.commands import standard_streams

__all__ = ["talk"]

#: How long a terminal may stay silent before a test fails, in seconds.
SILENCE = 120


def talk(
    arguments: Sequence[str],
    *dialogue: tuple[bytes, bytes],
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    columns: int = 80,
    encoding: str = "utf-8",
) -> tuple[int, bytes]:
    """Run zsync on a terminal; return its exit status and all that was shown.

    The dialogue is what is waited for, each with what is typed then.  The process is a
    fork of this one: it does not import again what is imported here.
    """
    child, master = pty.fork()
    if not child:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        _run(arguments, cwd, env, encoding)
    shown = b""
    begin = 0
    for expected, reply in dialogue:
        while expected not in shown[begin:]:
            more = _read(master, child, shown)
            assert more, f"{expected!r} is not shown: {shown!r}"
            shown += more
        begin = shown.index(expected, begin) + len(expected)
        os.write(master, reply)
    while more := _read(master, child, shown):
        shown += more
    os.close(master)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), shown


def _run(
    arguments: Sequence[str],
    cwd: Path | None,
    env: Mapping[str, str] | None,
    encoding: str,
) -> NoReturn:
    """Be zsync, to the end of the process."""
    status = 127
    try:
        if cwd is not None:
            os.chdir(cwd)
        if env is not None:
            os.environ.clear()
            os.environ.update(env)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        faulthandler.enable(2)
        sys.argv = ["zsync", *arguments]
        with standard_streams(encoding):
            try:
                status = main(list(arguments))
            except BaseException:
                traceback.print_exc()
    finally:
        os._exit(status)


def _read(master: int, child: int, shown: bytes) -> bytes:
    """Return what was shown next, nothing at the end."""
    if not select.select([master], [], [], SILENCE)[0]:
        os.kill(child, signal.SIGABRT)  # for the stacks of its threads
        raise AssertionError(f"nothing follows {shown!r}: {_rest(master)!r}")
    try:
        return os.read(master, 10_000)
    except OSError:  # how Linux tells that the other end is closed
        return b""


def _rest(master: int) -> bytes:
    """Return what a process that ends shows."""
    rest = b""
    with suppress(OSError):
        while select.select([master], [], [], 1)[0] and (more := os.read(master, 9999)):
            rest += more
    return rest
