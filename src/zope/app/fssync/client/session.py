"""Sessions: an opened working copy, from which a verb reads and to which it writes.

`reading` opens a working copy to read it and loads little, since `zsync status` needs
nothing else.  `changing` opens it to change it: all changes are made, or none.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from os.path import basename
from os.path import dirname
from os.path import join
from typing import IO
from typing import TYPE_CHECKING

from zope.app.fssync.client.workingcopy.compact import CompactTree
from zope.app.fssync.client.workingcopy.workingcopy import WorkingCopy
from zope.fssync import fsutil
from zope.fssync import paths
from zope.fssync.errors import Error
from zope.fssync.errors import UnsafeData
from zope.fssync.files import DISK
from zope.fssync.limits import CHANGE_MEMORY
from zope.fssync.limits import SPOOL_SIZE
from zope.fssync.metadata import MOVED
from zope.fssync.metadata import MOVED_TO
from zope.fssync.metadata import Metadata
from zope.fssync.metadata import has_entries
from zope.fssync.report import BOTH
from zope.fssync.report import CONFLICT
from zope.fssync.report import Change
from zope.fssync.report import LastChange
from zope.fssync.streams import chunks
from zope.fssync.streams import same_content
from zope.fssync.terminal import escape

if TYPE_CHECKING:
    from zope.app.fssync.client.ignoring import Ignored
    from zope.app.fssync.client.leftout import LeftOut
    from zope.app.fssync.client.workingcopy.compactchanges import CompactChanges
    from zope.fssync.fsmerger import FSMerger

__all__ = ["ChangingSession", "HeldReport", "Session", "cat", "changing", "reading"]


class Session:
    """A working copy that is open for reading.

    ``root`` is None outside of working copies, where nothing is registered.
    ``reporter`` is called with a line for each changed file.
    """

    def __init__(
        self,
        root: str | None = None,
        files: CompactTree | None = None,
        reporter: Callable[[str], object] = lambda line: None,
    ) -> None:
        self.root = root
        self.files = CompactTree(DISK) if files is None else files
        self.metadata = Metadata(self.files)
        self.reporter = reporter
        #: The layout of the working copy, if it was read.
        self.layout: int | None = None
        #: Directories as they were named, and their real paths.
        self._places: dict[str, str] = {}

    @cached_property
    def fsmerger(self) -> FSMerger:
        """A merger within this working copy."""
        from zope.fssync.fsmerger import FSMerger

        return FSMerger(
            self.metadata,
            self.reporter,
            files=self.files,
            ignore=self.ignores,
            root=self.root or "",
        )

    @cached_property
    def ignored(self) -> Ignored:
        """The rules about ignored files of this working copy."""
        from zope.app.fssync.client.ignoring import Ignored

        return Ignored(self.files, self.root or "")

    def ignores(self, path: str, is_directory: bool) -> bool:
        """Return True if an unregistered file is not reported."""
        if self.root is None:
            return fsutil.ignored(basename(path))
        inside = self.inside(path)
        return inside is not None and self.ignored(inside, is_directory)

    @cached_property
    def left_out(self) -> LeftOut:
        """The objects of the server that this working copy leaves out."""
        from zope.app.fssync.client.leftout import LeftOut

        return LeftOut(self)

    @property
    def is_partial(self) -> bool:
        """True if this working copy leaves out anything."""
        if "left_out" in vars(self):
            return bool(self.left_out.tops)
        if self.root is None:
            return False
        return self.files.isfile(join(self.root, paths.CONTROL, paths.SPARSE))

    def other_place(self, path: str) -> str | None:
        """Return the other path of a moved object, None for others."""
        entry = self.metadata.getentry(path)
        found = entry.get(MOVED) or entry.get(MOVED_TO)
        if found is None:
            return None
        return join(self.root or "", *paths.split_archive_path(found))

    def inside(self, path: str) -> str | None:
        """Return a path below the root, with `/`; None for control data and others."""
        from zope.app.fssync.client.ignoring import below

        head, name = fsutil.split(path)
        if head not in self._places:
            self._places[head] = dirname(fsutil.located(join(head, name)))
        return below(self.root or "", join(self._places[head], name))

    def same_content(self, path: str, other: str) -> bool:
        """Return True if two files have the same content; reads neither as a whole."""
        files = self.files
        if not (files.isfile(path) and files.isfile(other)):
            return False
        if files.size(path) != files.size(other):
            return False
        with files.open(path) as first, files.open(other) as second:
            return same_content(first, second)

    def entry(self, target: str) -> dict[str, str]:
        """Return the entry of a registered object."""
        entry = self.metadata.getentry(target)
        if not entry:
            advice = self.advice(target)
            raise Error(f"nothing known about {target!r}", path=target, advice=advice)
        return entry

    def advice(self, target: str) -> str | None:
        """Return the advice for a path that is not registered."""
        owner = self.files.owner_of(target)
        if owner is None:
            # Imported here: most paths that people name are registered.
            from zope.app.fssync.client.workingcopy.naming import twin_advice

            return twin_advice(self.metadata, target)
        return f"It describes '{escape(owner)}': name that."

    def server_path(self, target: str) -> str:
        """Return the path on the server of a registered object."""
        path = self.entry(target).get("id")
        if not path:
            raise Error(f"its path on the server is unknown: {target!r}", path=target)
        return path

    def told(self, target: str) -> list[str]:
        """Return the paths that a description describes, with extras and annotations.

        For any other path that is the path itself.
        """
        owner = self.files.owner_of(target)
        if owner is None:
            return [target]
        specials = (fsutil.getannotations(owner), fsutil.getextra(owner))
        return [
            join(special, name)
            for special in specials
            if self.files.isdir(special)
            for name in self.metadata.getnames(special)
        ]

    def registered(self, target: str) -> list[str]:
        """Return ``target``, or if it is not registered the registered paths in it."""
        target = self._followed(target)
        names = []
        if not self.metadata.getentry(target):
            names = self.metadata.getnames(target)
        return [join(target, name) for name in names] or [target]

    def _followed(self, target: str) -> str:
        """Return the target of a link to another place; other paths unchanged."""
        link = target.rstrip(os.sep)
        if self.root is None or not os.path.islink(link):
            return target
        if self.inside(link) is not None:
            return target
        return os.path.relpath(os.path.realpath(link))

    def single(self, target: str) -> str:
        """Return the only object that is registered in a directory, or ``target``."""
        found = self.registered(target)
        return found[0] if len(found) == 1 else target


class ChangingSession(Session):
    """A working copy that is open for changes.

    ``conflicts`` collects the paths of files left in conflict, ``later`` those that
    need a second undo after a commit; ``transaction`` is that of the received state, or
    of the commit.
    """

    root: str
    files: CompactChanges

    def __init__(
        self, root: str, changes: CompactChanges, reporter: Callable[[str], object]
    ) -> None:
        super().__init__(root, changes, reporter)
        self.conflicts: list[str] = []
        self.later: list[str] = []
        self.transaction: str | None = None
        #: Both places of what is moved when the block ends.
        self.relocated: set[str] = set()
        #: True if anything was received; a directory that was received as a whole.
        self.has_received = False
        self.whole: str | None = None

    def has_lost_entries(self, directory: str) -> bool:
        """Return True if a registered directory was deleted and created again."""
        return self.files.compact and not has_entries(self.files, directory)

    def restart(self) -> None:
        """Drop all changes, and read the files again."""
        self.files.restart()
        self.metadata.restart()
        self.relocated.clear()
        self.has_received, self.whole = False, None

    def finish(self) -> None:
        """Write pending changes, and note the pristine copies to write."""
        self.metadata.flush()
        self.files.flush()
        from zope.app.fssync.client.workingcopy.pristine import is_pristine

        written = any(map(is_pristine, self.files.tree.changed()))
        if written or self.whole is not None:
            # Imported here: what is only flagged writes none.
            from zope.app.fssync.client.workingcopy.serverstate import States

            states = States(self.files, self.root)
            states.note_received(self.files, self.has_received, self.whole)


def reading(
    target: str,
    reporter: Callable[[str], object] = lambda line: None,
    known: Session | None = None,
) -> Session:
    """Open the working copy of ``target`` for reading.

    The change of an interrupted command is finished first.  ``known`` is a session to
    use again, if it is of this working copy.
    """
    try:
        copy = WorkingCopy.find(target)
    except UnsafeData:
        raise
    except Error:
        return Session(reporter=reporter)
    layout = copy.layout()
    is_recovered = copy.recover()
    if not is_recovered and known is not None and known.root == copy.root:
        return known
    session = Session(copy.root, reporter=reporter)
    # A change of the layout may have been finished.
    session.layout = None if is_recovered else layout
    return session


def cat(session: Session, target: str, write: Callable[[bytes], object]) -> None:
    """Write the file ``target`` as the server last sent it."""
    owner = session.files.owner_of(target)
    described = None if owner is None else session.files.described(owner)
    if described is not None:
        write(described.versions()[0])
        return
    original = fsutil.getoriginal(target)
    if not session.files.isfile(original):
        raise Error(f"the server has sent no file '{target}'", path=target)
    with session.files.open(original) as stream:
        for chunk in chunks(stream):
            write(chunk)


@contextmanager
def changing(
    copy: WorkingCopy, verb: str, reporter: Callable[[str], object]
) -> Iterator[ChangingSession]:
    """Open a working copy for changes, and lock it against other commands.

    The changes are made when the block ends, and none of them if it fails.  See
    `HeldReport` for a reporter.
    """
    with copy.changing(verb) as changes:
        session = ChangingSession(copy.root, changes, reporter)
        yield session
        session.finish()
    for path in changes.journal.kept:
        reporter(Change(CONFLICT, path, "C", BOTH))
        session.conflicts.append(path)


#: What is stored of each change in the file of a `HeldReport`.
_FIELDS = 6


class HeldReport:
    """Changes and lines that are reported when a block ends, and not if it fails.

    So only changes that were made are reported.  Many of them are held in a file.
    """

    def __init__(self, reporter: Callable[[str], object]) -> None:
        self._reporter = reporter
        self._waiting: list[str] = []
        self._size = 0
        self._stream: IO[bytes] | None = None

    def __enter__(self) -> HeldReport:
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        try:
            if kind is None:
                self._report()
        finally:
            if self._stream is not None:
                self._stream.close()

    def add(self, line: str) -> None:
        self._waiting.append(line)
        self._size += len(line) + CHANGE_MEMORY
        if self._size > SPOOL_SIZE:
            self._store()

    def _store(self) -> None:
        """Write held changes to the file."""
        if self._stream is None:
            # Imported here: most reports are short.
            import tempfile

            self._stream = tempfile.TemporaryFile()  # noqa: SIM115
        self._stream.writelines(map(_stored, self._waiting))
        self._waiting.clear()
        self._size = 0

    def _report(self) -> None:
        for line in self._stored():
            self._reporter(line)
        for line in self._waiting:
            self._reporter(line)

    def _stored(self) -> Iterator[str]:
        """Yield the changes in the file."""
        if self._stream is None:
            return
        self._stream.seek(0)
        rest = b""
        for block in chunks(self._stream):
            fields = (rest + block).split(b"\0")
            whole = (len(fields) - 1) // _FIELDS * _FIELDS
            for i in range(0, whole, _FIELDS):
                yield _restored(fields[i : i + _FIELDS])
            rest = b"\0".join(fields[whole:])


def _stored(line: str) -> bytes:
    """Return the stored fields of a change or a line."""
    fields = [line, *[""] * (_FIELDS - 1)]
    if isinstance(line, Change):
        path = join(line.path, "") if line.is_directory else line.path
        last = line.last.mark() if line.last else ""
        fields[1:] = [line.action, path, line.detail, line.origin, last]
    # Names may hold line ends, but no zero.
    text = "".join(f"{field}\0" for field in fields)
    return text.encode("utf-8", "surrogatepass")


def _restored(fields: list[bytes]) -> str:
    """Return a reported change or line from its stored fields."""
    text = (field.decode("utf-8", "surrogatepass") for field in fields)
    line, action, path, detail, origin, last = text
    if not action:
        return line
    return Change.of_line(line, action, path, detail, origin, LastChange.of_mark(last))
