"""The verbs that talk to a server: checkout, update, commit, checkin."""

from __future__ import annotations

import io
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from contextlib import suppress
from os.path import basename
from os.path import join
from os.path import realpath
from typing import IO

from zope.app.fssync.client import compat36
from zope.app.fssync.client.checkout import Arrivals
from zope.app.fssync.client.response import SHORT
from zope.app.fssync.client.response import everything
from zope.app.fssync.client.status import Status
from zope.app.fssync.client.submission import ChangesSubmission
from zope.app.fssync.client.submission import Submission
from zope.app.fssync.client.workingcopy.modified import changed
from zope.app.fssync.client.workingcopy.serverstate import States
from zope.app.fssync.protocol.headers import CODING
from zope.app.fssync.protocol.headers import NEWS
from zope.app.fssync.protocol.headers import STATE
from zope.fssync import fsutil
from zope.fssync import paths
from zope.fssync.changesetmerger import Incomplete
from zope.fssync.deflate import DEFLATE
from zope.fssync.deflate import deflated
from zope.fssync.digest import digest_of
from zope.fssync.errors import Error
from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import OutOfDate
from zope.fssync.errors import PathRefused
from zope.fssync.errors import ServerRefused
from zope.fssync.limits import DEFAULT

__all__ = ["Exchange"]

#: The view for commits, and for rehearsals of commits.
_views = ("fromFS", "rehearse-commit")

_number = re.compile(r"[1-9][0-9]{0,8}")


class Exchange(Arrivals):
    """Brings changes to and fro, and merges what comes."""

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
            path = self._address(target)
            target = _located(target)
            view = f"@@{_views[dry_run]}.snarf?note={_quoted_note(note)}"
            if raise_on_conflicts:
                view += "&raise=1"
            states = self._states(target)
            state = states.get(path)
            with compat36.rehearsal(dry_run):
                if state is None:
                    self._commit_all(path, target, view, states)
                else:
                    self._commit_changes(path, target, view, states, state)
            if dry_run:
                self._restart()

    def _commit_all(self, path: str, target: str, view: str, states: States) -> None:
        head, tail = os.path.split(target)
        told = states.told(path)
        with self._submission(target) as sent:
            own, commit = [], ""
            if told is not None:
                # The server is none of 3.6.0.
                own = [(STATE, everything(told))]
                commit = states.commit_id(digest_of(sent))
                view += f"&commit={commit}"
            with self._explained(target):
                fp, headers = self.network.httpreq(path, view, sent, headers=own)
            with _committed(view), self._answer(path, fp, headers) as answer:
                lines = self._merge(answer, head, tail, sent)
                if commit:
                    states.count_commit(path, commit)
            compat36.tell_unstored(self.network, self.files, lines)

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
                own = [(STATE, state), SHORT]
                body = deflated(sent)
                if body is not None:
                    own.append((CODING, DEFLATE))
                fp, headers = self.network.httpreq(
                    path,
                    f"{view}&commit={commit}",
                    sent if body is None else io.BytesIO(body),
                    headers=own,
                )
            with _committed(view), self._answer(path, fp, headers) as answer:
                try:
                    self._merge(answer, head, tail, sent)
                except Incomplete as error:
                    if _is_rehearsal(view):
                        raise _untold(target) from error
                    self._restart()
                    self._take_back(path, head, tail, sent)
                states.count_commit(path, commit)
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
            f"?note={_quoted_note(note)}&name={_quoted(name)}&src={_quoted(source)}&report=1"
        )
        if encoding:
            view += f"&encoding={_quoted(encoding)}"
        with self._submission(target) as sent, compat36.rehearsal(dry_run):
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
        unknown = [line[2:] for line in lines if line.startswith("? ")]
        return [f"not sent: {paths.printable(path)}" for path in unknown]

    @contextmanager
    def _submission(self, target: str) -> Iterator[IO[bytes]]:
        with tempfile.TemporaryFile() as stream:
            Submission(self.metadata, self.files, target)(stream)
            yield stream

    @contextmanager
    def _explained(self, target: str) -> Iterator[None]:
        """Say what to do where a server only says that it failed."""
        try:
            yield
        except ServerRefused as error:
            error.advice = error.advice or compat36.commit_advice(
                self.network, self.metadata, self.files, target
            )
            raise
        except OutOfDate as error:
            error.advice = (
                compat36.site_advice(self.network, error.paths)
                or self._local_advice(target, error.paths)
                or error.advice
            )
            raise

    def _local_advice(self, target: str, found: list[str]) -> str | None:
        """What to do where it is not an update that helps."""
        directory = os.path.dirname(target)
        for path in found:
            with suppress(PathRefused, LimitExceeded):
                local = join(directory, *paths.split_archive_path(path))
                entry = self.metadata.getentry(local)
                shown = paths.printable(local)
                if "conflict" in entry:
                    return (
                        "Nothing was committed. Look at the conflict, then "
                        f"'zsync resolve {shown}', or 'zsync revert' it."
                    )
                if entry.get("flag") == "added" and not self.files.exists(local):
                    return (
                        "Nothing was committed. What is to be added is gone; "
                        f"'zsync revert {shown}' forgets it."
                    )
        return None


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


def _quoted_note(note: str) -> str:
    try:
        size = len(note.encode())
    except UnicodeEncodeError:
        raise Error(
            "the message is no text in the encoding of the locale, "
            f"{sys.getfilesystemencoding()}",
            advice="Nothing was sent. Write it into a file in UTF-8, and use -F FILE.",
        ) from None
    if size > DEFAULT.note_size:
        raise Error(
            f"the message has {size} bytes, which is more than {DEFAULT.note_size}",
            advice="Nothing was sent. Shorten it.",
        )
    return _quoted(note)


def _quoted(text: str) -> str:
    from urllib.parse import quote

    return quote(text, safe="")
