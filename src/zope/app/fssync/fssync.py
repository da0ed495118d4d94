"""The client: one method for each verb of `zsync`.

`FSSync` never prints.  What happens to each file is told to its reporter, in
the lines that `zope.fssync.fsmerger` describes; what goes wrong is raised.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import contextmanager
from os.path import basename
from os.path import join
from os.path import realpath
from typing import IO
from typing import BinaryIO

from zope.app.fssync import oldserver
from zope.app.fssync.network import Network
from zope.app.fssync.status import Status
from zope.app.fssync.submission import Submission
from zope.app.fssync.workingcopy import Changes
from zope.app.fssync.workingcopy import WorkingCopy
from zope.fssync import fsutil
from zope.fssync import paths
from zope.fssync.errors import AccessDenied
from zope.fssync.errors import ArchiveDamaged
from zope.fssync.errors import Error
from zope.fssync.errors import OutOfDate
from zope.fssync.errors import ServerRefused
from zope.fssync.errors import WorkingCopyError
from zope.fssync.files import CHUNK
from zope.fssync.fsmerger import FSMerger
from zope.fssync.interfaces import IFileTree
from zope.fssync.merger import ArchiveSource
from zope.fssync.merger import SentFiles
from zope.fssync.metadata import Metadata
from zope.fssync.repository import SnarfRepository

__all__ = ["FSSync", "Network"]

#: How often a merge is decided anew because files are being edited meanwhile.
_attempts = 3


class FSSync:
    """A client working on the directories it is told to.

    ``reporter`` is called with one line for each file that something happens
    to; lines for files to which nothing happens are held back.  After a verb
    `conflicts` lists the local paths that are left in conflict.
    """

    def __init__(
        self,
        metadata: Metadata | None = None,
        network: Network | None = None,
        rooturl: str | None = None,
        overwrite_local: bool = False,
        reporter: Callable[[str], object] | None = None,
    ) -> None:
        self.network = network or Network()
        self.network.setrooturl(rooturl)
        self.overwrite_local = overwrite_local
        self.conflicts: list[str] = []
        self._report = reporter or (lambda line: None)
        self._changing = False
        self.metadata = metadata or Metadata()
        self.files: IFileTree = self.metadata.files
        self.fsmerger = FSMerger(self.metadata, self.reporter, files=self.files)

    def reporter(self, msg: str) -> None:
        """Pass a line on, unless it says that nothing happened."""
        if msg[0] not in "/*":
            self._report(msg)

    # Sessions

    def multiple(
        self, args: Iterable[str], method: Callable[..., object], *more: object
    ) -> None:
        """Call ``method`` for every target.

        No targets mean the current directory; a directory that is not
        registered itself means what is registered in it.
        """
        for target in list(args) or [os.curdir]:
            self._recover(target)
            names = []
            if not self.metadata.getentry(target):
                names = self.metadata.getnames(target)
            for path in [join(target, name) for name in names] or [target]:
                method(path, *more)

    @contextmanager
    def _session(
        self, target: str, verb: str, named: str | None = None
    ) -> Iterator[None]:
        """Make the changes of a verb all or nothing; verbs may call verbs.

        ``named`` is what the person called it, where that is not ``target``.
        """
        if self._changing:
            yield
            return
        with self._changes(WorkingCopy.find(target, named), verb):
            yield

    @contextmanager
    def _changes(self, copy: WorkingCopy, verb: str) -> Iterator[Changes]:
        self._changing = True
        try:
            with copy.changing(verb) as changes:
                self._use(Metadata(changes))
                yield changes
                self.metadata.flush()
            for path in changes.journal.kept:
                self.fsmerger.reportconflict(path)
                self.conflicts.append(path)
        finally:
            self._changing = False
            self._use(Metadata())

    def _use(self, metadata: Metadata) -> None:
        self.metadata = metadata
        self.files = metadata.files
        self.fsmerger = FSMerger(metadata, self.reporter, files=self.files)

    def _entry(self, target: str) -> dict[str, str]:
        entry = self.metadata.getentry(target)
        if not entry:
            raise Error("nothing known about", target, path=target)
        return entry

    # Login

    def login(self, url: str | None = None, user: str | None = None) -> None:
        """Keep a token for the server of ``url`` or of the working copy."""
        scheme, host_port, user = self.get_login_info(url, user)
        token = self.network.newToken(scheme, host_port, user)
        self.network.addToken(scheme, host_port, user, token)

    def logout(self, url: str | None = None, user: str | None = None) -> None:
        """Forget the token for the server of ``url`` or of the working copy."""
        scheme, host_port, user = self.get_login_info(url, user)
        if not self.network.removeToken(scheme, host_port, user):
            raise Error("matching login info not found")

    def get_login_info(self, url: str | None, user: str | None) -> tuple[str, str, str]:
        """Return scheme, host and port, and user name."""
        if url:
            self.network.setrooturl(url)
        else:
            self.network.loadrooturl(os.curdir)
        location = self.network.location
        assert location is not None
        user = user or location.user or self.network.getUsername()
        return location.scheme, location.host_port, user

    # Exchange

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
            self._received(rootpath, "@@toFS.snarf") as archive,
            WorkingCopy.making(target) as copy,
            self._changes(copy, "checkout") as changes,
        ):
            top = _top_name(archive, name)
            self._merge(archive, target, top)
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
            with self._received(path, "@@toFS.snarf") as archive:
                oldserver.check_anonymous(self.network, archive, target)
                self._merge(archive, head, tail)

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
                    fp, _ = self.network.httpreq(path, view, sent)
                with _committed(), self._spooled(fp) as archive:
                    lines = self._merge(archive, head, tail, sent=sent)
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

    def _single(self, target: str) -> str:
        """A directory that holds one registered object stands for it."""
        if not self.metadata.getentry(target):
            names = self.metadata.getnames(target)
            if len(names) == 1:
                return join(target, names[0])
        return target

    def _id(self, target: str) -> str:
        path = self._entry(target).get("id")
        if not path:
            raise Error("its path on the server is unknown:", target, path=target)
        return path

    @contextmanager
    def _submission(self, target: str) -> Iterator[IO[bytes]]:
        with tempfile.TemporaryFile() as stream:
            Submission(self.metadata, self.files, target)(stream)
            yield stream

    @contextmanager
    def _received(self, path: str, view: str) -> Iterator[SnarfRepository]:
        """The archive the server answers with."""
        fp, _ = self.network.httpreq(path, view)
        with self._spooled(fp) as archive:
            oldserver.check_login(self.network, path)
            yield archive

    @contextmanager
    def _spooled(self, fp: BinaryIO) -> Iterator[SnarfRepository]:
        """The whole of an archive, on the disk."""
        with tempfile.TemporaryFile() as stream:
            with fp:
                while chunk := fp.read(CHUNK):
                    stream.write(chunk)
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
        sent: IO[bytes] | None = None,
    ) -> list[str]:
        """Merge the object ``name`` of an archive into a directory.

        Decided anew where files were edited in between.  Returns what was
        reported.
        """
        for _ in range(_attempts):
            lines: list[str] = []
            merger = FSMerger(
                self.metadata,
                lines.append,
                files=self.files,
                remote=ArchiveSource(archive),
                sent=SentFiles(SnarfRepository(sent), directory) if sent else None,
            )
            merger.merge(join(directory, name), _top_name(archive, name))
            self.metadata.flush()
            edited = self.files.edited()
            if not edited:
                break
            self.files.restart()
            self._use(Metadata(self.files))
        else:
            raise WorkingCopyError(
                "files are changing all the time: '%s'",
                edited[0],
                path=edited[0],
                advice="Nothing was changed here. Try again when it is quiet.",
            )
        for line in lines:
            self.reporter(line)
        self.conflicts.extend(merger.conflicts)
        return lines

    # Local changes

    def add(
        self, path: str, type: str | None = None, factory: str | None = None
    ) -> None:
        """Register a file or directory, to be added by the next commit."""
        head, tail = fsutil.split(path)
        with self._session(head, "add", path):
            self._check_name(path, tail)
            entry = self.basicadd(path, type, factory)
            parent = self.metadata.getentry(head)
            if not parent:
                raise Error(
                    "can't add '%s': its parent is not registered",
                    path,
                    path=path,
                    advice="Add the parent first.",
                )
            if "id" not in parent:
                raise Error("can't add '%s': its parent has no 'id' key", path)
            entry["id"] = f"{parent['id'].rstrip('/')}/{tail}"
            if self.files.isdir(path):
                # Known to have no children, rather than unknown.
                self.fsmerger.make_dir(path)
                path = join(path, "")
            self.reporter(f"A {path}")

    def _check_name(self, path: str, name: str) -> None:
        paths.check_name(name)
        if paths.is_control(name):
            raise Error("can't add '%s': it is control data", path, path=path)

    def basicadd(
        self, path: str, type: str | None = None, factory: str | None = None
    ) -> dict[str, str]:
        """Register a file that need not have a path on the server."""
        kind = self.files.kind(path)
        if kind is None:
            raise Error("nothing known about '%s'", path, path=path)
        if kind == "other":
            raise Error(
                "can't add '%s': it is neither a file nor a directory", path, path=path
            )
        entry = self.metadata.getentry(path)
        if entry:
            raise Error("object '%s' is already registered", path, path=path)
        entry["flag"] = "added"
        if type:
            entry["type"] = type
        if factory:
            entry["factory"] = factory
        return entry

    def copy(self, src: str, dst: str | None = None, children: bool = True) -> None:
        """Copy a file or an object, and register the copy."""
        from zope.fssync.copier import FileCopier
        from zope.fssync.copier import ObjectCopier

        if not os.path.lexists(src):
            raise Error("%s does not exist", src, path=src)
        if not dst or os.path.isdir(dst):
            directory, name = dst or os.curdir, basename(os.path.abspath(src))
        else:
            directory, name = os.path.split(dst)
            directory = directory or os.curdir
        if not os.path.isdir(directory):
            raise Error("destination directory does not exist: %r", directory)
        # Shown as the person wrote it.
        target = join("" if directory == os.curdir else directory, name)
        if os.path.lexists(target):
            raise Error("'%s' already exists", target, path=target)
        if not self.metadata.getentry(directory):
            raise Error("nothing known about '%s'", directory, path=directory)
        with self._session(directory, "copy"):
            known = self.metadata.getentry(src)
            copier = ObjectCopier(self) if known else FileCopier(self)
            copier.copy(src, target, children)

    def mkdir(self, path: str) -> None:
        """Make a directory, and register it."""
        directory, name = os.path.split(path.rstrip(os.sep))
        directory = directory or os.curdir
        if not os.path.lexists(directory):
            raise Error("directory %r does not exist", directory, path=directory)
        if not os.path.isdir(directory):
            raise Error("%r is not a directory", directory, path=directory)
        if not self.metadata.getentry(directory):
            raise Error("know nothing about container for %r", path, path=path)
        if os.path.lexists(path):
            raise Error("%r already exists", path, path=path)
        with self._session(directory, "mkdir"):
            self._check_name(path, name)
            self.files.mkdir(path)
            self.add(path)

    def remove(self, path: str) -> None:
        """Register a file or directory to be removed by the next commit.

        What still exists is deleted too, if all of it is on the server.
        """
        with self._session(fsutil.split(path)[0], "remove", path):
            entry = self.metadata.getentry(path)
            if not entry:
                raise Error("nothing known about '%s'", path, path=path)
            if not entry.get("id"):
                raise Error("can't remove '%s': its zope path is unknown", path)
            if self.files.exists(path):
                self._delete(path)
            if entry.get("flag") == "added":
                entry.clear()
            else:
                entry["flag"] = "removed"
                entry.pop("conflict", None)
            self.reporter(f"R {path}")

    def _delete(self, path: str) -> None:
        if self.fsmerger.local_modifications(path):
            raise Error(
                "'%s' still exists and has changes that are not on the server",
                path,
                path=path,
                advice="Delete it yourself, or 'zsync revert' it first.",
            )
        if self.files.isdir(path):
            self.fsmerger.remove_tree(path)
        else:
            self.files.remove(path)

    def resolve(self, target: str) -> None:
        """Declare the conflicts in ``target`` to be resolved."""
        with self._session(target, "resolve"):
            entry = self.metadata.getentry(target)
            entry.pop("conflict", None)
            for path in self._registered(target):
                self.resolve(path)

    def revert(self, target: str) -> None:
        """Take back what was done to ``target`` since the last exchange."""
        with self._session(target, "revert"):
            entry = self._entry(target)
            flag = entry.get("flag")
            if flag == "added":
                entry.clear()
            elif not self._revert(target, entry):
                return
            if self.files.isdir(target):
                target = join(target, "")
            self.reporter(f"Reverted {target}")

    def _revert(self, target: str, entry: dict[str, str]) -> bool:
        """Restore what is registered; returns whether to mention ``target``."""
        marked = any([entry.pop("flag", None), entry.pop("conflict", None)])
        for path in self._registered(target):
            self.revert(path)
        if self.files.isdir(target):
            return True
        return self._revert_file(target, marked)

    def _revert_file(self, target: str, marked: bool) -> bool:
        original = fsutil.getoriginal(target)
        if self.files.isfile(original):
            if self.fsmerger.merger.cmpfile(target, original):
                return marked
            with self.files.open(original) as stream:
                self.files.write(target, iter(lambda: stream.read(CHUNK), b""))
        elif not self.files.exists(target) and not marked:
            raise WorkingCopyError(
                "can't revert '%s': its original is lost",
                target,
                path=target,
                advice="Run 'zsync update', which brings it back.",
            )
        return True

    def _registered(self, target: str) -> list[str]:
        """What is registered below ``target``, with its extras and annotations."""
        children = []
        if self.files.isdir(target):
            children = [join(target, n) for n in self.metadata.getnames(target)]
        for getwhat in (fsutil.getextra, fsutil.getannotations):
            special = getwhat(target)
            if self.files.isdir(special):
                names = self.metadata.getnames(special)
                children.extend(join(special, name) for name in names)
        return children

    def merge(self, args: list[str]) -> None:
        """Bring the changes of one working copy into another.

        ``args`` is the source, and the target unless that is the current
        directory.
        """
        from zope.app.fssync.merge import merge

        source = self._single(args[0])
        target = self._single(args[1] if len(args) > 1 else os.curdir)
        for path, role in ((target, "Target"), (source, "Source")):
            if not self.metadata.getentry(path):
                raise Error(f"{role} must be a fssync checkout directory", path=path)
        source_id, target_id = self._id(source), self._id(target)
        if source_id != target_id:
            raise Error(f"Cannot merge from {source_id} to {target_id}")
        with self._session(target, "merge"):
            merge(os.path.abspath(source), os.path.abspath(target), self)
            self.conflicts.extend(self.fsmerger.conflicts)

    # Looking

    def status(
        self, target: str, descend_only: bool = False, verbose: bool = True
    ) -> None:
        """Report what is not as the server last sent it."""
        self._recover(target)
        Status(self.metadata, self._report, verbose).show(target, descend_only)

    def diff(
        self,
        target: str,
        mode: int = 1,
        diffopts: str = "",
        need_original: bool = True,
        write: Callable[[bytes], object] | None = None,
    ) -> None:
        """Write the differences between ``target`` and its originals.

        ``write`` is called with bytes.  ``mode`` is always 1, and with
        ``need_original`` added and removed files are passed over.
        """
        from zope.app.fssync.differ import Differ

        self._recover(target)
        Differ(self.metadata, diffopts, need_original, write or self._write).show(
            target
        )

    def _write(self, data: bytes) -> None:
        self._report(data.decode("utf-8", "replace").rstrip("\n"))

    def _recover(self, target: str) -> None:
        if not self._changing:
            try:
                copy = WorkingCopy.find(target)
            except Error:
                return
            if copy.recover():
                self._use(Metadata())


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
    """The name in the archive of the object that is called ``name``.

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
    raise AccessDenied(
        f"the server sent nothing for {paths.printable(name)}",
        path=name,
        advice="The user may not read it.",
    )
