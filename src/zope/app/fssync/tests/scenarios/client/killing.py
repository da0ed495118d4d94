"""Commands that are killed before one of their operations on files."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing.filefaults import ALL
from zope.fssync.descriptionnames import is_description

__all__ = ["STRIDE", "files_of", "kill", "operations"]

STRIDE = 1 if ALL else 3

#: What changes files, beside opening a new one.
OPERATIONS = ("replace", "rename", "unlink", "rmdir", "mkdir", "chmod", "fsync")


def operations(command: Callable[[], object]) -> int:
    """Run a command in another process; return how many operations it takes."""
    reader, writer = os.pipe()
    process = os.fork()
    if not process:
        try:
            os.write(writer, b"%d" % _die(command, -1))
        finally:
            os._exit(0)
    os.close(writer)
    with open(reader, "rb") as stream:
        count = int(stream.read())
    os.waitpid(process, 0)
    return count


def kill(command: Callable[[], object], last: int) -> None:
    """Run a command in a process that dies before an operation."""
    process = os.fork()
    if not process:
        with suppress(BaseException):
            _die(command, last)
        os._exit(1)
    _, status = os.waitpid(process, 0)
    assert os.WIFSIGNALED(status), last
    assert os.WTERMSIG(status) == signal.SIGKILL


def _die(command: Callable[[], object], last: int) -> int:
    done = 0

    def deadly(function: Callable[..., Any]) -> Callable[..., Any]:
        def operation(*args: Any, **options: Any) -> Any:
            nonlocal done
            if done == last:
                os.kill(os.getpid(), signal.SIGKILL)
            done += 1
            return function(*args, **options)

        return operation

    for name in OPERATIONS:
        setattr(os, name, deadly(getattr(os, name)))
    opened = os.open
    created = deadly(opened)
    os.open = lambda path, flags, *args, **options: (  # type: ignore[assignment]
        created if flags & os.O_CREAT else opened
    )(path, flags, *args, **options)
    command()
    return done


def files_of(root: Path) -> dict[str, Any]:
    """What a person sees of a working copy."""
    return {
        path: content
        for path, content in snapshot(root).items()
        if "@@Zope" not in path and ".zsync" not in path and content != "/"
        if not is_description(os.path.basename(path))
    }
