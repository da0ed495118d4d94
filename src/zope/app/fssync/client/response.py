"""What a server sends, and merging it: what all verbs share that talk to one."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from os.path import join
from typing import IO
from typing import BinaryIO
from typing import NamedTuple

from zope.app.fssync.client import compat36
from zope.app.fssync.client.addresses import check_same
from zope.app.fssync.client.missing import Absence
from zope.app.fssync.client.missing import check_deletions
from zope.app.fssync.client.session import Session
from zope.app.fssync.client.workingcopy import WorkingCopy
from zope.app.fssync.client.workingcopy.serverstate import States
from zope.app.fssync.protocol.headers import ACCEPT
from zope.app.fssync.protocol.headers import AGAIN
from zope.app.fssync.protocol.headers import BACK
from zope.app.fssync.protocol.headers import CODING
from zope.app.fssync.protocol.headers import LEFT_OUT
from zope.app.fssync.protocol.headers import NO_STATE
from zope.app.fssync.protocol.headers import SEEN
from zope.app.fssync.protocol.headers import STATE
from zope.app.fssync.protocol.headers import STREAMED
from zope.app.fssync.protocol.headers import UNSTREAMED
from zope.app.fssync.protocol.headers import WITHHELD
from zope.fssync import paths
from zope.fssync.changeset import SAME
from zope.fssync.changeset import Scope
from zope.fssync.changesetmerger import ScopeMerger
from zope.fssync.deflate import DEFLATE
from zope.fssync.deflate import inflated
from zope.fssync.errors import AccessDenied
from zope.fssync.errors import ArchiveDamaged
from zope.fssync.errors import WorkingCopyError
from zope.fssync.files import chunks
from zope.fssync.fsmerger import FSMerger
from zope.fssync.mergesource import AnsweredSource
from zope.fssync.mergesource import ArchiveSource
from zope.fssync.mergesource import SentFiles
from zope.fssync.metadata import Metadata
from zope.fssync.metadata import name_of
from zope.fssync.repository import SnarfRepository
from zope.fssync.snarfstream import ANSWER
from zope.fssync.snarfstream import closing_lines

__all__ = [
    "SHORT",
    "Answer",
    "Answers",
    "Closing",
    "everything",
    "only_name",
    "top_name",
]

#: The header that asks for small archives to be deflated.
SHORT = (ACCEPT, DEFLATE)

#: How often a merge is decided anew because files are being edited meanwhile.
_attempts = 3


class Closing(NamedTuple):
    """What the end of a checkout says, as an `Answer` does."""

    state: str | None
    seen: str | None
    back: bool = False


def everything(told: str | None) -> str:
    """Return what to say for a state where all of an object is wanted."""
    return f"{NO_STATE} {told}" if told else NO_STATE


#: What is told where the server has lost what is here.
WENT_BACK = (
    "warning: the database of the server went back to an earlier time, to a backup "
    "say. What is here and not there stays, marked C: after 'zsync resolve PATH' the "
    "next commit brings it back, 'zsync revert PATH' takes what the server has"
)


class Answer(NamedTuple):
    """An archive, what it lacks, and the state of the server that it brings."""

    archive: SnarfRepository
    absence: Absence
    state: str | None
    #: The last transaction that it shows, where it brings no state.
    seen: str | None = None
    #: Has the server lost what was seen of it before?
    back: bool = False


class Answers(Session):
    """Asks for archives, and merges them into the working copy."""

    #: Was something not taken over that the server has to send again?
    _unmerged = False

    @contextmanager
    def _received(self, path: str, state: str | None = None) -> Iterator[Answer]:
        """What the server sends of an object.

        ``state`` is what there is here; None where states are of no use.
        """
        with self._answer(path, *self._asked(path, state)) as answer:
            compat36.check_login(self.network, path)
            yield answer

    def _asked(
        self, path: str, state: str | None, *more: tuple[str, str]
    ) -> tuple[BinaryIO, Mapping[str, str]]:
        own = [] if state is None else [(STATE, state), SHORT, *more]
        return self.network.httpreq(path, "@@toFS.snarf", headers=own)

    @contextmanager
    def _answer(
        self, path: str, fp: BinaryIO, headers: Mapping[str, str]
    ) -> Iterator[Answer]:
        with self._spooled(fp, headers.get(CODING)) as archive:
            said = headers
            if STREAMED in headers:
                said = _closing(archive)
            if AGAIN not in said:
                self._tell_left_out(said)
                absence = Absence(self.network, path, said.get(WITHHELD, "0"))
                back = BACK in headers
                yield Answer(archive, absence, said.get(STATE), said.get(SEEN), back)
                return
        again = self._asked(path, NO_STATE, (STREAMED, UNSTREAMED))
        with self._answer(path, *again) as answer:
            yield answer

    def _tell_left_out(self, said: Mapping[str, str]) -> None:
        """Name what the server could not send, for no fault of the caller."""
        words = said.get(LEFT_OUT, "").split()
        if words:
            from urllib.parse import unquote
        for word in words:
            self.network.warn_once(
                f"warning: the server left out {paths.printable(unquote(word))}, "
                "its log tells why"
            )

    @contextmanager
    def _spooled(self, fp: BinaryIO, coding: str | None) -> Iterator[SnarfRepository]:
        """The whole of an archive, on the disk."""
        with tempfile.TemporaryFile() as stream:
            with fp:
                stream.writelines(chunks(inflated(fp) if coding == DEFLATE else fp))
            try:
                yield SnarfRepository(stream)
            except ArchiveDamaged as error:
                compat36.archive_advice(self.network, error)
                raise

    def _restart(self) -> None:
        """Forget what was decided."""
        self.files.restart()
        self._use(Metadata(self.files))

    def _states(self, target: str) -> States:
        return States(self.files, WorkingCopy.find(target).root)

    def _remember(self, states: States, path: str, said: Answer | Closing) -> None:
        """Take over a state, unless something of it has to be sent again."""
        if not self._unmerged:
            states.set(path, said.state, said.seen)
        elif not said.back:
            # Else what the server has lost must not be forgotten.
            states.lack(path, said.state or said.seen)

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
        archive, absence = answer.archive, answer.absence
        if answer.back:
            self.network.options.warn(WENT_BACK)
        scope = Scope.of(archive)
        if scope is not None and not scope:
            return []
        own = SnarfRepository(sent) if sent else None
        same = scope.marked(SAME) if scope is not None else []
        source = AnsweredSource(archive, own, same) if same else ArchiveSource(archive)
        for _ in range(_attempts):
            lines: list[str] = []
            merger = FSMerger(
                self.metadata,
                lines.append,
                files=self.files,
                remote=source,
                sent=SentFiles(own, directory) if own else None,
                hidden=absence.hidden,
                distrust=answer.back,
            )
            local = join(directory, name)
            entry = self.metadata.getentry(local)
            # Alone in an archive it need not have the name that it has here.
            key = entry.get("key", name)
            if sent and entry.get("flag") == "removed":
                # An answer without it says that the server has removed it.
                remote = _found_name(archive, key) or key
            else:
                remote = top_name(archive, key)
            check_same(entry, source.getentry(remote), local)
            if scope is None:
                merger.merge(local, remote)
            else:
                ScopeMerger(merger, scope, directory).merge(local, remote)
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
        self._unmerged |= not set(merger.conflicts) <= set(merger.marked)
        return lines


def _closing(archive: SnarfRepository) -> dict[str, str]:
    """Return what the end of an archive says that was sent while it was written."""
    if not archive.isfile(ANSWER):
        raise ArchiveDamaged("the archive has no end: the server broke off")
    if not archive.ends_with(ANSWER):
        raise ArchiveDamaged("the archive goes on after its end")
    return closing_lines(archive.readable(ANSWER))


def top_name(archive: SnarfRepository, key: str) -> str:
    """The name in the archive of the object ``key``."""
    found = _found_name(archive, key)
    if found is not None:
        return found
    raise AccessDenied(
        f"the server sent nothing for {paths.printable(key)}",
        path=key,
        advice="The user may not read it.",
    )


def only_name(archive: SnarfRepository, name: str) -> str:
    """The name of what an archive holds, where it may be called otherwise than asked.

    The root of a virtual host is an object that has a name.
    """
    names = archive.getMetadata().getnames("")
    return names[0] if len(names) == 1 else top_name(archive, name)


def _found_name(archive: SnarfRepository, key: str) -> str | None:
    """The name in the archive of the object ``key``, if it is there.

    The archive holds one object at its top, under a name that servers decompose.
    """
    metadata = archive.getMetadata()
    entries = {name: metadata.getentry(name) for name in metadata.getnames("")}
    return name_of(entries, key)
