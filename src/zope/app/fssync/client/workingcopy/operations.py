"""The operations on a working copy that can be taken back.

The journal keeps here what each of its steps replaces or removes: the file itself, by a
second link, so that nothing is copied.  An operation is taken back by steps of the
journal in the other direction, which keep edits that were made since.

Each operation has a directory with the kept files, named by the number of the step,
and a list of the steps with the signatures of what they left.  Old operations are
dropped, by their number, age and size.
"""

from __future__ import annotations

import json
import os
import stat
import time
from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from zope.app.fssync.client.workingcopy.place import below
from zope.app.fssync.client.workingcopy.place import control_of
from zope.app.fssync.client.workingcopy.place import state_of
from zope.fssync import files
from zope.fssync import paths
from zope.fssync.errors import MetadataDamaged
from zope.fssync.limits import KEPT_OPERATIONS
from zope.fssync.limits import LATEST
from zope.fssync.limits import OPERATION_DAYS
from zope.fssync.limits import OPERATIONS_SIZE
from zope.fssync.limits import SIZES
from zope.fssync.streams import chunks
from zope.fssync.terminal import escape

__all__ = ["Done", "Operation", "Operations", "Recording"]

#: Commands that are not taken back here: what they did is on the server as well, or
#: concerns the form of the working copy.
FINAL = frozenset(
    ("checkin", "checkout", "commit", "doctor", "downgrade", "relocate", "upgrade")
)

#: These change where control data lie.
MOVING = frozenset(("downgrade", "upgrade"))

_new, _list = "new", "steps"

#: What reading a damaged list raises.
_DAMAGES = (
    *(OSError, ValueError, TypeError, LookupError, RecursionError),
    ArithmeticError,
)


class Operation(NamedTuple):
    """A command that was done: ``paths`` are the files that it replaced or removed.

    ``size`` is that of the kept files.  An operation that ``is_final`` cannot be taken
    back, nor can those before it.
    """

    number: int
    verb: str
    time: float
    size: int
    paths: list[str]
    is_final: bool


class Done(NamedTuple):
    """A step that was taken, see `Step` of the journal; ``path`` is below the root.

    ``seen`` are size and time of what it left, at ``now``: other steps may have moved
    that.  ``kept`` is the name of the file that it replaced or removed.  The verb is
    made for each directory in a tree that was new.
    """

    verb: str
    path: str
    staged: str = ""
    seen: list[int] | None = None
    kept: str | None = None
    now: str = ""


class Recording:
    """An operation that is being done."""

    def __init__(self, operations: Operations, verb: str, root: str) -> None:
        self._operations = operations
        self._verb = verb
        self._root = root
        self._keeps = verb not in FINAL
        self._is_complete = True

    @property
    def _directory(self) -> str:
        return os.path.join(self._operations.directory, _new)

    def has_kept(self, number: int, status: os.stat_result) -> bool:
        """Return True if a file was linked here, and not edited since."""
        try:
            kept = os.lstat(os.path.join(self._directory, str(number)))
        except FileNotFoundError:
            return False
        return kept.st_ino == status.st_ino

    def keep(self, number: int, path: str, directory: int | None, name: str) -> None:
        """Keep the file ``name`` of an open directory, which a step is to replace."""
        target = os.path.join(self._directory, str(number))
        if not self._keeps or os.path.lexists(target):
            return
        try:
            _link(name, target, path, directory)
        except OSError:
            # The command goes on without: the disk may be full.
            self._is_complete = False

    def finish(self, steps: list[tuple[str, str, str]]) -> None:
        """Write the list of the steps.

        Each is a verb, the path below the root, and what is staged.
        """
        if not self._operations.tree.isdir(self._directory):
            return
        try:
            if self._is_complete:
                self._write(steps)
                self._operations.add(self._directory)
                return
        except OSError:
            pass
        # Without this one those before it cannot be taken back.
        self._operations.clear()

    def _write(self, steps: list[tuple[str, str, str]]) -> None:
        moves = [
            (path, old)
            for verb, path, staged in steps
            if (old := _old(verb, path, staged)) is not None
        ]
        done: list[Done] = []
        size = 0
        for number, (verb, path, staged) in enumerate(steps if self._keeps else []):
            kept = files.signature_at(os.path.join(self._directory, str(number)))
            size += kept[1] if kept is not None else 0
            now = _moved(path, moves) if verb == "move" else path
            place = below(self._root, now)
            if verb == "move" and os.path.isdir(place):
                done += _made(path, now, place)
            else:
                name = None if kept is None else str(number)
                done.append(Done(verb, path, staged, _seen(place), name, now))
        head = {"verb": self._verb, "time": time.time(), "size": size}
        lines = (json.dumps(line).encode("ascii") + b"\n" for line in [head, *done])
        path = os.path.join(self._directory, _list)
        if os.path.lexists(path):
            os.unlink(path)
        files.write_new(path, lines)


def _link(name: str, target: str, path: str, directory: int | None = None) -> None:
    """Let a file be at ``target`` as well; a copy where the system has no links."""
    try:
        os.link(name, target, src_dir_fd=directory, follow_symlinks=False)
        return
    except (OSError, NotImplementedError):
        if os.path.lexists(target):
            os.unlink(target)
    with files.open_regular(path) as stream:
        files.write_new(target, chunks(stream))
        status = os.fstat(stream.fileno())
    os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns))
    os.chmod(target, stat.S_IMODE(status.st_mode))


def _made(path: str, now: str, place: str) -> Iterator[Done]:
    """Yield what was made of a tree that is new."""
    yield Done("made", path, now=now)
    for name in sorted(os.listdir(place)):
        below, inside = f"{path}/{name}", os.path.join(place, name)
        if os.path.isdir(inside) and not os.path.islink(inside):
            yield from _made(below, f"{now}/{name}", inside)
        else:
            yield Done("move", below, seen=_seen(inside), now=f"{now}/{name}")


def _seen(path: str) -> list[int] | None:
    """Return size and time of a file: what stays if it is moved or linked."""
    found = files.signature_at(path)
    return None if found is None else found[1:3]


class Operations:
    """The operations of the working copy at ``root``, the newest last."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.tree = files.Tree(root)

    @property
    def directory(self) -> str:
        """Where they are kept."""
        return os.path.join(control_of(self.root), "Operations")

    def is_state(self, path: str) -> bool:
        """Return whether a file has the states of the server, which nobody edits.

        A command that renews it and does nothing else is no operation.
        """
        return path == state_of(self.root)

    def begin(self, verb: str, changed: Iterable[str]) -> Recording | None:
        """Begin to keep the files that an operation replaces; None if not needed.

        ``changed`` are the paths that it changes.
        """
        self.discard()
        if all(map(self.is_state, changed)):
            return None
        if verb in MOVING:
            self.clear()
            return None
        if verb in FINAL and not self.tree.isdir(self.directory):
            return None
        new = os.path.join(self.directory, _new)
        self.tree.check_parents(new)
        os.makedirs(new, exist_ok=True)
        return Recording(self, verb, self.root)

    def resume(self) -> Recording | None:
        """Return the recording that was interrupted, None for none."""
        if not self.tree.isdir(os.path.join(self.directory, _new)):
            return None
        return Recording(self, "an interrupted command", self.root)

    def discard(self) -> None:
        """Forget all, if it is not known of an operation whether it was done."""
        if self.tree.isdir(os.path.join(self.directory, _new)):
            self.clear()

    def clear(self) -> None:
        """Forget all operations."""
        with suppress(OSError):
            self._drop(self.directory)

    def add(self, directory: str) -> None:
        """Take an operation into the list, and drop old ones."""
        numbers = self._numbers()
        number = numbers[-1] + 1 if numbers else 1
        os.rename(directory, os.path.join(self.directory, str(number)))
        self._prune()

    def forget(self, number: int) -> None:
        """Drop an operation, which was taken back."""
        self._drop(os.path.join(self.directory, str(number)))

    def newest_first(self) -> list[Operation]:
        """Return all that are known."""
        return [self._read(number)[0] for number in reversed(self._numbers())]

    def back(self, number: int) -> Iterator[Done]:
        """Yield the steps of an operation in the order to take them back.

        What it wrote is taken back first, then what it moved, then what it removed.
        """
        _, steps = self._read(number)
        steps.reverse()
        for verbs in (("move", "made"), ("rename", "relocate"), ("rmdir", "remove")):
            yield from (step for step in steps if step.verb in verbs)

    def stage(self, number: int, name: str, target: str) -> None:
        """Put a kept file where the journal takes it from."""
        path = os.path.join(self.directory, str(number), name)
        if not self.tree.isfile(path):
            raise self._damaged(number)
        _link(path, target, path)

    def _numbers(self) -> list[int]:
        if not self.tree.isdir(self.directory):
            return []
        names = self.tree.listdir(self.directory)
        return sorted(int(name) for name in names if name.isascii() and name.isdigit())

    def _prune(self) -> None:
        left, oldest = OPERATIONS_SIZE, time.time() - OPERATION_DAYS * 24 * 3600
        for place, number in enumerate(reversed(self._numbers())):
            try:
                operation, _ = self._read(number, whole=False)
                left -= operation.size
                stays = left >= 0 and operation.time > oldest
            except MetadataDamaged:
                stays = False
            if not stays or place >= KEPT_OPERATIONS:
                self.forget(number)

    def _read(self, number: int, whole: bool = True) -> tuple[Operation, list[Done]]:
        path = os.path.join(self.directory, str(number), _list)
        try:
            with files.open_regular(path) as stream:
                head = json.loads(stream.readline(SIZES.plan_line))
                verb, size = str(head["verb"]), int(head["size"])
                moment = float(head["time"])
                if not 0 <= moment < LATEST:
                    raise ValueError("no calendar has this time")
                lines = iter(lambda: stream.readline(SIZES.plan_line), b"")
                steps = [_step(json.loads(line)) for line in lines] if whole else []
        except _DAMAGES as error:
            raise self._damaged(number) from error
        named = [step.path for step in steps if not _is_control(step.path)]
        return Operation(number, verb, moment, size, named, verb in FINAL), steps

    def _damaged(self, number: int) -> MetadataDamaged:
        path = os.path.join(self.directory, str(number))
        return MetadataDamaged(
            f"what is known of an operation cannot be read: {escape(path)}",
            path=path,
            advice="Move that folder away; it cannot be taken back.",
        )

    def _drop(self, directory: str) -> None:
        if self.tree.isdir(directory):
            # Imported late: few commands drop anything.
            import shutil

            with suppress(FileNotFoundError):
                shutil.rmtree(directory)


def _step(values: object) -> Done:
    """Return a step as the list has it; raises ValueError for anything else."""
    if not isinstance(values, list):
        raise ValueError("a step is a list")
    step = Done(*values)
    for text in (step.verb, step.path, step.staged, step.kept or "", step.now):
        if not isinstance(text, str) or "\0" in text:
            raise ValueError("a path is a string without zero")
    for path in (step.path, step.now):
        _check_path(path)
    if step.verb == "rename":
        paths.check_name(step.staged)
    if step.verb == "relocate":
        _check_path(step.staged)
    if step.kept is not None and not (step.kept.isascii() and step.kept.isdigit()):
        raise ValueError("a kept file has a number")
    return step


def _is_control(path: str) -> bool:
    return not {paths.CONTROL, paths.DATA}.isdisjoint(path.split("/"))


def _check_path(path: str) -> None:
    """Raise ValueError for what is no path below the root."""
    parts = path.split("/")
    if set(parts) & {"", ".", ".."} or any(os.sep in part for part in parts):
        raise ValueError("an unsafe path")


def _old(verb: str, path: str, staged: str) -> str | None:
    """Return where what a step moves was, None for other steps."""
    if verb == "relocate":
        return staged
    if verb != "rename":
        return None
    folder, _, _ = path.rpartition("/")
    return f"{folder}/{staged}" if folder else staged


def _moved(path: str, moves: list[tuple[str, str]]) -> str:
    """Return where a file is once all moves are done."""
    for new, old in moves:
        if path == old or path.startswith(f"{old}/"):
            path = new + path[len(old) :]
    return path
