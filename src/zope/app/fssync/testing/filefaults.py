"""Faults of the file system, injected where the operating system is called.

`Faults` counts the operations on files that happen in its block, and lets one of
them fail, or that one and all that follow.  The rule: what is counted is what
the gates call, so a fault at every number is a fault at every step.
"""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Callable
from typing import Any
from typing import NamedTuple

__all__ = ["ALL", "FAULTS", "NEW", "OLD", "Fault", "Faults", "Killed", "chosen"]

#: Try every fault at every step, rather than one of them at each.
ALL = bool(os.environ.get("FSSYNC_ALL_FAULTS"))

#: What a server holds, and what later.
OLD = {
    "demo": None,
    "demo/a.txt": b"one\ntwo\nthree\n",
    "demo/b.txt": b"b\n",
    "demo/edited.txt": b"1\n2\n3\n",
    "demo/gone.txt": b"gone\n",
    "demo/sub": None,
    "demo/sub/deep.txt": b"deep\n",
}

#: Files were edited, added and removed, and a directory as well.
NEW = {
    "demo": None,
    "demo/a.txt": b"changed\n",
    "demo/b.txt": b"b\n",
    "demo/edited.txt": b"1\n2\nTHREE\n",
    "demo/new.txt": b"new\n",
    "demo/fresh": None,
    "demo/fresh/in.txt": b"in\n",
    "demo/fresh/more.txt": b"more\n",
}

_changing = ("replace", "rename", "unlink", "rmdir", "mkdir", "chmod", "fsync", "write")
_looking = ("scandir", "listdir")
#: What needs room on a disk; the rest works on a full one.
_filling = frozenset(["create", "write", "mkdir", "fsync", "replace", "rename"])


class Killed(BaseException):
    """Stands for the end of the process: nothing is changed from here on."""


class Fault(NamedTuple):
    """What goes wrong, at which kinds of operations, and for how long."""

    name: str
    number: int
    lasting: bool = False

    def concerns(self, operation: str) -> bool:
        if self.number == errno.ENOSPC:
            return operation in _filling
        if self.number in (0, errno.EROFS):
            return operation not in ("open", *_looking)
        return True

    def error(self, path: object) -> BaseException:
        if not self.number:
            return Killed()
        return OSError(self.number, os.strerror(self.number), path)


FAULTS = (
    Fault("killed", 0, lasting=True),
    Fault("disk full", errno.ENOSPC, lasting=True),
    Fault("read error", errno.EIO),
    Fault("dead disk", errno.EIO, lasting=True),
    Fault("no access", errno.EACCES),
    Fault("read-only", errno.EROFS, lasting=True),
    Fault("no room for a moment", errno.ENOSPC),
)


def chosen(step: int) -> tuple[Fault, ...]:
    """The faults to try at a step: all, or one that changes with the step."""
    return FAULTS if ALL else (FAULTS[step % len(FAULTS)],)


class Faults:
    """A block in which the operation number ``last`` fails; -1 only counts."""

    def __init__(self, last: int = -1, fault: Fault = FAULTS[0]) -> None:
        self.last = last
        self.fault = fault
        self.done = 0
        self.happened = False
        self._saved: dict[str, Any] = {}

    def __enter__(self) -> Faults:
        for name in (*_changing, *_looking, "open", "fdopen"):
            self._saved[name] = getattr(os, name)
        for name in _changing + _looking:
            setattr(os, name, self._guarded(name, self._saved[name]))
        os.open = self._open  # type: ignore[assignment]
        os.write = self._write  # type: ignore[assignment]
        os.fdopen = self._fdopen  # type: ignore[assignment]
        return self

    def __exit__(self, *error: object) -> None:
        for name, function in self._saved.items():
            setattr(os, name, function)

    def step(self, operation: str, path: object) -> None:
        """Count an operation; raises the fault where it is due."""
        if not self.fault.concerns(operation):
            return
        number, self.done = self.done, self.done + 1
        if number == self.last or (
            self.happened and self.fault.lasting and self.last >= 0
        ):
            self.happened = True
            raise self.fault.error(path)

    def _guarded(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def operation(*args: Any, **options: Any) -> Any:
            self.step(name, args[0] if args else None)
            return function(*args, **options)

        return operation

    def _open(self, path: Any, flags: int, *args: Any, **options: Any) -> int:
        self.step("create" if flags & os.O_CREAT else "open", path)
        descriptor: int = self._saved["open"](path, flags, *args, **options)
        return descriptor

    def _write(self, descriptor: int, data: Any) -> int:
        return self.half(descriptor, data, self._saved["write"])

    def half(
        self, path: object, data: Any, write: Callable[[Any, Any], int | None]
    ) -> int:
        """Write; where that is to fail, half of it gets there."""
        try:
            self.step("write", path)
        except OSError:
            write(path, bytes(data)[: len(data) // 2])
            raise
        return write(path, data) or 0

    def _fdopen(self, descriptor: int, mode: str = "r", *args: Any, **more: Any) -> Any:
        if mode != "wb":
            return self._saved["fdopen"](descriptor, mode, *args, **more)
        return io.BufferedWriter(_Raw(descriptor, self))


class _Raw(io.FileIO):
    def __init__(self, descriptor: int, faults: Faults) -> None:
        super().__init__(descriptor, "wb")
        self._faults = faults

    def write(self, data: Any, /) -> int:
        return self._faults.half(self, data, io.FileIO.write)
