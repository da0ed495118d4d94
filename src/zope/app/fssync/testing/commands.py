"""zsync in the process of a test: a hundred commands cost what ten processes do.

Signals, terminals, locales and closed pipes need a process: see `processes`.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from collections.abc import Mapping
from pathlib import Path
from typing import IO
from unittest import mock

from zope.app.fssync.cli.main import main

__all__ = ["run_zsync", "standard_streams"]


def run_zsync(
    *arguments: str,
    cwd: Path,
    env: Mapping[str, str],
    stdin: bytes = b"",
    merged: bool = False,
) -> subprocess.CompletedProcess[bytes]:
    """Run a command line with a directory, an environment and streams of its own.

    The streams are file descriptors, which programs that zsync starts inherit.  With
    ``merged`` the output holds the messages too, as on a terminal.
    """
    with contextlib.ExitStack() as stack:
        given, out = (stack.enter_context(tempfile.TemporaryFile()) for _ in range(2))
        err = out if merged else stack.enter_context(tempfile.TemporaryFile())
        given.write(stdin)
        given.seek(0)
        with (
            contextlib.chdir(cwd),
            mock.patch.dict(os.environ, env, clear=True),
            mock.patch.object(sys, "argv", ["zsync", *arguments]),
            _redirected(given, out, err),
            standard_streams(),
        ):
            status = main(list(arguments))
        said = [_content(each) for each in ((out,) if merged else (out, err))]
    return subprocess.CompletedProcess(arguments, status, *said)


@contextlib.contextmanager
def standard_streams(encoding: str = "utf-8") -> Iterator[None]:
    """Have `sys.stdin` and the others be the file descriptors, as Python starts."""
    with (
        open(0, encoding=encoding, closefd=False) as given,
        open(1, "w", encoding=encoding, closefd=False) as out,
        open(2, "w", 1, encoding, "backslashreplace", closefd=False) as err,
        mock.patch.multiple(sys, stdin=given, stdout=out, stderr=err),
    ):
        yield


@contextlib.contextmanager
def _redirected(*files: IO[bytes]) -> Iterator[None]:
    """Have the descriptors 0, 1 and 2 be those of the files."""
    saved = [os.dup(number) for number in range(3)]
    try:
        for number, file in enumerate(files):
            os.dup2(file.fileno(), number)
        yield
    finally:
        for number, descriptor in enumerate(saved):
            os.dup2(descriptor, number)
            os.close(descriptor)


def _content(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()
