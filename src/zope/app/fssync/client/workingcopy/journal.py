"""The journal: steps that are all taken, or none, whatever interrupts.

Before the plan is written nothing has changed, and what was staged is thrown
away.  Once it is written all its steps will be taken: now, or by the next
command.  Every step can be taken twice.

A step that would replace or remove a file says what that file looked like
when the step was decided.  A file that was edited since is kept.
"""

from __future__ import annotations

import errno
import json
import os
import stat
from contextlib import AbstractContextManager
from functools import cached_property
from functools import partial
from typing import TYPE_CHECKING
from typing import Any
from typing import NamedTuple

from zope.app.fssync.client.workingcopy.dirfd import DirFd
from zope.app.fssync.client.workingcopy.place import below
from zope.app.fssync.client.workingcopy.place import data_of
from zope.app.fssync.client.workingcopy.place import journal_of
from zope.app.fssync.client.workingcopy.place import names_of
from zope.app.fssync.client.workingcopy.place import staging_of
from zope.fssync import files
from zope.fssync import paths
from zope.fssync.errors import MetadataDamaged
from zope.fssync.errors import PathRefused
from zope.fssync.limits import SIZES
from zope.fssync.limits import SYNCED_FILES
from zope.fssync.terminal import escape

if TYPE_CHECKING:
    from zope.app.fssync.client.workingcopy.operations import Operations
    from zope.app.fssync.client.workingcopy.operations import Recording

__all__ = ["Journal", "Step", "safe_parts"]

_plan_name = "plan"


class Step(NamedTuple):
    """One change below the root of the working copy.

    ``verb`` is move (put the staged file or directory ``staged`` at ``path``),
    rename (let what is called ``staged`` in the same directory be at ``path``),
    relocate (let what is at ``staged``, a path below the root, be at ``path``),
    remove or rmdir.  ``seen`` is the signature of the file that was at
    ``path``, or None where there was none or where it does not matter.
    """

    verb: str
    path: str
    staged: str = ""
    seen: files.Signature | None = None


class Journal:
    """The directory below the root in which changes wait.

    ``kept`` collects the paths whose edits came in between and stayed.
    """

    def __init__(self, root: str) -> None:
        self.root = root
        self._begin()
        self.kept: list[str] = []
        #: The command that is at work, for who takes it back.
        self.command = ""
        self._recording: Recording | None = None
        self._tree = files.Tree(root)

    @cached_property
    def operations(self) -> Operations:
        """The operations of this journal that can be taken back."""
        # Imported late: commands that only look need none of it.
        from zope.app.fssync.client.workingcopy.operations import Operations

        return Operations(self.root)

    def _begin(self) -> None:
        self.directory = journal_of(self.root)
        #: Where staged files and directories of the tree wait.
        self.staging = staging_of(self.root)
        #: Which of both are there.
        self._there: set[str] = set()

    @property
    def planned(self) -> bool:
        """Return True if there is a plan, whose steps have to be taken."""
        return self._tree.isfile(os.path.join(self.directory, _plan_name))

    def recover(self) -> bool:
        """Finish or drop an interrupted change; return True if there was any."""
        if not self._tree.isdir(self.directory):
            return False
        if self.planned:
            steps = self._read(os.path.join(self.directory, _plan_name))
            self._recording = self.operations.resume()
            self._take(steps)
            self._settle(steps)
        else:
            self.operations.discard()
        self.clear()
        return True

    def verify(self) -> None:
        """Raise an error where there is a plan that cannot be read."""
        if self._tree.isdir(self.directory) and self.planned:
            self._read(os.path.join(self.directory, _plan_name))

    def stage(self, name: str, path: str) -> str:
        """Return where what is to get to ``path`` is staged; make the directory."""
        # The journal directory is made first and removed last.
        place = self._staging_for(path)
        for directory in (self.directory, place):
            if directory not in self._there:
                if not self._tree.isdir(directory):
                    self._tree.check_parents(directory)
                    os.makedirs(directory)
                self._there.add(directory)
        return os.path.join(place, name)

    def staged(self, name: str, path: str) -> str:
        """Return where what is to get to ``path`` is staged."""
        return os.path.join(self._staging_for(path), name)

    def _staging_for(self, path: str) -> str:
        return self.staging if self._is_inside(path) else self.directory

    def _is_inside(self, path: str) -> bool:
        return path.startswith(os.path.join(self.root, ""))

    def perform(self, steps: list[Step]) -> None:
        """Take the steps, all or none."""
        if steps:
            _check_writable({os.path.dirname(step.path) for step in steps})
            self._sync(steps)
            if self.command:
                self._recording = self.operations.begin(
                    self.command, (step.path for step in steps)
                )
            if len(steps) > 1:
                self._write(steps)
            self._take(steps)
            if len(steps) > 1:
                self._settle(steps)
        self.clear()

    def clear(self) -> None:
        """Remove what is staged and what is planned."""
        if self._tree.isdir(self.directory):
            plan = os.path.join(self.directory, _plan_name)
            if self._tree.isfile(plan):
                os.unlink(plan)
            if self._tree.isdir(self.staging):
                self._tree.rmtree(self.staging)
            if self._tree.isdir(self.directory):
                self._tree.rmtree(self.directory)
        # The journal may have been moved with the control directory.
        self._begin()

    def abandon(self) -> None:
        """Remove what is staged, unless a plan binds: `recover` is then due."""
        if not self.planned:
            self.clear()

    # The plan

    def _write(self, steps: list[Step]) -> None:
        plan = os.path.join(self.directory, _plan_name)
        with files.SaveFile(self.stage(_plan_name, plan)) as stream:
            for step, path in zip(steps, self._names(steps), strict=True):
                line = json.dumps(step._replace(path=path))
                stream.write(line.encode("ascii") + b"\n")

    def _read(self, plan: str) -> list[Step]:
        try:
            with files.open_regular(plan) as stream:
                lines = iter(lambda: stream.readline(SIZES.plan_line), b"")
                return [self._step(json.loads(line)) for line in lines]
        except PathRefused:
            raise
        except (ValueError, TypeError, RecursionError) as error:
            raise MetadataDamaged(
                f"damaged journal in {escape(plan)}: {error}",
                path=plan,
                advice="Move that folder away; what it holds was not applied.",
            ) from error

    def _step(self, values: list[Any]) -> Step:
        # The journal lies in the working copy, which others may have made.
        if not isinstance(values, list):
            raise ValueError("a step is a list")
        step = Step(*values)
        if step.verb not in ("move", "rename", "relocate", "remove", "rmdir"):
            raise ValueError(f"unknown step '{escape(step.verb)}'")
        if not isinstance(step.path, str) or not isinstance(step.staged, str):
            raise ValueError("a path is a string")
        if b"\0" in os.fsencode(step.path):
            raise ValueError("a path has no zero")
        safe_parts(step.path)
        if step.verb == "move" and not _is_staged(step.staged):
            raise PathRefused(f"unsafe name in journal: '{escape(step.staged)}'")
        if step.verb == "rename":
            paths.check_name(step.staged)
        if step.verb == "relocate":
            safe_parts(step.staged)
        seen = None if step.seen is None else list(step.seen)
        return step._replace(path=below(self.root, step.path), seen=seen)

    def _names(self, steps: list[Step]) -> list[str]:
        return names_of(self.root, (step.path for step in steps))

    def _sync(self, steps: list[Step]) -> None:
        """Sync staged files to the disk; if there are many, the whole system."""
        staged = [self._staged(step) for step in steps if step.verb == "move"]
        if len(staged) > SYNCED_FILES or any(map(os.path.isdir, staged)):
            if hasattr(os, "sync"):
                os.sync()
            return
        for path in staged:
            with open(path, "rb") as stream:
                os.fsync(stream.fileno())

    def _settle(self, steps: list[Step]) -> None:
        """Sync the changed directories to the disk, before the plan is removed."""
        directories = {os.path.dirname(step.path) for step in steps}
        directories |= {
            os.path.dirname(below(self.root, step.staged))
            for step in steps
            if step.verb == "relocate"
        }
        if len(directories) > SYNCED_FILES and hasattr(os, "sync"):
            os.sync()
            return
        for directory in sorted(directories):
            if self._tree.isdir(directory):
                files.sync_directory(directory)

    # The steps

    def _take(self, steps: list[Step]) -> None:
        for self._number, step in enumerate(steps):
            make = step.verb == "move"
            if make and not os.path.lexists(self._staged(step)):
                continue
            try:
                with self._open(step.path, make) as place:
                    getattr(self, "_take_" + step.verb)(step, place)
            except FileNotFoundError:
                # The file was removed with its directory.
                if make:
                    raise
        if self._recording is not None:
            paths_below = self._names(steps)
            self._recording.finish(
                [
                    (step.verb, path, step.staged)
                    for step, path in zip(steps, paths_below, strict=True)
                ]
            )

    def _keep(self, place: DirFd) -> None:
        """Keep what a step is about to replace or remove."""
        if self._recording is not None:
            place.keep_in(partial(self._recording.keep, self._number))

    def _open(self, path: str, make: bool = False) -> AbstractContextManager[DirFd]:
        """Open the directory of a path, from the root or from the control data on."""
        top = self.root if self._is_inside(path) else data_of(self.root)
        return DirFd.below(top, path, make)

    def _staged(self, step: Step) -> str:
        return self.staged(step.staged, step.path)

    def _take_move(self, step: Step, place: DirFd) -> None:
        staged = self._staged(step)
        if os.path.isdir(staged):
            self._move_directory(staged, place)
            return
        status = place.status()
        if status is not None:
            if not self._unedited(step, status):
                self.kept.append(place.keep())
            elif stat.S_ISREG(status.st_mode):
                os.chmod(staged, stat.S_IMODE(status.st_mode))
                self._keep(place)
        place.fill(staged)

    def _move_directory(self, staged: str, place: DirFd) -> None:
        try:
            place.fill(staged)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
                raise
            self.kept.append(place.keep())
            place.fill(staged)

    def _take_rename(self, step: Step, place: DirFd) -> None:
        if not place.rename(step.staged):
            self.kept.append(os.path.join(os.path.dirname(step.path), step.staged))

    def _take_relocate(self, step: Step, place: DirFd) -> None:
        old = below(self.root, step.staged)
        with self._open(old) as source:
            if not place.take(source):
                self.kept.append(old)

    def _take_remove(self, step: Step, place: DirFd) -> None:
        status = place.status()
        if status is None:
            return
        if self._unedited(step, status):
            if stat.S_ISREG(status.st_mode):
                self._keep(place)
            place.unlink()
        else:
            self.kept.append(step.path)

    def _take_rmdir(self, step: Step, place: DirFd) -> None:
        status = place.status()
        if status is not None and stat.S_ISDIR(status.st_mode):
            place.rmdir()

    def _unedited(self, step: Step, status: os.stat_result) -> bool:
        if step.seen is None:
            return False
        found = files.signature(status)
        if found == step.seen:
            return True
        # A second link, made before an interruption, counts as a change of the file.
        recording = self._recording
        is_kept = recording is not None and recording.has_kept(self._number, status)
        return is_kept and found[:-1] == step.seen[:-1]


def _check_writable(directories: set[str]) -> None:
    """Fail before anything is changed, where a directory cannot be."""
    for directory in sorted(directories):
        if os.path.lexists(directory) and not os.access(directory, os.W_OK | os.X_OK):
            number = errno.EACCES
            raise PermissionError(number, os.strerror(number), directory)


def safe_parts(path: str) -> list[str]:
    """Return the components of a path below the root."""
    parts = path.split("/")
    if set(parts) & {"", ".", ".."} or any(os.sep in part for part in parts):
        raise PathRefused(f"unsafe path in journal: '{escape(path)}'", path=path)
    return parts


def _is_staged(name: str) -> bool:
    """Return True for a number, which is the name of a staged file."""
    return name.isascii() and name.isdigit()
