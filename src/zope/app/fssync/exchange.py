"""The verbs that talk to a server: checkout, update, commit, checkin."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from os.path import basename
from os.path import join
from os.path import realpath
from typing import IO
from typing import BinaryIO

from zope.app.fssync import oldserver
from zope.app.fssync.absence import Absence
from zope.app.fssync.absence import check_deletions
from zope.app.fssync.session import Session
from zope.app.fssync.status import Status
from zope.app.fssync.submission import Submission
from zope.app.fssync.workingcopy import WorkingCopy
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
from zope.fssync.mergesource import ArchiveSource
from zope.fssync.mergesource import SentFiles
from zope.fssync.metadata import Metadata
from zope.fssync.repository import SnarfRepository

__all__ = ["Exchange"]

#: How often a merge is decided anew because files are being edited meanwhile.
_attempts = 3


class Exchange(Session):
    """Brings changes to and fro, and merges what comes."""

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
        with (
            self._received(rootpath, "@@toFS.snarf") as (archive, absence),
            WorkingCopy.making(target) as copy,
            self._changes(copy, "checkout") as changes,
        ):
            top = _top_name(archive, name)
            self._merge(archive, target, top, absence)
            url = f"{self.network.rooturl}\n".encode()
            changes.write(join(copy.control, paths.ROOT), [url])
        self.network.keep_password()

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

    def update(self, target: str) -> None:
        """Bring the changes of the server into ``target``."""
        with self._session(target, "update"):
            path = self._id(target)
            head, tail = fsutil.split(target)
            self.network.loadrooturl(head)
            with self._received(path, "@@toFS.snarf") as (archive, absence):
                oldserver.check_anonymous(self.network, archive, target)
                self._merge(archive, head, tail, absence)

    def commit(
        self,
        target: str,
        note: str = "fssync_commit",
        raise_on_conflicts: bool = False,
    ) -> None:
        """Send the changes of ``target``, and take over what becomes of them."""
        with self._session(target, "commit"):
            path = self._id(target)
            target = _located(target)
            head, tail = os.path.split(target)
            self.network.loadrooturl(head)
            view = f"@@fromFS.snarf?note={_quoted(note)}"
            if raise_on_conflicts:
                view += "&raise=1"
            with self._submission(target) as sent:
                with self._explained(target):
                    fp, headers = self.network.httpreq(path, view, sent)
                absence = Absence(self.network, path, headers)
                with _committed(), self._spooled(fp) as archive:
                    lines = self._merge(archive, head, tail, absence, sent)
                oldserver.tell_unstored(self.network, self.files, lines)

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
    def _received(
        self, path: str, view: str
    ) -> Iterator[tuple[SnarfRepository, Absence]]:
        """The archive the server answers with, and what it lacks."""
        fp, headers = self.network.httpreq(path, view)
        with self._spooled(fp) as archive:
            oldserver.check_login(self.network, path)
            yield archive, Absence(self.network, path, headers)

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
        archive: SnarfRepository,
        directory: str,
        name: str,
        absence: Absence,
        sent: IO[bytes] | None = None,
    ) -> list[str]:
        """Merge the object ``name`` of an archive into a directory.

        Decided anew where files were edited in between, and where what is not in
        the archive turns out to be hidden.  Returns what was reported.
        """
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
                merger.merge(local, _found_name(archive, name) or name)
            else:
                merger.merge(local, _top_name(archive, name))
            self.metadata.flush()
            edited = self.files.edited()
            if not absence.ask(merger.gone) and not edited:
                break
            self.files.restart()
            self._use(Metadata(self.files))
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
        return lines


@contextmanager
def _committed() -> Iterator[None]:
    """Say after an error that the server has the changes by now."""
    advice = "The commit is done; 'zsync update' takes over what became of it."
    try:
        yield
    except Error as error:
        error.advice = advice
        raise
    except OSError as error:
        raise Error(f"{error.strerror}: {error.filename}", advice=advice) from error


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
