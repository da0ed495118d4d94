"""The verbs that talk to a server: checkout, update, commit, checkin."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from os.path import basename
from os.path import join
from os.path import realpath
from typing import IO
from typing import BinaryIO
from typing import NamedTuple

from zope.app.fssync import oldserver
from zope.app.fssync.absence import WITHHELD
from zope.app.fssync.absence import Absence
from zope.app.fssync.absence import check_deletions
from zope.app.fssync.arrival import Arrival
from zope.app.fssync.session import Session
from zope.app.fssync.status import Status
from zope.app.fssync.submission import ChangesSubmission
from zope.app.fssync.submission import Submission
from zope.app.fssync.workingcopy import WorkingCopy
from zope.app.fssync.workingcopy.newtree import Unusual
from zope.app.fssync.workingcopy.scan import changed
from zope.app.fssync.workingcopy.states import States
from zope.app.fssync.workingcopy.unchanged import Unchanged
from zope.fssync import fsutil
from zope.fssync import paths
from zope.fssync.errors import AccessDenied
from zope.fssync.errors import ArchiveDamaged
from zope.fssync.errors import Error
from zope.fssync.errors import OutOfDate
from zope.fssync.errors import ServerRefused
from zope.fssync.errors import WorkingCopyError
from zope.fssync.files import chunks
from zope.fssync.fsmerger import FSMerger
from zope.fssync.interfaces import IFileTree
from zope.fssync.mergesource import ArchiveSource
from zope.fssync.mergesource import SentFiles
from zope.fssync.metadata import Metadata
from zope.fssync.repository import SnarfRepository
from zope.fssync.scope import Scope
from zope.fssync.scopemerger import Incomplete
from zope.fssync.scopemerger import ScopeMerger
from zope.fssync.snarfstream import ANSWER
from zope.fssync.snarfstream import closing_lines

__all__ = ["Exchange"]

#: The header that names a state of the server, and what stands for none.
STATE = "X-Zsync-State"
NO_STATE = "none"

#: The header that promises the end of an archive, see `zope.fssync.snarfstream`.
STREAMED = "X-Zsync-Streamed"

#: The header with the number of objects that others have changed.
NEWS = "X-Zsync-News"

#: The view for commits, and for rehearsals of commits.
_views = ("fromFS", "rehearse-commit")

_number = re.compile(r"[1-9][0-9]{0,8}")

#: How often a merge is decided anew because files are being edited meanwhile.
_attempts = 3


class Answer(NamedTuple):
    """An archive, what it lacks, and the state of the server that it brings."""

    archive: SnarfRepository
    absence: Absence
    state: str | None


class Exchange(Session):
    """Brings changes to and fro, and merges what comes."""

    #: Was something not taken over that the server has to send again?
    _unmerged = False

    def checkout(self, target: str) -> None:
        """Copy the object of the root URL into the directory ``target``."""
        rootpath = self.network.rootpath
        if not rootpath:
            raise Error("root url not set")
        if self.metadata.getentry(target):
            raise Error("target already registered", target, path=target)
        if os.path.lexists(target) and not os.path.isdir(target):
            raise Error("target should be a directory", target, path=target)
        name = rootpath.rstrip("/").rpartition("/")[2] or "root"
        self._check_same_server(target)
        fp, headers = self._asked(rootpath, NO_STATE)
        if STREAMED not in headers or os.path.lexists(target):
            self._checkout_merged(target, name, rootpath, fp, headers)
        elif not self._checkout_arriving(target, fp):
            fp, headers = self._asked(rootpath, NO_STATE)
            self._checkout_merged(target, name, rootpath, fp, headers)
        self.network.keep_password()

    def _checkout_arriving(self, target: str, fp: BinaryIO) -> bool:
        """Write a checkout as it comes; False if it has to be received first."""
        try:
            with (
                fp,
                WorkingCopy.making(target) as copy,
                self._changes(copy, "checkout") as changes,
                Arrival(changes, self.metadata, target) as arrival,
            ):
                arrival.receive(fp)
                state = arrival.closing.get(STATE)
                self._note_checkout(copy, changes, arrival.name, target, state)
                arrival.replay(self.reporter)
        except Unusual:
            return False
        return True

    def _checkout_merged(
        self,
        target: str,
        name: str,
        path: str,
        fp: BinaryIO,
        headers: Mapping[str, str],
    ) -> None:
        with (
            self._answer(path, fp, headers) as answer,
            WorkingCopy.making(target) as copy,
            self._changes(copy, "checkout") as changes,
        ):
            oldserver.check_login(self.network, path)
            top = _top_name(answer.archive, name)
            self._merge(answer, target, top)
            self._note_checkout(copy, changes, top, target, answer.state)

    def _note_checkout(
        self,
        copy: WorkingCopy,
        changes: IFileTree,
        top: str,
        target: str,
        state: str | None,
    ) -> None:
        self._remember(States(changes, copy.root), self._id(join(target, top)), state)
        url = f"{self.network.rooturl}\n".encode()
        changes.write(join(copy.control, paths.ROOT), [url])

    def _check_same_server(self, target: str) -> None:
        """Objects of one server only can share a working copy."""
        url = self.network.readrooturl(target)
        if url and not self.network.same_server(url):
            raise Error(
                "target is a working copy of another server: '%s'",
                target,
                path=target,
                advice="Name another directory.",
            )

    def update(self, target: str, dry_run: bool = False) -> None:
        """Bring the changes of the server into ``target``.

        With ``dry_run`` it is only told what would become of them.
        """
        with self._session(target, "update"):
            self._unmerged = False
            path = self._id(target)
            head, tail = fsutil.split(target)
            self.network.loadrooturl(head)
            states = self._states(target)
            if not self.files.isdir(target):
                # One file costs little, and may have to be restored.
                self._update_all(path, head, tail, states)
            elif not (
                self._is_whole(target)
                and self._update_changes(path, head, tail, states)
            ):
                self._restart()
                self._update_all(path, head, tail, self._states(target))
            if dry_run:
                self._restart()

    def _is_whole(self, target: str) -> bool:
        """Is nothing lost?  What is would not be among the changes."""
        root = WorkingCopy.find(target).root
        if Unchanged(self.files, self.metadata, root).is_whole(target):
            return True
        return all(
            "flag" in self.metadata.getentry(path) or self.files.exists(path)
            for path in changed(self.files, self.metadata, target)
        )

    def _restart(self) -> None:
        """Forget what was decided."""
        self.files.restart()
        self._use(Metadata(self.files))

    def _states(self, target: str) -> States:
        return States(self.files, WorkingCopy.find(target).root)

    def _update_changes(self, path: str, head: str, tail: str, states: States) -> bool:
        """Bring what changed since the state that is known; False if that fails."""
        state = states.get(path)
        if state is None:
            return False
        with self._received(path, state) as answer:
            try:
                self._merge(answer, head, tail)
            except Incomplete:
                return False
            self._remember(states, path, answer.state)
        return True

    def _update_all(self, path: str, head: str, tail: str, states: States) -> None:
        with self._received(path, NO_STATE) as answer:
            oldserver.check_anonymous(
                self.network, self.files, answer.archive, join(head, tail)
            )
            self._merge(answer, head, tail)
            self._remember(states, path, answer.state)

    def _remember(self, states: States, path: str, state: str | None) -> None:
        """Take over a state, unless something of it has to be sent again."""
        if not self._unmerged:
            states.set(path, state)

    def commit(
        self,
        target: str,
        note: str = "fssync_commit",
        raise_on_conflicts: bool = False,
        dry_run: bool = False,
    ) -> None:
        """Send the changes of ``target``, and take over what becomes of them.

        With ``dry_run`` the server does it and undoes it, and it is only told what
        would become of them.
        """
        with self._session(target, "commit"):
            path = self._id(target)
            target = _located(target)
            self.network.loadrooturl(os.path.dirname(target))
            view = f"@@{_views[dry_run]}.snarf?note={_quoted(note)}"
            if raise_on_conflicts:
                view += "&raise=1"
            states = self._states(target)
            state = states.get(path)
            with oldserver.rehearsal(dry_run):
                if state is None:
                    self._commit_all(path, target, view)
                else:
                    self._commit_changes(path, target, view, states, state)
            if dry_run:
                self._restart()

    def _commit_all(self, path: str, target: str, view: str) -> None:
        head, tail = os.path.split(target)
        with self._submission(target) as sent:
            with self._explained(target):
                fp, headers = self.network.httpreq(path, view, sent)
            with _committed(view), self._answer(path, fp, headers) as answer:
                lines = self._merge(answer, head, tail, sent)
            oldserver.tell_unstored(self.network, self.files, lines)

    def _commit_changes(
        self, path: str, target: str, view: str, states: States, state: str
    ) -> None:
        """Commit to a server that knows archives of changes."""
        head, tail = os.path.split(target)
        paths_changed = list(changed(self.files, self.metadata, target))
        if not paths_changed:
            return
        submission = ChangesSubmission(self.metadata, self.files, target, paths_changed)
        with tempfile.TemporaryFile() as sent:
            submission(sent)
            commit = states.commit_id(submission.digest)
            with self._explained(target):
                fp, headers = self.network.httpreq(
                    path, f"{view}&commit={commit}", sent, headers=[(STATE, state)]
                )
            with _committed(view), self._answer(path, fp, headers) as answer:
                try:
                    self._merge(answer, head, tail, sent)
                except Incomplete as error:
                    if _is_rehearsal(view):
                        raise _untold(target) from error
                    self._restart()
                    self._take_back(path, head, tail, sent)
                states.count_commit()
        self._tell_news(headers)

    def _take_back(self, path: str, head: str, tail: str, sent: IO[bytes]) -> None:
        """Take over all of the object, after a commit."""
        with self._received(path) as answer:
            self._merge(answer, head, tail, sent)

    def _tell_news(self, headers: Mapping[str, str]) -> None:
        count = headers.get(NEWS) or ""
        if _number.fullmatch(count):
            self.network.options.warn(
                f"hint: {count} {'object is' if count == '1' else 'objects are'} newer "
                "on the server; 'zsync update' brings them"
            )

    def checkin(
        self,
        target: str,
        note: str = "fssync_checkin",
        dry_run: bool = False,
        encoding: str | None = None,
    ) -> str:
        """Copy ``target`` to the new object of the root URL.

        Returns what the server has to say.  With ``dry_run`` it only says what
        it would do; ``encoding`` is that of byte strings which are text.
        """
        rootpath = self.network.rootpath
        if not rootpath:
            raise Error("root url not set")
        if rootpath == "/":
            raise Error("root url should name an inferior object")
        container, _, name = rootpath.rpartition("/")
        if not name:
            raise Error("root url should not end in '/'")
        target = self._single(target)
        self._entry(target)
        shown, target = target, _located(target)
        source = basename(target)
        view = (
            f"@@{'rehearse-checkin' if dry_run else 'checkin'}.snarf"
            f"?note={_quoted(note)}&name={_quoted(name)}&src={_quoted(source)}&report=1"
        )
        if encoding:
            view += f"&encoding={_quoted(encoding)}"
        with self._submission(target) as sent, oldserver.rehearsal(dry_run):
            fp, headers = self.network.httpreq(
                container or "/", view, sent, expected_type=None
            )
            with fp:
                answer = self.network.slurptext(fp, headers)
        return "\n".join(filter(None, [answer.rstrip("\n"), *self._unsent(shown)]))

    def _unsent(self, target: str) -> list[str]:
        """Return a line for each file that is not registered, and stays here."""
        lines: list[str] = []
        Status(self.metadata, lines.append, False).show(target)
        return [f"not sent: {line[2:]}" for line in lines if line.startswith("? ")]

    @contextmanager
    def _submission(self, target: str) -> Iterator[IO[bytes]]:
        with tempfile.TemporaryFile() as stream:
            Submission(self.metadata, self.files, target)(stream)
            yield stream

    @contextmanager
    def _received(self, path: str, state: str | None = None) -> Iterator[Answer]:
        """What the server sends of an object.

        ``state`` is what there is here; None where states are of no use.
        """
        with self._answer(path, *self._asked(path, state)) as answer:
            oldserver.check_login(self.network, path)
            yield answer

    def _asked(
        self, path: str, state: str | None
    ) -> tuple[BinaryIO, Mapping[str, str]]:
        own = [] if state is None else [(STATE, state)]
        return self.network.httpreq(path, "@@toFS.snarf", headers=own)

    @contextmanager
    def _answer(
        self, path: str, fp: BinaryIO, headers: Mapping[str, str]
    ) -> Iterator[Answer]:
        with self._spooled(fp) as archive:
            said = headers
            if STREAMED in headers:
                said = _closing(archive)
            absence = Absence(self.network, path, said.get(WITHHELD, "0"))
            yield Answer(archive, absence, said.get(STATE))

    @contextmanager
    def _spooled(self, fp: BinaryIO) -> Iterator[SnarfRepository]:
        """The whole of an archive, on the disk."""
        with tempfile.TemporaryFile() as stream:
            with fp:
                stream.writelines(chunks(fp))
            try:
                yield SnarfRepository(stream)
            except ArchiveDamaged as error:
                oldserver.archive_advice(self.network, error)
                raise

    @contextmanager
    def _explained(self, target: str) -> Iterator[None]:
        """Say what to do where a server only says that it failed."""
        try:
            yield
        except ServerRefused as error:
            error.advice = error.advice or oldserver.commit_advice(
                self.network, self.metadata, self.files, target
            )
            raise
        except OutOfDate as error:
            error.advice = (
                oldserver.site_advice(self.network, error.paths) or error.advice
            )
            raise

    def _merge(
        self,
        answer: Answer,
        directory: str,
        name: str,
        sent: IO[bytes] | None = None,
    ) -> list[str]:
        """Merge the object ``name`` of an archive into a directory.

        Decided anew where files were edited in between, and where what is not in
        the archive turns out to be hidden.  Returns what was reported.
        """
        archive, absence, _ = answer
        scope = Scope.of(archive)
        if scope is not None and not scope:
            return []
        for _ in range(_attempts):
            lines: list[str] = []
            merger = FSMerger(
                self.metadata,
                lines.append,
                files=self.files,
                remote=ArchiveSource(archive),
                sent=SentFiles(SnarfRepository(sent), directory) if sent else None,
                hidden=absence.hidden,
            )
            local = join(directory, name)
            if sent and self.metadata.getentry(local).get("flag") == "removed":
                # An answer without it says that the server has removed it.
                remote = _found_name(archive, name) or name
            else:
                remote = _top_name(archive, name)
            marked: list[str] = []
            if scope is None:
                merger.merge(local, remote)
            else:
                changes = ScopeMerger(merger, scope)
                changes.merge(local, remote)
                marked = changes.marked
            self.metadata.flush()
            edited = self.files.edited()
            if not absence.ask(merger.gone) and not edited:
                break
            self._restart()
        else:
            path = (edited or [directory])[0]
            raise WorkingCopyError(
                "files are changing all the time: '%s'",
                path,
                path=path,
                advice="Nothing was changed here. Try again when it is quiet.",
            )
        if sent is None:
            check_deletions(merger, join(directory, name), self.accept_deletions)
        for line in lines:
            self.reporter(line)
        self.conflicts.extend(merger.conflicts)
        self._unmerged |= not set(merger.conflicts) <= set(marked)
        return lines


@contextmanager
def _committed(view: str) -> Iterator[None]:
    """Say after an error that the server has the changes by now."""
    if _is_rehearsal(view):
        yield
        return
    advice = "The commit is done; 'zsync update' takes over what became of it."
    try:
        yield
    except Error as error:
        error.advice = advice
        raise
    except OSError as error:
        raise Error(f"{error.strerror}: {error.filename}", advice=advice) from error


def _closing(archive: SnarfRepository) -> dict[str, str]:
    """Return what the end of an archive says that was sent while it was written."""
    if not archive.isfile(ANSWER):
        raise ArchiveDamaged("the archive has no end: the server broke off")
    return closing_lines(archive.readable(ANSWER))


def _is_rehearsal(view: str) -> bool:
    return view.startswith(f"@@{_views[True]}")


def _untold(target: str) -> Error:
    return Error(
        "the server takes the commit of '%s'; what becomes of the files here "
        "cannot be told before",
        target,
        path=target,
        advice="Nothing was changed, this was a rehearsal. Run 'zsync update' first.",
    )


def _located(path: str) -> str:
    """The absolute path; what is at its end may be a link and stays one."""
    head, tail = fsutil.split(path)
    return join(realpath(head), tail)


def _quoted(text: str) -> str:
    from urllib.parse import quote

    return quote(text, safe="")


def _top_name(archive: SnarfRepository, name: str) -> str:
    """The name in the archive of the object that is called ``name``."""
    found = _found_name(archive, name)
    if found is not None:
        return found
    raise AccessDenied(
        f"the server sent nothing for {paths.printable(name)}",
        path=name,
        advice="The user may not read it.",
    )


def _found_name(archive: SnarfRepository, name: str) -> str | None:
    """The name in the archive of what is called ``name``, if it is there.

    Servers decompose names; the archive holds one object at its top.
    """
    metadata = archive.getMetadata()
    names = metadata.getnames("")
    if name in names:
        return name
    for candidate in names:
        key = metadata.getentry(candidate).get("key", candidate)
        if paths.nfc(key) == paths.nfc(name):
            return candidate
    return None
